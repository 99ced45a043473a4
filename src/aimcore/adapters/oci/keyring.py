"""Pull secrets become credentials, and an image finds those that are meant for it, as the kubelet does it.

A document is `{"auths": {KEY: ENTRY}}` or, older, `{KEY: ENTRY}`. A key is a host with an optional port, scheme and path:
`ghcr.io`, `https://quay.io/v2/`, `registry.local:5000/team`. It fits an image of that very host and port whose repository is
the path or lies under it. The longest path comes first; of equal ones, the first secret. Unlike the kubelet's, hosts are
exact: `*` matches nothing, as a wildcard hands a password to hosts its owner never thought of; and a path ends where a name
ends, so that `team` does not fit `team-b/x`.

Nothing but names and passwords is read: no helper program is run, whatever `credHelpers` or `credsStore` say (SEC-2).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Final

from aimcore.adapters.oci.content import ContentError, parse_object
from aimcore.domain.errors import AimError, quoted
from aimcore.domain.values.image import DOCKER_HUB, ImageReference
from aimcore.ports.secrets import PullSecret

__all__ = ["Credential", "Keyring", "KeyringError", "parse_keyring"]

_DOCUMENT_AT_MOST: Final = 1024 * 1024  # what Kubernetes allows a secret
_ENTRIES_AT_MOST: Final = 1024

_LEGACY: Final = "kubernetes.io/dockercfg"
_HUB_NAMES: Final = frozenset({DOCKER_HUB, "index.docker.io", "registry-1.docker.io"})
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
_VERSION: Final = re.compile(r"/v[12]/")


class KeyringError(AimError):
    """A pull secret is no docker config. The message names the secret and shows nothing of it."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A name and a password from the pull secret called `secret`; `repr` does not show them (SEC-1)."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    secret: str = field(compare=False)

    @cached_property
    def basic(self) -> str:
        """The `Authorization` of the Basic scheme."""
        return f"Basic {base64.b64encode(f'{self.username}:{self.password}'.encode()).decode('ascii')}"

    @cached_property
    def fingerprint(self) -> str:
        """What tells this credential from others and tells nothing of it: `sha256` of the two."""
        return sha256(self.basic.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    host: str
    path: str

    def fits(self, image: ImageReference) -> bool:
        return self.host == _host(image.registry) and f"{image.repository}/".startswith(
            f"{self.path}/" * bool(self.path)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The credentials of some pull secrets, each with the key it was filed under, in their order."""

    entries: tuple[tuple[_Key, Credential], ...] = ()

    def find(self, image: ImageReference) -> tuple[Credential, ...]:
        """Those for `image`, the longest path first; each one once."""
        fitting = [(key, credential) for key, credential in self.entries if key.fits(image)]
        fitting.sort(key=lambda found: -len(found[0].path))
        return tuple(dict.fromkeys(credential for _, credential in fitting))


def parse_keyring(secrets: Sequence[PullSecret]) -> Keyring:
    """The credentials of `secrets`, in order. An entry that cannot be used is passed over, as the kubelet does.

    Raises `KeyringError` for a document that is none, is too large, or has too many entries.

    >>> from aimcore.domain.values.image import parse_image
    >>> document = b'{"auths": {"ghcr.io": {"username": "ada", "password": "s3cret"}}}'
    >>> secret = PullSecret(name="team/pull", type="kubernetes.io/dockerconfigjson", document=document)
    >>> parse_keyring([secret]).find(parse_image("ghcr.io/acme/llm"))
    (Credential(secret='team/pull'),)
    >>> parse_keyring([secret]).find(parse_image("ghcr.io.evil.example/acme/llm"))
    ()
    """
    return Keyring(entries=tuple(found for secret in secrets for found in _entries(secret)))


def _entries(secret: PullSecret) -> Iterator[tuple[_Key, Credential]]:
    for text, entry in _auths(secret).items():
        key, pair = _key(text), _pair(entry) if isinstance(entry, dict) else None
        if key is not None and pair is not None:
            username, password = pair
            yield key, Credential(username=username, password=password, secret=secret.name)


def _auths(secret: PullSecret) -> Mapping[str, object]:
    if len(secret.document) > _DOCUMENT_AT_MOST:
        raise KeyringError(f"pull secret {quoted(secret.name)} has more than {_DOCUMENT_AT_MOST} bytes")
    try:
        document = parse_object(secret.document, "docker config")
    except ContentError:  # which may quote from the secret
        problem = "is no docker config; expected a JSON object in which no key stands twice"
        raise KeyringError(f"pull secret {quoted(secret.name)} {problem}") from None
    auths = document if secret.type == _LEGACY else document.get("auths", {})
    if not isinstance(auths, dict):
        raise KeyringError(f"pull secret {quoted(secret.name)} is no docker config; expected an object under 'auths'")
    if len(auths) > _ENTRIES_AT_MOST:
        problem = f"has {len(auths)} entries; expected at most {_ENTRIES_AT_MOST}"
        raise KeyringError(f"pull secret {quoted(secret.name)} {problem}")
    return auths


def _key(text: str) -> _Key | None:
    host, slash, path = _SCHEME.sub("", text, count=1).partition("/")
    if not host or "*" in host or "@" in host:
        return None
    path = _VERSION.sub("/", slash + path, count=1) if _VERSION.match(slash + path) else slash + path
    return _Key(host=_host(host), path=path.strip("/"))


def _host(text: str) -> str:
    return DOCKER_HUB if text.lower() in _HUB_NAMES else text.lower()


def _pair(entry: Mapping[str, object]) -> tuple[str, str] | None:
    """The name and password of an entry; where there is an `auth`, it counts."""
    auth = entry.get("auth")
    if auth:
        return _decoded(auth) if isinstance(auth, str) else None
    match entry:
        case {"username": str(username), "password": str(password)} if username and ":" not in username:
            return (username, password) if _is_text(username + password) else None
        case _:
            return None


def _decoded(auth: str) -> tuple[str, str] | None:
    text = auth.strip()
    try:
        pair = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    username, colon, password = pair.partition(":")
    return (username, password) if username and colon else None


def _is_text(text: str) -> bool:
    """Half a surrogate pair, which JSON can write, is none."""
    return not any("\ud800" <= each <= "\udfff" for each in text)
