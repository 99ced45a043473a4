"""What the dry run of an image printed becomes a profile: the weights it would load, and how it would load them (PROFILE-3).

The log of a pod mixes what the program prints with what it logs. The answer is the last JSON list that begins a line and ends
one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from aimcore.domain.errors import ParseError
from aimcore.domain.kinds.statuses import CacheProfile, DiscoveredSource
from aimcore.domain.serving.bodies import canonical
from aimcore.domain.serving.masking import masked
from aimcore.domain.weights.sources import parse_model_id, parse_source_uri

__all__ = ["PRINTED_AT_MOST", "parse_dry_run"]

PRINTED_AT_MOST: Final = 2**20
"""Characters of the log that are looked at."""
_LISTS_AT_MOST: Final = 64
_MODELS_AT_MOST: Final = 32
_SETTINGS_AT_MOST: Final = 64
_SETTING_AT_MOST: Final = 512
_ID_AT_MOST: Final = 253

_WHAT: Final = "dry run"
_BEGINS = re.compile(r"^\[", re.MULTILINE)
_ENDS = re.compile(r"[ \t\r]*(?:\n|\Z)")
_decode = json.JSONDecoder().raw_decode


def parse_dry_run(text: str, *, image: str, selection: str) -> CacheProfile:
    r"""The first profile of the list that `dry-run --format=json` prints; `image` and `selection` are what it was asked of.

    >>> text = 'INFO ready\n[{"models": [{"name": "acme/llama", "source": "hf://acme/llama", "size_gb": 1.5}]}]'
    >>> parse_dry_run(text, image="acme:1", selection="").model_sources
    (DiscoveredSource(model_id='acme/llama', source_uri='hf://acme/llama'),)
    """
    entries = _last_list(text)
    if not entries:
        raise ParseError(_WHAT, "[]", problem="names no profile", expected="one that fits what was asked for")
    entry = _object(entries[0], "$[0]")
    profile = _object(entry.get("profile", {}), "$[0].profile")
    return CacheProfile(
        image=image,
        selection=selection,
        id=_id(entry),
        engine_args=dict(_settings(profile, "engine_args")),
        env_vars=dict(_settings(profile, "env_vars")),
        model_sources=tuple(_models(entry)),
    )


def _last_list(text: str) -> list[Any]:
    if len(text) >= PRINTED_AT_MOST:
        raise ParseError(_WHAT, "$", problem="is too long", expected=f"less than {PRINTED_AT_MOST} characters")
    begins = [found.start() for found in _BEGINS.finditer(text)][-_LISTS_AT_MOST:]
    for begin in reversed(begins):
        try:
            value, end = _decode(text, begin)
        except (ValueError, RecursionError):
            continue  # a line of a logger may begin so, too
        if _ENDS.match(text, end):
            found: list[Any] = value
            return found
    raise ParseError(_WHAT, "$", problem="prints no JSON list", expected="[{profile, models}]")


def _models(entry: dict[str, Any]) -> Iterator[DiscoveredSource]:
    """The sources, each once: two folders of one name cannot stand on a volume."""
    listed = entry.get("models")
    if not isinstance(listed, list):
        raise _wrong("$[0].models", listed, "a list of {name, source}")
    if len(listed) > _MODELS_AT_MOST:
        raise ParseError(
            _WHAT, "$[0].models", problem=f"has {len(listed)} models", expected=f"at most {_MODELS_AT_MOST}"
        )
    seen: set[str] = set()
    for place, one in enumerate(listed):
        at = f"$[0].models[{place}]"
        name, source = (_text(_object(one, at), field, at) for field in ("name", "source"))
        parse_source_uri(source)
        if parse_model_id(name) in seen:
            raise ParseError(_WHAT, f"{at}.name", problem="repeats the name of a model before it", expected="each once")
        seen.add(name)
        yield DiscoveredSource(model_id=name, source_uri=source)


def _id(entry: dict[str, Any]) -> str | None:
    """The profile is called after its file."""
    name = entry.get("filename")
    if not isinstance(name, str):
        return None
    return name.rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")[:_ID_AT_MOST] or None


def _settings(profile: dict[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """The first of them, for people to read; what is too long is left out."""
    settings = _object(profile.get(name) or {}, f"$[0].profile.{name}")
    for key, value in sorted(settings.items())[:_SETTINGS_AT_MOST]:
        text = value if name == "env_vars" and isinstance(value, str) else _said(value)
        if len(key) + len(text) <= _SETTING_AT_MOST:
            yield _shown(key), _shown(text)


def _shown(text: str) -> str:
    """As it may stand in a status: without what looks like a credential, and of characters that UTF-8 has."""
    return masked(text).encode(errors="replace").decode()


def _said(value: Any) -> str:
    try:
        return canonical(value)
    except (ValueError, RecursionError):  # NaN and Infinity, which Python reads and JSON does not know
        return str(value)


def _object(value: Any, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(at, value, "a JSON object")
    return value


def _text(entry: dict[str, Any], name: str, at: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        raise _wrong(f"{at}.{name}", value, "a text")
    return value


def _wrong(at: str, value: Any, expected: str) -> ParseError:
    return ParseError(_WHAT, at, problem="is missing" if value is None else "is of another type", expected=expected)
