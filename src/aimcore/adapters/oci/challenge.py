"""What a registry says about how to log in: its `WWW-Authenticate`, read in one pass over a bounded text (RFC 9110, 11.6.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Challenge", "parse_challenges", "ways_in"]

_TEXT_AT_MOST: Final = 8192
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
# The possessive quantifiers leave one way to match, so a pass is linear. What stands where a value may is a parameter's, and
# any other word begins a challenge. What is neither, as the token that Negotiate sends along, is passed over.
_PIECE: Final = re.compile(
    rf"""[ \t,]*+(?:
        (?P<name>{_WORD})[ \t]*+=[ \t]*+(?:"(?P<quoted>(?:[^"\\]++|\\.)*+)"|(?P<plain>[^\s",]++))
        | (?P<scheme>{_WORD})(?![^ \t,])
        | [^ \t,]++
    )""",
    re.VERBOSE,
)
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One way to log in: the `scheme` and the names of its `parameters` in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """The challenges of a header, as far as it can be read; of a parameter that stands twice, the first.

    A text longer than 8,192 characters holds none. Nothing is raised: what cannot be read offers no way to log in.

    >>> [each.scheme for each in parse_challenges('Basic realm="a, b", Bearer realm="https://x/t",service=x')]
    ['basic', 'bearer']
    """
    if len(header) > _TEXT_AT_MOST:
        return ()
    found: list[tuple[str, dict[str, str]]] = []
    at = 0
    while piece := _PIECE.match(header, at):
        at = piece.end()
        if piece["scheme"] is not None:
            found.append((piece["scheme"].lower(), {}))
        elif found and piece["name"] is not None:
            value = piece["plain"] if piece["quoted"] is None else _ESCAPED.sub(r"\1", piece["quoted"])
            found[-1][1].setdefault(piece["name"].lower(), value)
    return tuple(Challenge(scheme=scheme, parameters=parameters) for scheme, parameters in found)


def ways_in(header: str) -> tuple[Challenge, ...]:
    """The logins that a header offers and that are known here, one of each sort: a token before a password.

    >>> [each.scheme for each in ways_in('Basic realm="a", Negotiate, Bearer realm="https://x/t"')]
    ['bearer', 'basic']
    """
    offered = parse_challenges(header)
    tokens = [each for each in offered if each.scheme == "bearer" and "realm" in each.parameters]
    return (*tokens[:1], *[each for each in offered if each.scheme == "basic"][:1])
