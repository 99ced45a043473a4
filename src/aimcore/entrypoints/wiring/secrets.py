"""The secrets of a plan: those among its manifests, and for a pull secret that is assumed an empty one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from aimcore.domain.images.inspection import wrong_type
from aimcore.ports.errors import NotFound
from aimcore.ports.secrets import PullSecret, UnusableSecret

__all__ = ["DOCKER_CONFIG", "ManifestSecrets"]

DOCKER_CONFIG: Final = "kubernetes.io/dockerconfigjson"
DOCUMENTS: Final = {DOCKER_CONFIG: ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}
EMPTY: Final = b'{"auths": {}}'


class ManifestSecrets:
    """`PullSecrets` and `SecretValues` over manifests. A plan asks for a pull secret that is not there only when it assumes it present: it opens nothing."""

    def __init__(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        self._secrets = {
            (one["metadata"].get("namespace"), one["metadata"]["name"]): one
            for one in manifests
            if one["kind"] == "Secret" and one["apiVersion"] == "v1"
        }

    def read(self, namespace: str, name: str) -> PullSecret:
        """The secret of that name; what `stringData` says wins over `data`, as on the API server."""
        called = f"{namespace}/{name}"
        manifest = self._secrets.get((namespace, name))
        if manifest is None:
            return PullSecret(name=f"{called} (not among the manifests)", type=DOCKER_CONFIG, document=EMPTY)
        kind = manifest.get("type")
        field = DOCUMENTS.get(kind) if isinstance(kind, str) else None
        if field is None:
            raise UnusableSecret(wrong_type(kind if isinstance(kind, str) else ""))
        return PullSecret(name=called, type=str(kind), document=_document(manifest, field))

    def value(self, namespace: str, name: str, key: str) -> str:
        """The text under that key of the secret."""
        called = f"{namespace}/{name}"
        manifest = self._secrets.get((namespace, name))
        if manifest is None:
            raise NotFound(f"Secret {called} is not among the manifests")
        text: str | None = None
        with suppress(UnicodeDecodeError, UnusableSecret):  # the former holds what the secret does
            text = _document(manifest, key).decode()
        if text is None:
            raise NotFound(f"Secret {called} has no text under {key}")
        return text


def _document(manifest: Mapping[str, Any], key: str) -> bytes:
    plain, coded = (_texts(manifest.get(field)).get(key) for field in ("stringData", "data"))
    if plain is not None:
        return plain.encode("utf-8", "surrogatepass")
    if coded is None:
        raise UnusableSecret(f"has no key {key}; expected the docker config there")
    try:
        return base64.b64decode("".join(coded.split()), validate=True)
    except (binascii.Error, ValueError):
        # The error's own words could hold what the secret does.
        raise UnusableSecret(f"has a {key} that is not base64; encode it again") from None


def _texts(value: object) -> Mapping[str, str]:
    return {key: text for key, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}
