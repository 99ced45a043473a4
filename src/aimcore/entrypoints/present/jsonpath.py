r"""The JSONPath templates of kubectl, as far as people use them: text, paths, `range ... end`, and filters.

{.items[*].name}                                     the names, with spaces between them
{range .items[*]}{.name}{"\\t"}{.status}{"\\n"}{end}   a line each
{.items[?(@.status=="Failed")].name}                 of those that failed
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.present.text import shown

__all__ = ["filled"]

LONGEST: Final = 4096
_PART: Final = re.compile(r"\{((?:[^{}\"']|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')*)\}|([^{}]+)")
_STEP: Final = re.compile(
    r"\.\.(?P<deep>[A-Za-z_][\w-]*)|\.(?P<name>[A-Za-z_][\w-]*|\*)|\[(?P<every>\*)\]|\[(?P<at>-?\d+)\]"
    r"|\[(?P<low>-?\d*):(?P<high>-?\d*)\]|\['(?P<quoted>[^']*)'\]|\[\?\((?P<test>[^()]*)\)\]"
)
_TEST: Final = re.compile(r"@(?P<path>[^\s=!<>]*+)\s*+(?:(?P<sign>==|!=|<=|>=|<|>)(?P<value>.+))?")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}


def filled(template: str, data: Any) -> str:
    r"""The template with the values of `data` in it. Raises `ParseError`.

    >>> filled("{.a[*].b}", {"a": [{"b": 1}, {"b": "x"}]})
    '1 x'
    >>> filled('{range .a[?(@.b>1)]}{.b}{"\\n"}{end}', {"a": [{"b": 1}, {"b": 2}]})
    '2\n'
    """
    parts = _parts(template)
    text, left = _told(parts, data)
    if left:
        raise _wrong(template, "ends a range that none began")
    return text


def _wrong(text: str, problem: str) -> ParseError:
    return ParseError("jsonpath", text, problem=problem, expected="a template such as {.items[*].name}")


def _parts(template: str) -> list[tuple[str, str]]:
    """What stands in braces as `do`, and what stands between as `text`; a template without braces is one path."""
    if len(template) > LONGEST:
        raise _wrong(template, "is too long")
    if "{" not in template:
        return [("do", template.strip())]
    parts: list[tuple[str, str]] = []
    at = 0
    for match in _PART.finditer(template):
        if match.start() != at:
            break
        at = match.end()
        parts.append(("text", match[2]) if match[1] is None else ("do", match[1].strip()))
    if at != len(template):
        raise _wrong(template, "has a brace without its other half")
    return parts


def _told(parts: Sequence[tuple[str, str]], data: Any) -> tuple[str, Sequence[tuple[str, str]]]:
    """The text up to the end of the range, or of everything, and the parts behind that end."""
    out: list[str] = []
    while parts:
        (kind, said), parts = parts[0], parts[1:]
        if kind == "text":
            out.append(said)
        elif said == "end":
            return "".join(out), (("text", ""), *parts)
        elif said.startswith("range "):
            behind: Sequence[tuple[str, str]] | None = None
            for one in _found(said.removeprefix("range "), data):
                text, behind = _told(parts, one)
                out.append(text)
            parts = _behind(parts) if behind is None else behind
        elif said[:1] in ("'", '"'):
            out.append(_literal(said))
        else:
            out.append(" ".join(map(_text, _found(said, data))))
    return "".join(out), ()


def _behind(parts: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """What stands behind the end of a range that nothing was found for."""
    depth = 1
    for number, (kind, said) in enumerate(parts):
        depth += (kind == "do" and said.startswith("range ")) - (kind == "do" and said == "end")
        if not depth:
            return parts[number + 1 :]
    return ()


def _literal(said: str) -> str:
    if len(said) < 2 or said[-1] != said[0]:
        raise _wrong(said, "has a quote without its other half")
    return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[1]), said[1:-1])


def _text(value: Any) -> str:
    return shown(value) if isinstance(value, str) else json.dumps(value)


def _found(path: str, data: Any) -> list[Any]:
    """What the path leads to; nothing where it leads nowhere."""
    values = [data]
    text = path.strip().removeprefix("$").removeprefix("@")
    if text and text[0] not in ".[":
        text = f".{text}"
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            if text[at:] == ".":
                return values
            raise _wrong(path, "cannot be read")
        values = [found for value in values for found in _step(match, value)]
        at = match.end()
    return values


def _step(match: re.Match[str], value: Any) -> Iterator[Any]:
    if match["deep"]:
        yield from _deep(value, match["deep"])
    elif match["every"] or match["name"] == "*":
        yield from _children(value)
    elif match["name"] or match["quoted"] is not None:
        name = match["name"] or match["quoted"]
        if isinstance(value, Mapping) and name in value:
            yield value[name]
    elif not isinstance(value, list):
        return
    elif match["at"]:
        yield from value[int(match["at"]) :][:1]
    elif match["test"] is not None:
        yield from (one for one in value if _passes(match["test"], one))
    else:
        yield from value[slice(*(int(text) if text else None for text in (match["low"], match["high"])))]


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _deep(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, Mapping) and name in value:
        yield value[name]
    for one in _children(value):
        yield from _deep(one, name)


def _passes(test: str, value: Any) -> bool:
    match = _TEST.fullmatch(test.strip())
    if match is None:
        raise _wrong(test, "is no test")
    found = _found(match["path"], value)
    if match["sign"] is None:
        return bool(found)
    wanted = _wanted(match["value"].strip())
    return any(_compares(one, match["sign"], wanted) for one in found)


def _wanted(text: str) -> Any:
    if text[:1] in ("'", '"'):
        return _literal(text)
    try:
        return json.loads(text)
    except ValueError as error:
        raise _wrong(text, "is no value; texts stand in quotes") from error


def _compares(one: Any, sign: str, other: Any) -> bool:
    if sign in ("==", "!="):
        return bool((one == other) == (sign == "=="))
    if isinstance(one, str) is not isinstance(other, str) or None in (one, other):
        return False
    less, same = one < other, one == other
    return bool({"<": less, "<=": less or same, ">": not less and not same, ">=": not less}[sign])
