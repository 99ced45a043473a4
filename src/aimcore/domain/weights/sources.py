"""Where weights come from, and which environment they are read with (KIND-6, SIZE-1, SEC-5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from aimcore.domain.errors import ParseError, quoted
from aimcore.domain.values.quantity import Quantity

__all__ = [
    "VARIABLES",
    "ConfigMapKeyRef",
    "EnvVar",
    "FieldRef",
    "HuggingFaceUri",
    "ModelSource",
    "ResourceFieldRef",
    "S3Uri",
    "SecretKeyRef",
    "SourceUri",
    "endpoint_like_bucket",
    "merge_env",
    "parse_model_id",
    "parse_source_uri",
]

MODEL_ID = r"^[a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+$"
_MODEL_ID = re.compile(MODEL_ID)
_HUB_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*/[a-zA-Z0-9][a-zA-Z0-9._-]*(?:@[a-zA-Z0-9][a-zA-Z0-9._/-]*)?")
_HUB_PATH = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*/[a-zA-Z0-9][a-zA-Z0-9._-]*/")
_NOT_IN_A_BUCKET = re.compile(r"[^a-zA-Z0-9._-]")
_NOT_IN_A_KEY = re.compile(r"[\x00-\x1f\x7f]")
_NOT_IN_A_HUB_ID = re.compile(r"[^a-zA-Z0-9._/@-]")
SHORTEST_BUCKET, LONGEST_BUCKET = 3, 255
LONGEST_MODEL_ID = 200
LONGEST_URI = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKeyRef:
    """One key of a Secret in the same namespace."""

    name: str
    key: str
    optional: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigMapKeyRef:
    """One key of a ConfigMap in the same namespace."""

    name: str
    key: str
    optional: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRef:
    """A field of the pod that will run."""

    field_path: str
    api_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFieldRef:
    """A resource of the container that will run."""

    resource: str
    container_name: str | None = None
    divisor: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvVar:
    """One environment variable: a literal `value`, or `value_from` somewhere else."""

    name: str
    value: str | None = None
    value_from: SecretKeyRef | ConfigMapKeyRef | FieldRef | ResourceFieldRef | None = None

    def __repr__(self) -> str:
        """Names the variable and hides its literal value, which may be a credential (SEC-1)."""
        shown = "" if self.value is None else ", value=..."
        origin = "" if self.value_from is None else f", value_from={self.value_from!r}"
        return f"EnvVar(name={self.name!r}{shown}{origin})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """Weights: what they are called, where they are, how big they are if known, and what it takes to read them."""

    model_id: str
    source_uri: str
    size: Quantity | None = None
    env: tuple[EnvVar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HuggingFaceUri:
    """`hf://org/name[@revision]`."""

    repository: str
    revision: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Uri:
    """`s3://bucket/key`."""

    bucket: str
    key: str


SourceUri = HuggingFaceUri | S3Uri


def parse_model_id(text: str) -> str:
    """`text` itself when it is an `org/name` identifier; ParseError else."""
    if len(text) > LONGEST_MODEL_ID:
        raise ParseError("model id", text, problem="is too long", expected=f"at most {LONGEST_MODEL_ID} characters")
    if not _MODEL_ID.fullmatch(text):
        raise ParseError("model id", text, problem="is not of the form org/name", expected=f"a match of {MODEL_ID}")
    return text


def parse_source_uri(text: str) -> SourceUri:
    """The source that `text` names.

    >>> parse_source_uri("hf://meta-llama/Llama-3-8B@main")
    HuggingFaceUri(repository='meta-llama/Llama-3-8B', revision='main')
    >>> parse_source_uri("gs://b/k")
    Traceback (most recent call last):
    aimcore.domain.errors.ParseError: source URI 'gs://b/k' has scheme 'gs'; expected 'hf' or 's3'
    """
    if len(text) > LONGEST_URI:
        raise ParseError("source URI", text, problem="is too long", expected=f"at most {LONGEST_URI} characters")
    scheme, separator, rest = text.partition("://")
    if not separator:
        raise ParseError("source URI", text, problem="has no scheme", expected="hf://org/name or s3://bucket/key")
    match scheme:
        case "hf":
            return _hugging_face(text, rest)
        case "s3":
            return _s3(text, rest)
        case _:
            raise ParseError("source URI", text, problem=f"has scheme {scheme[:20]!a}", expected="'hf' or 's3'")


def _hugging_face(text: str, rest: str) -> HuggingFaceUri:
    if strange := _NOT_IN_A_HUB_ID.search(rest):
        problem = f"has the character {quoted(strange[0])} in its repository or revision"
        raise ParseError("source URI", text, problem=problem, expected="letters, digits, '.', '_' and '-'")
    expected = "hf://org/name or hf://org/name@revision"
    if _HUB_PATH.match(rest):
        expected = f"{expected}, and files in download.include of a runtime config or in --include"
        raise ParseError("source URI", text, problem="has a path behind its repository", expected=expected)
    if not _HUB_ID.fullmatch(rest) or ".." in rest:
        raise ParseError("source URI", text, problem="names no repository", expected=expected)
    repository, _, revision = rest.partition("@")
    return HuggingFaceUri(repository=repository, revision=revision or None)


def _s3(text: str, rest: str) -> S3Uri:
    """A bucket as any store may have one: those of AWS, of its early years, of Google Cloud Storage and of Ceph."""
    bucket, _, key = rest.partition("/")
    problem, expected = "", "s3://bucket/key"
    if not bucket:
        problem = "names no bucket"
    elif strange := _NOT_IN_A_BUCKET.search(bucket):
        problem = f"has the character {quoted(strange[0])} in its bucket"
        expected = "letters, digits, '.', '_' and '-'"
    elif not SHORTEST_BUCKET <= len(bucket) <= LONGEST_BUCKET:
        problem = f"has a bucket that is too {'short' if len(bucket) < SHORTEST_BUCKET else 'long'}"
        expected = f"{SHORTEST_BUCKET} to {LONGEST_BUCKET} characters"
    elif bucket[0] in ".-" or bucket[-1] in ".-" or ".." in bucket:
        problem = "has a '.' or '-' at an end of its bucket, or '..' in it"
        expected = "a letter, a digit or '_' there"
    elif not key:
        problem = "names no key in the bucket"
    elif strange := _NOT_IN_A_KEY.search(key):
        problem, expected = f"has the control character {quoted(strange[0])} in its key", "none"
    if problem:
        raise ParseError("source URI", text, problem=problem, expected=expected)
    return S3Uri(bucket=bucket, key=key)


def endpoint_like_bucket(uri: SourceUri) -> str | None:
    """The bucket of `uri` when it looks like the host of a storage service rather than a bucket (SIZE-1)."""
    if not isinstance(uri, S3Uri):
        return None
    looks = uri.bucket.startswith("s3.") or uri.bucket.endswith(".amazonaws.com")
    return uri.bucket if looks else None


def merge_env(*layers: tuple[EnvVar, ...]) -> tuple[EnvVar, ...]:
    """One environment by name, strongest layer first; names keep the order in which they first appear.

    >>> merge_env((EnvVar(name="A", value="1"),), (EnvVar(name="A", value="2"), EnvVar(name="B", value="3")))
    (EnvVar(name='A', value=...), EnvVar(name='B', value=...))
    """
    merged: dict[str, EnvVar] = {}
    for layer in layers:
        for variable in layer:
            merged.setdefault(variable.name, variable)
    return tuple(merged.values())


VARIABLES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "hf": frozenset({"HF_ENDPOINT", "HF_TOKEN"}),
        "s3": frozenset(
            {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
            | {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"}
        ),
    }
)
"""What of its environment a source is read with, by scheme; no secret is read for the rest of it (SEC-5)."""
