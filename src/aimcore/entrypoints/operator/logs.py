"""What the operator says while it runs: a line an event, as text for people or as JSON for programs.

Names and messages of others are escaped, so that no line can be forged (SEC-1, A15); no record carries a secret.
"""

from __future__ import annotations

import json
import logging
import time
from typing import IO, Final

__all__ = ["set_up_logs"]

_FIELDS: Final = ("action", "object", "rule", "status", "error")


def set_up_logs(form: str, level: str, stream: IO[str]) -> None:
    """Sends what `aimcore` logs to `stream`; `form` is `text` or `json`, `level` a name that `logging` knows."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Json() if form == "json" else _Text())
    logger = logging.getLogger("aimcore")
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False


def _extras(record: logging.LogRecord) -> dict[str, str]:
    return {name: str(getattr(record, name)) for name in _FIELDS if hasattr(record, name)}


def _time(record: logging.LogRecord) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03}Z"


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        extras = "".join(f" {name}={_plain(value)}" for name, value in _extras(record).items())
        line = f"{_time(record)} {record.levelname:<7} {_escaped(record.getMessage())}{extras}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"time": _time(record), "level": record.levelname.lower(), "message": record.getMessage()}
        line |= _extras(record)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def _plain(value: str) -> str:
    """The value as it is where it is one word, else quoted."""
    return value if value.isascii() and value.isprintable() and " " not in value and value else json.dumps(value)


def _escaped(text: str) -> str:
    return text if text.isascii() and text.isprintable() else json.dumps(text)[1:-1]
