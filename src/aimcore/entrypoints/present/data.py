"""Values as JSON and YAML: indented, in the order given, ASCII throughout, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii
from typing import Any

__all__ = ["json_text", "yaml_text"]


def json_text(value: Any) -> str:
    r"""`value` as indented JSON, a line at its end.

    Several times as fast as `json.dumps(indent=2)`, which indents in Python what only C encodes quickly.

    >>> print(json_text({"a": [1, {"b": None}], "c": []}), end="")
    {
      "a": [
        1,
        {
          "b": null
        }
      ],
      "c": []
    }
    """
    # DEL is ASCII, so the encoder leaves it; a terminal need not take it for text.
    return _written(value, "\n").replace("\x7f", "\\u007f") + "\n"


def _written(value: Any, newline: str) -> str:
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    inner = f"{newline}  "
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        members = [f"{encode_basestring_ascii(key)}: {_written(member, inner)}" for key, member in value.items()]
        return f"{{{inner}{f',{inner}'.join(members)}{newline}}}"
    if isinstance(value, list | tuple):
        if not value:
            return "[]"
        items = [_written(item, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(items)}{newline}]"
    return _PLAIN[value] if value is None or isinstance(value, bool) else json.dumps(value, allow_nan=False)


_PLAIN = {None: "null", True: "true", False: "false"}


def yaml_text(value: Any) -> str:
    r"""`value` as YAML, by way of JSON: what several places share is written out at each, without anchors.

    >>> shared = {"b": "y", "c": "089"}
    >>> print(yaml_text({"a": shared, "d": shared}), end="")
    a:
      b: 'y'
      c: '089'
    d:
      b: 'y'
      c: '089'
    """
    import yaml  # noqa: PLC0415 - 30 ms that only those pay who ask for YAML

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # which of the two is for the machine to say
        """Quotes whatever Kubernetes' reader of YAML takes for something else than text, and PyYAML does not."""

    def text(dumper: Any, value: str) -> Any:
        quoted = value.lower() in _WORDS or value[:1] in _NUMERIC
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="'" if quoted else None)

    Dumper.add_representer(str, text)
    plain = json.loads(json.dumps(value))
    written: str = yaml.dump(plain, Dumper=Dumper, sort_keys=False, allow_unicode=False)
    return written


_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"})
_NUMERIC = frozenset("+-.0123456789")
