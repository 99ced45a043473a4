"""An image reference: every text a container runtime accepts, taken apart and made comparable (LOOK-4).

`str()` is the normal form, the same for all spellings of one image: Docker Hub is `docker.io`, its official images are
in `library/`, a host stands in lower case, and a reference with neither tag nor digest means `:latest`. Reading takes time
linear in the text: its length is bounded first, and no pattern here can match one text in two ways.

Two differences from the reference implementation, on purpose: where the first part must be a registry and is no host name,
as in `a_b.io/x`, that one answers an image without a registry, and this one refuses; and that one leaves a host in capitals,
so that `GHCR.IO/x` and `ghcr.io/x` are two, though one server answers to both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache, total_ordering
from typing import NoReturn

from aimcore.domain.errors import ParseError, quoted

__all__ = ["ImageReference", "parse_image"]

TEXT_AT_MOST = 1024
REPOSITORY_AT_MOST = 255

DOCKER_HUB = "docker.io"
DOCKER_HUB_OF_OLD = "index.docker.io"
OFFICIAL = "library/"
DEFAULT_TAG = "latest"

_HOST_PART = r"[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+"
_REGISTRY = re.compile(rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*+|\[[a-fA-F0-9:]++\])(?::[0-9]++)?")
_PATH_PART = r"[a-z0-9]++(?:(?:\.|__?|-++)[a-z0-9]++)*+"
_REPOSITORY = re.compile(rf"{_PATH_PART}(?:/{_PATH_PART})*+")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}")
_BARE_IDENTIFIER = re.compile(r"[a-f0-9]{64}")


@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """One image, normalised, as `parse_image` makes it; two are equal exactly when their texts are.

    `registry` is a host with an optional port, `repository` the path within it. `tag` is absent only beside a digest;
    a reference that carries both keeps both, and the digest is the one that counts: `identity` leaves the tag out.
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        tag = "" if self.tag is None else f":{self.tag}"
        digest = "" if self.digest is None else f"@{self.digest}"
        return f"{self.registry}/{self.repository}{tag}{digest}"

    @property
    def identity(self) -> str:
        """The text by which images are compared and named: a digest says all, and no tag beside it (LOOK-4, NAME-5).

        >>> parse_image("nginx:1.25@sha256:" + "0" * 64).identity == parse_image("nginx@sha256:" + "0" * 64).identity
        True
        """
        return str(self if self.digest is None else replace(self, tag=None))

    def __lt__(self, other: ImageReference) -> bool:
        return str(self) < str(other)


def parse_image(text: str) -> ImageReference:
    """The image a text names, or a `ParseError` that says which part is wrong.

    >>> str(parse_image("nginx"))
    'docker.io/library/nginx:latest'
    >>> str(parse_image("GHCR.io/silogen/aim"))
    'ghcr.io/silogen/aim:latest'
    >>> parse_image("ghcr.io/silogen/aim:0.7.0").tag
    '0.7.0'
    >>> parse_image("ghcr.io/Silogen/aim")
    Traceback (most recent call last):
    ...
    aimcore.domain.errors.ParseError: image reference 'ghcr.io/Silogen/aim' has the repository 'Silogen/aim'; expected \
lower-case letters and digits, joined by '.', '_', '__', '-' and '/'
    """
    if len(text) > TEXT_AT_MOST:
        raise ParseError("image reference", text, problem="is too long", expected=f"at most {TEXT_AT_MOST} characters")
    return _parse(text)


@lru_cache(maxsize=4096)  # the same images come back in every round
def _parse(text: str) -> ImageReference:
    if not text or "://" in text:
        problem = "has a scheme" if text else "is empty"
        raise ParseError("image reference", text, problem=problem, expected="a name such as ghcr.io/org/name:tag")
    if _BARE_IDENTIFIER.fullmatch(text):
        raise ParseError("image reference", text, problem="is a bare image id", expected="a name, or name@sha256:...")
    registry, rest = _split_registry(text)
    rest, at, digest = rest.partition("@")
    repository, colon, tag = rest.partition(":")
    if not _REGISTRY.fullmatch(registry):
        _refuse(text, part="registry", found=registry, expected="a host name or [IPv6 address] with an optional port")
    if not _REPOSITORY.fullmatch(repository):
        expected = "lower-case letters and digits, joined by '.', '_', '__', '-' and '/'"
        _refuse(text, part="repository", found=repository, expected=expected)
    if len(repository) > REPOSITORY_AT_MOST:
        _refuse(text, part="repository", found=repository, expected=f"at most {REPOSITORY_AT_MOST} characters")
    if colon and not _TAG.fullmatch(tag):
        expected = "1 to 128 letters, digits, '_', '.' or '-', not beginning with '.' or '-'"
        _refuse(text, part="tag", found=tag, expected=expected)
    if at and not _DIGEST.fullmatch(digest):
        expected = "sha256, sha384 or sha512, a colon, and the digest in lower-case hexadecimal digits"
        _refuse(text, part="digest", found=digest, expected=expected)
    return ImageReference(
        registry=registry,
        repository=repository,
        tag=tag if colon else None if at else DEFAULT_TAG,
        digest=digest if at else None,
    )


def _split_registry(text: str) -> tuple[str, str]:
    """The registry and what is left: a first part is a registry when it could not be a path on Docker Hub."""
    first, slash, rest = text.partition("/")
    if not slash:
        return DOCKER_HUB, OFFICIAL + text
    host = first.lower()
    if host != "localhost" and "." not in host and ":" not in host:
        # only its capitals say that this is a registry, so they stay: in lower case it would be read as a path
        return (DOCKER_HUB, text) if host == first else (first, rest)
    if host in {DOCKER_HUB, DOCKER_HUB_OF_OLD}:
        return DOCKER_HUB, rest if "/" in rest else OFFICIAL + rest
    return host, rest


def _refuse(text: str, *, part: str, found: str, expected: str) -> NoReturn:
    problem = f"has the {part} {quoted(found)}" if found else f"has an empty {part}"
    raise ParseError("image reference", text, problem=problem, expected=expected)
