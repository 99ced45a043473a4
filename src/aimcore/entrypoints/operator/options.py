"""How an operator runs, once, as one frozen value: flags first, then AIM_* of the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from aimcore.domain.errors import ParseError
from aimcore.domain.values.kubenames import is_dns1123_label

__all__ = ["Options"]

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
_INTERVAL: Final = re.compile(r"(?P<count>[0-9]{1,6})(?P<unit>[smh]?)")
_DIGITS: Final = re.compile(r"[0-9]{1,6}")


def _seconds(text: str | float) -> float:
    if not isinstance(text, str):
        return text
    found = _INTERVAL.fullmatch(text.strip())
    if found is None:
        raise ParseError("interval", text, problem="is malformed", expected="0, or a number with s, m or h: 6h")
    return float(found["count"]) * _SECONDS.get(found["unit"], 1)


def _names(text: str | tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(text, str):
        return text
    names = tuple(word for part in text.split(",") if (word := part.strip()))
    for name in names:
        if not is_dns1123_label(name):
            expected = "names of namespaces, with commas between them"
            raise ParseError("namespaces", name, problem="names no namespace", expected=expected)
    return names


def _workers(number: str | int) -> int:
    return _whole("workers", number, 1, 64)


def _port(number: str | int) -> int:
    return _whole("port", number, 0, 2**16 - 1)


def _whole(what: str, number: str | int, least: int, most: int) -> int:
    text = str(number).strip()
    if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
        raise ParseError(what, text, problem="is out of range", expected=f"a whole number from {least} to {most}")
    return int(text)


def _log_format(text: str) -> str:
    return _one_of("log format", text, ("text", "json"))


def _log_level(text: str) -> str:
    return _one_of("log level", text, ("debug", "info", "warning", "error"))


def _one_of(what: str, text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise ParseError(what, text, problem="is unknown", expected=f"{', '.join(known[:-1])} or {known[-1]}")
    return text


@define(frozen=True, kw_only=True)
class Options:
    """How an operator runs.

    With `embedded` it runs on a cluster in memory that is fed from those folders, and reads images from the folders of `images`
    if there are any. `namespaces` are those it looks after, all and the cluster's own objects if there are none; `workers` write at once. A port of 0
    is not listened on. `recheck` is in seconds, after which a tag is looked at again, 0 for never (DISC-3). Without
    `elect` it leads whether or not another does. Raises `ParseError` for a value that cannot be right.
    """

    kubeconfig: str | None = None
    context: str | None = None
    embedded: tuple[Path, ...] = ()
    images: tuple[Path, ...] = ()
    namespaces: tuple[str, ...] = field(default=(), converter=_names)
    workers: int = field(default=16, converter=_workers)
    metrics_port: int = field(default=8080, converter=_port)
    health_port: int = field(default=8081, converter=_port)
    log_format: str = field(default="text", converter=_log_format)
    log_level: str = field(default="info", converter=_log_level)
    recheck: float = field(default=6 * 3600.0, converter=_seconds)
    elect: bool = True

    @classmethod
    def of(cls, environment: Mapping[str, str], **said: Any) -> Options:
        """What was said (None where nothing was), and the environment where it is silent; an empty variable counts as unset."""
        heard = {name: environment.get(variable) for name, variable in _VARIABLES.items()}
        values: dict[str, Any] = {name: value for name, value in heard.items() if value}
        return cls(**values | {name: value for name, value in said.items() if value is not None})


_VARIABLES: Final = {
    "namespaces": "AIM_NAMESPACES",
    "workers": "AIM_WORKERS",
    "metrics_port": "AIM_METRICS_PORT",
    "health_port": "AIM_HEALTH_PORT",
    "log_format": "AIM_LOG_FORMAT",
    "log_level": "AIM_LOG_LEVEL",
    "recheck": "AIM_RECHECK_INTERVAL",
}
