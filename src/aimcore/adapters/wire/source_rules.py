"""What the domain's parsers of model ids and source URIs ask for, said in CEL with their messages (KIND-3, KIND-6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["MODEL_ID", "SOURCE_URI", "said_in_cel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One thing that a parser refuses: the rule, the message without the text, and the message as a CEL expression."""

    cel: str
    message: str
    expression: str


def _quoting(what: str, problem: str) -> str:
    """The message of a ParseError, as CEL says it of `self`."""
    return f'"{what} \'" + self + "\' {problem}"'


_FORM = "^[a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+$"
_BUCKET = "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/|$)"
_REPOSITORY = "^hf://[a-zA-Z0-9][a-zA-Z0-9._-]*/[a-zA-Z0-9][a-zA-Z0-9._-]*(@[a-zA-Z0-9][a-zA-Z0-9._/-]*)?$"
_KEY = r"^s3://[^/]+/[^\\x00-\\x20\\x7f]+$"


def _of_uri(cel: str, problem: str) -> _Said:
    return _Said(cel=cel, message=f"source URI {problem}", expression=_quoting("source URI", problem))


MODEL_ID = (
    _Said(
        cel=f"self.matches('{_FORM}')",
        message="model id is not of the form org/name",
        expression=_quoting("model id", f"is not of the form org/name; expected a match of {_FORM}"),
    ),
)

SOURCE_URI = (
    _of_uri("self.contains('://')", "has no scheme; expected hf://org/name or s3://bucket/key"),
    _Said(
        cel="!self.contains('://') || self.startsWith('hf://') || self.startsWith('s3://')",
        message="source URI has another scheme; expected 'hf' or 's3'",
        expression="\"source URI '\" + self + \"' has scheme '\" + self.split('://')[0] + \"'; expected 'hf' or 's3'\"",
    ),
    _of_uri(
        f"!self.startsWith('hf://') || (!self.contains('..') && self.matches('{_REPOSITORY}'))",
        "names no repository; expected hf://org/name or hf://org/name@revision",
    ),
    _of_uri(
        f"!self.startsWith('s3://') || (self.matches('{_BUCKET}') && !self.split('/')[2].contains('..'))",
        "names no bucket; expected s3://bucket/key",
    ),
    _of_uri(
        f"!self.matches('{_BUCKET}') || self.split('/')[2].contains('..') || self.matches('{_KEY}')",
        "names no key in the bucket; expected s3://bucket/key",
    ),
)


def said_in_cel(rules: tuple[_Said, ...]) -> Mapping[str, Any]:
    """The `x-kubernetes-validations` of a text, for its schema."""
    return {
        "x-kubernetes-validations": [
            {"rule": one.cel, "message": one.message, "messageExpression": one.expression} for one in rules
        ]
    }
