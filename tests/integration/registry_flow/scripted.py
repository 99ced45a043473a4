"""A registry of two repositories whose every answer a test can replace, and the inspector that asks it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.oci.registry import RegistryInspector
from aimcore.domain.images.inspection import InspectionFailed
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from aimcore.ports.errors import NotFound, PortError
from aimcore.ports.secrets import PullSecret
from tests.integration.egress.server import Heard, Server, answer

__all__ = ["DIGEST", "HOST", "LABELS", "PASSWORD", "Desk", "HeldSecrets", "asking", "basic", "docker_config", "failed"]

HOST = "registry.acme.example"
LABELS = {"com.amd.aim.model.canonicalName": "acme/chat"}
PASSWORD = "planted-canary-of-ada"  # noqa: S105 - it is searched for
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"

CONFIG = json.dumps({"config": {"Labels": LABELS}}).encode()
CONFIG_DIGEST = f"sha256:{hashlib.sha256(CONFIG).hexdigest()}"
_POINTER = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": CONFIG_DIGEST, "size": len(CONFIG)}
MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": _POINTER}).encode()
DIGEST = f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}"


def basic(user: str, password: str = PASSWORD) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@dataclass
class Desk:
    """What the registry says: `first` may answer in its place. `realm` makes it ask for tokens, `users` for passwords."""

    users: frozenset[str] = frozenset()
    realm: str = ""
    first: Callable[[Heard], bytes | None] = lambda _: None
    digest_header: str = DIGEST
    token: Mapping[str, object] = field(default_factory=lambda: {"token": "granted", "expires_in": 300})

    def __call__(self, heard: Heard) -> bytes:
        said = self.first(heard)
        if said is not None:
            return said
        authorization = heard.headers.get("authorization", "")
        known = {basic(user) for user in self.users}
        if heard.target.startswith("/token?"):
            return answer(200 if not known or authorization in known else 401, json.dumps(self.token).encode())
        if self.realm and authorization != "Bearer granted":
            return answer(401, www_authenticate=f'Bearer realm="{self.realm}",service="acme"')
        if not self.realm and known and authorization not in known:
            return answer(401, www_authenticate='Basic realm="acme"')
        return self._content(heard)

    def _content(self, heard: Heard) -> bytes:
        if heard.target.endswith(("/manifests/1", f"/manifests/{DIGEST}")):
            body = b"" if heard.method == "HEAD" else MANIFEST
            length = str(len(MANIFEST))
            headers = {"docker_content_digest": self.digest_header, "content_type": MANIFEST_TYPE}
            return answer(200, body, **headers, content_length=length)
        return answer(200, CONFIG) if heard.target.endswith(f"/blobs/{CONFIG_DIGEST}") else answer(404)


class HeldSecrets:
    """Pull secrets by name, or the error that stands in the place of one."""

    def __init__(self, **secrets: PullSecret | PortError) -> None:
        self._secrets = secrets

    def read(self, namespace: str, name: str) -> PullSecret:
        found = self._secrets.get(name, NotFound(f"no secret {namespace}/{name}"))
        if isinstance(found, PortError):
            raise found
        return found


def docker_config(host: str, user: str, password: str = PASSWORD) -> PullSecret:
    document = {"auths": {host: {"username": user, "password": password}}}
    return PullSecret(
        name=f"team/{user}", type="kubernetes.io/dockerconfigjson", document=json.dumps(document).encode()
    )


@dataclass
class Asking:
    """An inspector of one scripted registry, and what the registry heard."""

    server: Server
    inspector: RegistryInspector
    host: str

    def want(self, image: str = "acme/chat:1", *secrets: str) -> Inspect:
        return Inspect(parse_image(f"{self.host}/{image}"), namespace="team", pull_secrets=secrets)

    @property
    def requests(self) -> list[str]:
        """Method, the last parts of the path, and as whom."""
        return [self._told(heard) for heard in self.server.heard]

    def _told(self, heard: Heard) -> str:
        path = heard.target.partition("?")[0].removeprefix("/v2/")
        kind = {"token": "token"}.get(path.strip("/")) or path.replace(CONFIG_DIGEST, "CONFIG").replace(
            DIGEST, "DIGEST"
        )
        return " ".join(filter(None, (heard.method, kind, _who(heard.headers.get("authorization", "")))))


def _who(authorization: str) -> str:
    scheme, _, text = authorization.partition(" ")
    return f"as {base64.b64decode(text).decode().partition(':')[0]}" if scheme == "Basic" else scheme


@contextmanager
def asking(
    desk: Desk, held_secrets: Callable[[str], HeldSecrets] = lambda _: HeldSecrets(), *, plain: Iterable[str] = ()
) -> Iterator[Asking]:
    """The secrets are made for the registry's address; `plain` are further hosts that are spoken to without TLS."""
    with Server(desk) as server:
        host = f"{HOST}:{server.port}"
        desk.realm = desk.realm.format(port=server.port)
        rules = Rules(plain_http=frozenset({host, *plain}))
        with Session(rules, resolve=lambda _: ["127.0.0.1"]) as session:
            yield Asking(server=server, inspector=RegistryInspector(session, secrets=held_secrets(host)), host=host)


def failed(found: object) -> InspectionFailed:
    assert isinstance(found, InspectionFailed)
    assert "\n" not in found.message
    assert PASSWORD not in found.message
    return found
