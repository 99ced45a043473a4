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


def _of_uri(cel: str, problem: str, *, told: str = "") -> _Said:
    """`problem` is a sentence without its subject; `told` says it as CEL does, where it quotes more than the text itself."""
    expression = f'"source URI \'" + self + "\' {told or problem}"'
    return _Said(cel=cel, message=f"source URI {problem}", expression=expression)


_FORM = "^[a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+$"
MODEL_ID = (
    _Said(
        cel=f"self.matches('{_FORM}')",
        message="model id is not of the form org/name",
        expression=f'"model id \'" + self + "\' is not of the form org/name; expected a match of {_FORM}"',
    ),
)

_HUB = "!self.startsWith('hf://')"
_PATH = "self.substring(5)"
_NO_HUB_CHARACTER = "[^a-zA-Z0-9._/@-]"
_REPOSITORY = "^hf://[a-zA-Z0-9][a-zA-Z0-9._-]*/[a-zA-Z0-9][a-zA-Z0-9._-]*(@[a-zA-Z0-9][a-zA-Z0-9._/-]*)?$"
_WITH_A_PATH = "self.matches('^hf://[a-zA-Z0-9][a-zA-Z0-9._-]*/[a-zA-Z0-9][a-zA-Z0-9._-]*/')"
_REPOSITORIES = "expected hf://org/name or hf://org/name@revision"
_NAMES = "expected letters, digits, '.', '_' and '-'"

_S3 = "!self.startsWith('s3://')"
_BUCKET = "self.split('/')[2]"
_NO_BUCKET_CHARACTER = "[^a-zA-Z0-9._-]"
_WELL_NAMED = "^[a-zA-Z0-9_][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9_]$"
_NO_BUCKET = f"{_S3} || !{_BUCKET}.matches('{_WELL_NAMED}') || {_BUCKET}.contains('..')"
_CONTROL = r"[\\x00-\\x1f\\x7f]"
_BETWEEN = "expected 3 to 255 characters"

SOURCE_URI = (
    _of_uri("self.contains('://')", "has no scheme; expected hf://org/name or s3://bucket/key"),
    _Said(
        cel="!self.contains('://') || self.startsWith('hf://') || self.startsWith('s3://')",
        message="source URI has another scheme; expected 'hf' or 's3'",
        expression="\"source URI '\" + self + \"' has scheme '\" + self.split('://')[0] + \"'; expected 'hf' or 's3'\"",
    ),
    _of_uri(
        f"{_HUB} || !{_PATH}.matches('{_NO_HUB_CHARACTER}')",
        f"has a character in its repository or revision that none may have; {_NAMES}",
        told=f"has the character '\" + {_PATH}.find('{_NO_HUB_CHARACTER}') + \"' in its repository or revision; {_NAMES}",
    ),
    _of_uri(
        f"{_HUB} || {_PATH}.matches('{_NO_HUB_CHARACTER}') || !{_WITH_A_PATH}",
        f"has a path behind its repository; {_REPOSITORIES}, and files in download.include of a runtime config "
        "or in --include",
    ),
    _of_uri(
        f"{_HUB} || {_PATH}.matches('{_NO_HUB_CHARACTER}') || {_WITH_A_PATH} || "
        f"(!self.contains('..') && self.matches('{_REPOSITORY}'))",
        f"names no repository; {_REPOSITORIES}",
    ),
    _of_uri(f"{_S3} || {_BUCKET} != ''", "names no bucket; expected s3://bucket/key"),
    _of_uri(
        f"{_S3} || !{_BUCKET}.matches('{_NO_BUCKET_CHARACTER}')",
        f"has a character in its bucket that none may have; {_NAMES}",
        told=f"has the character '\" + {_BUCKET}.find('{_NO_BUCKET_CHARACTER}') + \"' in its bucket; {_NAMES}",
    ),
    _of_uri(
        f"{_S3} || {_BUCKET} == '' || {_BUCKET}.matches('{_NO_BUCKET_CHARACTER}') || "
        f"(size({_BUCKET}) >= 3 && size({_BUCKET}) <= 255)",
        f"has a bucket that is too short or too long; {_BETWEEN}",
        told=f'has a bucket that is too " + (size({_BUCKET}) < 3 ? "short" : "long") + "; {_BETWEEN}',
    ),
    _of_uri(
        f"{_S3} || !{_BUCKET}.matches('^[a-zA-Z0-9._-]{{3,255}}$') || "
        f"({_BUCKET}.matches('^[a-zA-Z0-9_].*[a-zA-Z0-9_]$') && !{_BUCKET}.contains('..'))",
        "has a '.' or '-' at an end of its bucket, or '..' in it; expected a letter, a digit or '_' there",
    ),
    _of_uri(
        f"{_NO_BUCKET} || size(self) > 6 + size({_BUCKET})", "names no key in the bucket; expected s3://bucket/key"
    ),
    _of_uri(
        f"{_NO_BUCKET} || !self.matches('{_CONTROL}')",
        "has a control character in its key; expected none",
        told=f"has the control character '\" + self.find('{_CONTROL}') + \"' in its key; expected none",
    ),
)


def said_in_cel(rules: tuple[_Said, ...]) -> Mapping[str, Any]:
    """The `x-kubernetes-validations` of a text, for its schema."""
    return {
        "x-kubernetes-validations": [
            {"rule": one.cel, "message": one.message, "messageExpression": one.expression} for one in rules
        ]
    }
