"""Entries of a docker config: which registry each is for, the name and password in it, and why it cannot be used.

No reason shows anything of an entry but its kind, the registry it is for, and the name of the helper that has the password.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aimcore.domain.errors import quoted
from aimcore.domain.values.globs import matches
from aimcore.domain.values.image import DOCKER_HUB, ImageReference

__all__ = ["Helpers", "RegistryKey", "parse_key", "password_of", "unusable"]

_HUB_NAMES: Final = frozenset({DOCKER_HUB, "index.docker.io", "registry-1.docker.io"})
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
_VERSION: Final = re.compile(r"/v[12]/")
_PORT: Final = re.compile(r":[0-9]*$")
_HOST_AT_MOST: Final = 255
_SHOWN: Final = re.compile(r"[A-Za-z0-9.:*?_-]{1,255}")
_HELPER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_OLDER: Final = 'has its entries outside of auths, as the older .dockercfg has; write {"auths": {...}} around them'
_NEWER: Final = "has its entries under auths; expected the type kubernetes.io/dockerconfigjson"
_TOKENS: Final = ("identitytoken", "registrytoken")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryKey:
    """What an entry is filed under: a host with an optional port in lower case, and a path without slashes at its ends.

    One that `has_user` or is a pattern fits nothing: what it says is more than the name of a registry.
    """

    host: str
    path: str
    has_user: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether it names one registry."""
        return bool(self.host) and not self.has_user and not self.is_pattern

    @property
    def is_pattern(self) -> bool:
        """Whether it names many hosts: that would hand a password to hosts its owner never thought of."""
        return "*" in self.host

    def fits(self, image: ImageReference) -> bool:
        """Whether it is for this very image: its host and port, and a path that leads to it."""
        return self.is_usable and self.host == _host(image.registry) and self._leads_to(image)

    def reason(self, image: ImageReference, why: str) -> str | None:
        """Why it gives nothing for `image`, of whose registry it speaks; `why` is what is wrong with the entry itself.

        None where it speaks of another registry.
        """
        registry = _host(image.registry)
        name, wanted = (_PORT.sub("", each.strip()) for each in (self.host, registry))
        if name != wanted and not (self.is_pattern and _is_meant(name[:_HOST_AT_MOST], wanted, registry)):
            return None
        shown = quoted(self.host) if _SHOWN.fullmatch(self.host) else "a pattern"
        if self.has_user:
            return f"names a user in its key for {registry}; expected the host alone"
        if self.is_pattern:
            return f"has an entry for the pattern {shown}, and patterns are not used; name {registry} itself"
        if self.host.strip() != self.host:
            return f"has an entry for {registry} with spaces in its key; take them out"
        if self.host != registry:
            return f"has an entry for {shown}, which is another port than {registry}"
        if not self._leads_to(image):
            where = quoted(f"{self.path}/") if len(self.path) <= _HOST_AT_MOST else "another path"
            return f"has an entry for {registry} and repositories under {where} only; write {registry} alone for all"
        return f"names {registry} but {why}"

    def _leads_to(self, image: ImageReference) -> bool:
        return f"{image.repository}/".startswith(f"{self.path}/" * bool(self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Helpers:
    """Programs that a docker config says to ask for passwords, none of which is run (SEC-2)."""

    store: str = ""
    by_host: Mapping[str, str] = field(default_factory=dict)
    shape: str = ""
    """What the document is, where that is the reason why it has no entries."""

    @classmethod
    def of(cls, document: Mapping[str, object], *, is_older: bool) -> Helpers:
        """Those that a document names, as far as they have the name of a program; one of the older form names none."""
        if is_older:
            newer = isinstance(document.get("auths"), dict)
            return cls(shape=_NEWER if newer else "")
        helpers = document.get("credHelpers")
        listed = helpers.items() if isinstance(helpers, dict) else ()
        return cls(
            store=_program(document.get("credsStore")),
            by_host={parse_key(host).host: name for host, each in listed if (name := _program(each))},
            shape=_shape(document),
        )

    @property
    def note(self) -> str:
        """What stands behind entries that are not there."""
        return f" (credsStore {self.store}, which is not run)" if self.store else ""

    def behind(self, key: RegistryKey) -> str:
        """What stands behind an entry that holds nothing."""
        helper = self.by_host.get(key.host)
        return f" (credHelpers {helper}, which is not run)" if helper else self.note

    def instead(self, image: ImageReference, *, is_empty: bool) -> str:
        """What a secret without any entry for the registry says of it."""
        registry = _host(image.registry)
        helper = self.by_host.get(registry)
        if helper is not None:
            return f"leaves {registry} to the helper {helper} (credHelpers), which is not run"
        if self.shape:
            return self.shape
        if is_empty:
            return f"has no entries under auths, and so none for {registry}{self.note}"
        if self.store:
            return f"has no entry for {registry}{self.note}"
        return f"has no entry for {registry}; add it there, or name an imagePullSecret for {registry}"


def parse_key(text: str) -> RegistryKey:
    """The registry that a key names, `https://quay.io/v2/` or `registry.local:5000/team`."""
    rest, slash, path = _SCHEME.sub("", text, count=1).partition("/")
    user, at, host = rest.rpartition("@")
    path = slash + path
    path = _VERSION.sub("/", path, count=1) if _VERSION.match(path) else path
    return RegistryKey(host=_host(host), path=path.strip("/"), has_user=bool(user or at))


def password_of(entry: object) -> tuple[str, str] | None:
    """The name and password of an entry; where there is an `auth`, it counts. None where it holds none.

    An empty password beside a token is the place-holder that is written with it.
    """
    if not isinstance(entry, dict):
        return None
    pair = _pair(entry)
    return None if pair is not None and not pair[1] and _token(entry) else pair


def unusable(entry: object, key: RegistryKey, helpers: Helpers) -> str:
    """Why `password_of` finds nothing in the entry of that key."""
    if not isinstance(entry, dict):
        return "holds nothing that can be read; expected an object with auth, or with username and password"
    token = _token(entry)
    if token is not None:
        return f"holds {token}, which is not used; log in with a name and a password"
    if entry.get("auth"):
        return "its auth is not base64 of NAME:PASSWORD"
    return f"holds no name and password{helpers.behind(key)}"


def _token(entry: Mapping[str, object]) -> str | None:
    return next((name for name in _TOKENS if entry.get(name)), None)


def _pair(entry: Mapping[str, object]) -> tuple[str, str] | None:
    auth = entry.get("auth")
    if auth:
        return _decoded(auth) if isinstance(auth, str) else None
    match entry:
        case {"username": str(username), "password": str(password)} if username and ":" not in username:
            return (username, password) if _is_text(username + password) else None
        case _:
            return None


def _decoded(auth: str) -> tuple[str, str] | None:
    text = "".join(auth.split())  # `base64` breaks long lines, and Kubernetes reads over that
    try:
        pair = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    username, colon, password = pair.partition(":")
    return (username, password.strip("\0")) if username and colon else None  # docker fills up with zeros


def _is_text(text: str) -> bool:
    """Half a surrogate pair, which JSON can write, is none."""
    return not any("\ud800" <= each <= "\udfff" for each in text)


def _host(text: str) -> str:
    return DOCKER_HUB if text.lower() in _HUB_NAMES else text.lower()


def _is_meant(pattern: str, *names: str) -> bool:
    return any(matches(pattern, name) for name in names)


def _shape(document: Mapping[str, object]) -> str:
    """What else the document is than a docker config with `auths`; empty where that cannot be told."""
    if "auths" in document:
        return ""
    if document.get("kind") == "Secret":
        return "is a Secret; expected the docker config in it, which is its .dockerconfigjson taken out of base64"
    entries = (one for one in document.values() if isinstance(one, dict))
    if any(one.get("auth") or one.get("username") for one in entries):
        return _OLDER
    return ""


def _program(name: object) -> str:
    return name if isinstance(name, str) and _HELPER.fullmatch(name) else ""
