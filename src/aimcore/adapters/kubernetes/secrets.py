"""Secrets and service accounts, one at a time and by name, never a list or a watch of them (SEC-5)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aimcore.adapters import wire
from aimcore.adapters.kubernetes.requests import At, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES
from aimcore.domain.errors import InvalidManifestError, quoted
from aimcore.domain.images.inspection import wrong_type
from aimcore.domain.kinds.core import Secret, ServiceAccount
from aimcore.domain.values.kubenames import is_dns1123_label, is_dns1123_subdomain
from aimcore.ports.errors import BadAnswer, NotFound
from aimcore.ports.secrets import PullSecret, UnusableSecret

__all__ = ["KubernetesSecrets"]

_DOCUMENTS = {
    "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
    "kubernetes.io/dockercfg": ".dockercfg",
}


class KubernetesSecrets:
    """Keeps the promises of `PullSecrets` and `SecretValues` in `ports.secrets`, and says what stands without looking into it."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def read(self, namespace: str, name: str) -> PullSecret:
        """The pull secret of that name, with its document."""
        manifest = self._requests.get(_at("Secret", namespace, name))
        kind, data = manifest.get("type"), manifest.get("data")
        field = _DOCUMENTS.get(kind) if isinstance(kind, str) else None
        if field is None or not isinstance(kind, str):
            raise UnusableSecret(wrong_type(kind if isinstance(kind, str) else ""))
        document = data.get(field) if isinstance(data, dict) else None
        if not isinstance(document, str):
            raise UnusableSecret(f"has no key {field}; expected the docker config there")
        try:
            return PullSecret(name=name, type=kind, document=base64.b64decode(document, validate=True))
        except ValueError:
            raise UnusableSecret(f"has a {field} that is not base64; encode it again") from None

    def value(self, namespace: str, name: str, key: str) -> str:
        """The text under that key of a secret, of whatever type it is."""
        data = self._requests.get(_at("Secret", namespace, name)).get("data")
        coded = data.get(key) if isinstance(data, dict) else None
        text: str | None = None
        with suppress(ValueError):  # what it says of base64 and UTF-8 shows what was there
            text = base64.b64decode(coded, validate=True).decode() if isinstance(coded, str) else None
        if text is None:
            raise NotFound(f"secret {quoted(name)} has no text under {quoted(key)}")
        return text

    def look(self, namespace: str, name: str) -> Secret:
        """That a secret stands, of which type and in which version: asked as a table, so that what is in it stays on the
        server.
        """
        table = self._requests.table(_at("Secret", namespace, name))
        return Secret(namespace=namespace, name=name, type=_cell(table, "Type"), version=_version(table))

    def account(self, namespace: str, name: str) -> ServiceAccount:
        """The service account of that name, and the pull secrets it brings (CONF-4)."""
        manifest = self._requests.get(_at("ServiceAccount", namespace, name))
        try:
            account = wire.decode_stored({**manifest, "apiVersion": "v1", "kind": "ServiceAccount"})
        except InvalidManifestError as error:
            raise BadAnswer(f"service account {quoted(name)} cannot be read: {error}") from error
        if not isinstance(account, ServiceAccount):
            raise BadAnswer(f"service account {quoted(name)} is none")
        return account


def _at(kind: str, namespace: str, name: str) -> At:
    """Where it is, or `NotFound` for a name that nothing can have: it came from a tenant, and goes into a path."""
    if not is_dns1123_label(namespace) or not is_dns1123_subdomain(name):
        raise NotFound(f"{kind} {quoted(f'{namespace}/{name}')} cannot exist; expected a name of Kubernetes")
    return At(RESOURCES[kind], namespace, name)


def _version(table: Mapping[str, Any]) -> str:
    """The version of the one object that a table is of."""
    metadata = table.get("metadata")
    version = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
    if not isinstance(version, str):
        raise BadAnswer("a table of one object without its version")
    return version


def _cell(table: Mapping[str, Any], column: str) -> str:
    """The one cell of that column in a table of one row."""
    try:
        names = [one["name"] for one in table["columnDefinitions"]]
        [row] = table["rows"]
        cell = row["cells"][names.index(column)]
    except (LookupError, TypeError, ValueError) as error:
        raise BadAnswer(f"a table without one {column}; expected one row that has it") from error
    if not isinstance(cell, str):
        raise BadAnswer(f"a table whose {column} is no text")
    return cell
