"""Pull secrets become credentials, and an image finds those that are meant for it, as the kubelet does it.

A document is `{"auths": {KEY: ENTRY}}` or, older, `{KEY: ENTRY}`. A key is a host with an optional port, scheme and path:
`ghcr.io`, `https://quay.io/v2/`, `registry.local:5000/team`. It fits an image of that very host and port whose repository is
the path or lies under it. The longest path comes first; of equal ones, the first secret. Unlike the kubelet's, hosts are
exact: `*` matches nothing, as a wildcard hands a password to hosts its owner never thought of; and a path ends where a name
ends, so that `team` does not fit `team-b/x`.

Nothing but names and passwords is read: no helper program is run, whatever `credHelpers` or `credsStore` say (SEC-2). What is
passed over is remembered with the reason, so that a refusal can name it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Final

from aimcore.adapters.oci.content import ContentError, parse_object
from aimcore.adapters.oci.entries import Helpers, RegistryKey, parse_key, password_of, unusable
from aimcore.domain.errors import AimError, quoted
from aimcore.domain.values.image import ImageReference
from aimcore.ports.secrets import PullSecret

__all__ = ["Credential", "Keyring", "KeyringError", "parse_keyring"]

_DOCUMENT_AT_MOST: Final = 1024 * 1024  # what Kubernetes allows a secret
_ENTRIES_AT_MOST: Final = 1024

_NOTES_AT_MOST: Final = 3
_LEGACY: Final = "kubernetes.io/dockercfg"


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
class _Filed:
    """What one secret has: credentials, and entries that are none with the reason, each by its key; and its helpers."""

    secret: str
    credentials: tuple[tuple[RegistryKey, Credential], ...]
    unused: tuple[tuple[RegistryKey, str], ...]
    helpers: Helpers

    def note(self, image: ImageReference) -> str | None:
        """Why this secret has nothing for `image`; None where it has."""
        if any(key.fits(image) for key, _ in self.credentials):
            return None
        called = quoted(self.secret)
        reasons = [reason for key, why in self.unused if (reason := key.reason(image, why)) is not None]
        reasons += [reason for key, _ in self.credentials if (reason := key.reason(image, "")) is not None]
        if reasons:
            return f"{called} {reasons[0]}"
        return f"{called} {self.helpers.instead(image, is_empty=not (self.credentials or self.unused))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """What some pull secrets have, in their order."""

    filed: tuple[_Filed, ...] = ()

    def find(self, image: ImageReference) -> tuple[Credential, ...]:
        """The credentials for `image`, the longest path first; each one once."""
        fitting = [found for each in self.filed for found in each.credentials if found[0].fits(image)]
        fitting.sort(key=lambda found: -len(found[0].path))
        return tuple(dict.fromkeys(credential for _, credential in fitting))

    def notes(self, image: ImageReference) -> tuple[str, ...]:
        """For each secret that has no credential for `image`: what was passed over, and why; of many the first few."""
        notes = [note for each in self.filed if (note := each.note(image)) is not None]
        more = len(notes) - _NOTES_AT_MOST
        return (*notes[:_NOTES_AT_MOST], *((f"{more} more secrets have none either",) if more > 0 else ()))


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
    return Keyring(filed=tuple(map(_filed, secrets)))


def _filed(secret: PullSecret) -> _Filed:
    document = _document(secret)
    helpers = Helpers.of(document, is_older=secret.type == _LEGACY)
    credentials: list[tuple[RegistryKey, Credential]] = []
    unused: list[tuple[RegistryKey, str]] = []
    for text, entry in _auths(document, secret).items():
        key = parse_key(text)
        pair = password_of(entry)
        if key.is_usable and pair is not None:
            username, password = pair
            credentials.append((key, Credential(username=username, password=password, secret=secret.name)))
        else:
            unused.append((key, "" if pair is not None else unusable(entry, key, helpers)))
    return _Filed(secret=secret.name, credentials=tuple(credentials), unused=tuple(unused), helpers=helpers)


def _document(secret: PullSecret) -> Mapping[str, object]:
    if len(secret.document) > _DOCUMENT_AT_MOST:
        raise KeyringError(f"pull secret {quoted(secret.name)} has more than {_DOCUMENT_AT_MOST} bytes")
    try:
        return parse_object(secret.document, "docker config")
    except ContentError:  # which may quote from the secret
        problem = "is no docker config; expected a JSON object in which no key stands twice"
        raise KeyringError(f"pull secret {quoted(secret.name)} {problem}") from None


def _auths(document: Mapping[str, object], secret: PullSecret) -> Mapping[str, object]:
    auths = document if secret.type == _LEGACY else document.get("auths") or {}
    if not isinstance(auths, dict):
        raise KeyringError(f"pull secret {quoted(secret.name)} is no docker config; expected an object under 'auths'")
    if len(auths) > _ENTRIES_AT_MOST:
        problem = f"has {len(auths)} entries; expected at most {_ENTRIES_AT_MOST}"
        raise KeyringError(f"pull secret {quoted(secret.name)} {problem}")
    return auths
