"""The promise of whoever hands out pull secrets: one at a time, by name, and never a list of them (SEC-5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from aimcore.ports.errors import NotFound

__all__ = ["PullSecret", "PullSecrets", "SecretValues", "UnusableSecret"]


class UnusableSecret(NotFound):
    """There is a secret of that name, and no docker config in it.

    `str()` follows the name of the secret in a sentence, "is of type Opaque; expected ...": it says what is wrong in words of
    ours, and shows nothing of what is in it (SEC-1).
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSecret:
    """A pull secret as it stands: its type, and the bytes of its one document; `repr` does not show them (SEC-1).

    `name` is what messages call it. `type` is `kubernetes.io/dockerconfigjson` or the older `kubernetes.io/dockercfg`.
    """

    name: str
    type: str
    document: bytes = field(repr=False)


class PullSecrets(Protocol):
    """Reads pull secrets. Called for each inspection anew, since a secret may have changed, from several threads at once."""

    def read(self, namespace: str, name: str) -> PullSecret:
        """The secret of that name.

        Raises `UnusableSecret` where it is of another type, or lacks its document; `NotFound` where there is none;
        `AccessDenied` or `Unavailable` where nobody can say.
        """
        ...


class SecretValues(Protocol):
    """Reads single values of secrets, for the environment of a source. Called from several threads at once."""

    def value(self, namespace: str, name: str, key: str) -> str:
        """The text under `key` of the secret of that name.

        Raises `NotFound` where there is no such secret or key, or it is no text; `AccessDenied` or `Unavailable` where
        nobody can say.
        """
        ...
