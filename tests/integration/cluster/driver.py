"""The same verbs on the cluster in memory and on a real API server, so that one case runs on both."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode, urlsplit

from aimcore.adapters.memory.admission import admit
from aimcore.adapters.memory.collect import Propagation
from aimcore.adapters.memory.kinds import KINDS, Address, Manifest, resource_of
from aimcore.adapters.memory.store import MemoryStore, Subresource
from aimcore.adapters.memory.watching import Event
from aimcore.ports.errors import (
    AccessDenied,
    AlreadyExists,
    BadAnswer,
    Conflict,
    Contested,
    Expired,
    Invalid,
    NotFound,
    PortError,
    Unavailable,
)
from tests.integration.cluster.programs import minor as programs_minor

__all__ = ["Access", "Cluster", "Drained", "HttpCluster", "MemoryCluster", "RealCluster"]


IDLE = 30.0
"""Seconds after which a connection is not used again; a server hangs up after 90."""


class Drained(Protocol):
    def drain(self) -> Sequence[Event]: ...


class Cluster(Protocol):
    """What a case may do; `settle` lets the cluster's own controllers work until the condition holds."""

    @property
    def minor(self) -> int: ...
    def create(self, manifest: Manifest, *, manager: str) -> Manifest: ...
    def get(self, address: Address) -> Manifest: ...
    def list(
        self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> tuple[tuple[Manifest, ...], str]: ...
    def watch(self, kind: str, resource_version: str) -> Drained: ...
    def replace(self, manifest: Manifest, *, manager: str, subresource: Subresource = "") -> Manifest: ...
    def patch(self, address: Address, patch: Manifest, *, manager: str, subresource: Subresource = "") -> Manifest: ...
    def apply(
        self, manifest: Manifest, *, manager: str, force: bool = False, subresource: Subresource = ""
    ) -> Manifest: ...
    def delete(
        self,
        address: Address,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        propagation: Propagation = "Background",
    ) -> None: ...
    def settle(self, until: Callable[[], bool]) -> None: ...


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class MemoryCluster(MemoryStore):
    """The cluster in memory, told the real time, and by wire what the definitions refuse; of the real one's minor."""

    def __init__(self) -> None:
        super().__init__(_now, admit=admit, minor=programs_minor())

    def settle(self, until: Callable[[], bool]) -> None:
        self.collect()
        assert until()


class Access(NamedTuple):
    """How to reach a real control plane: its API server, a token for everything, and etcd behind it."""

    server: str
    token: str
    certificate: Path
    kubeconfig: Path
    etcd: str


class HttpCluster:
    """A JSON client for one API on loopback; its answers become the port's errors by status and reason."""

    def __init__(self, connection: http.client.HTTPConnection, token: str, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self._connection = connection
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._used = time.monotonic()

    def close(self) -> None:
        self._connection.close()

    @cached_property
    def minor(self) -> int:
        """That of the server: 34 of Kubernetes 1.34."""
        return int(self.send("GET", "/version")["minor"])

    def answers(self, path: str) -> bool:
        try:
            return self._request("GET", path, None, "")[0] == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return False

    def _request(
        self, method: str, path: str, body: object, media: str, said: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        headers = {**(said or self._headers), **({"Content-Type": media} if media else {})}
        if time.monotonic() - self._used > IDLE:
            self._connection.close()  # the server is about to, or has
        self._used = time.monotonic()
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def send(self, method: str, path: str, body: object = None, media: str = "application/json") -> Any:
        status, text = self._request(method, path, body, media)
        answer = json.loads(text)
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise _error(status, answer)
        return answer

    def _path(self, address: Address, subresource: str = "", **query: str | bool) -> str:
        resource = KINDS[address.kind]
        root = "/apis/" if "/" in resource.api_version else "/api/"
        place = f"/namespaces/{address.namespace}" if address.namespace else ""
        name = f"/{quote(address.name)}" if address.name else ""
        tail = f"/{subresource}" if subresource else ""
        asked = {key: str(value).lower() if isinstance(value, bool) else value for key, value in query.items()}
        return f"{root}{resource.api_version}{place}/{resource.plural}{name}{tail}" + (
            f"?{urlencode(asked)}" if asked else ""
        )

    def create(self, manifest: Manifest, *, manager: str) -> Manifest:
        where = _address(manifest)._replace(name="")
        answer: Manifest = self.send("POST", self._path(where, fieldManager=manager), manifest)
        return answer

    def get(self, address: Address) -> Manifest:
        answer: Manifest = self.send("GET", self._path(address))
        return answer

    def column(self, kind: str, namespace: str, name: str) -> Sequence[Any]:
        """What a column of the table says of each object of a namespace: little to send for many."""
        headers = {**self._headers, "Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
        path = self._path(Address(kind, namespace, ""), includeObject="None")
        table = json.loads(self._request("GET", path, None, "", headers)[1])
        place = [column["name"] for column in table["columnDefinitions"]].index(name)
        return [row["cells"][place] for row in table["rows"]]

    def list(
        self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> tuple[tuple[Manifest, ...], str]:
        query = {"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items())} if labels else {}
        answer = self.send("GET", self._path(Address(kind, namespace, ""), **query))
        same = {"apiVersion": KINDS[kind].api_version, "kind": kind}
        return tuple({**same, **item} for item in answer["items"]), answer["metadata"]["resourceVersion"]

    def watch(self, kind: str, resource_version: str) -> Drained:
        return _RealWatch(self, self._path(Address(kind, None, "")), resource_version)

    def replace(self, manifest: Manifest, *, manager: str, subresource: Subresource = "") -> Manifest:
        path = self._path(_address(manifest), subresource, fieldManager=manager)
        answer: Manifest = self.send("PUT", path, manifest)
        return answer

    def patch(self, address: Address, patch: Manifest, *, manager: str, subresource: Subresource = "") -> Manifest:
        path = self._path(address, subresource, fieldManager=manager)
        answer: Manifest = self.send("PATCH", path, patch, "application/merge-patch+json")
        return answer

    def apply(
        self, manifest: Manifest, *, manager: str, force: bool = False, subresource: Subresource = ""
    ) -> Manifest:
        path = self._path(_address(manifest), subresource, fieldManager=manager, force=force)
        answer: Manifest = self.send("PATCH", path, manifest, "application/apply-patch+yaml")
        return answer

    def delete(
        self,
        address: Address,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        propagation: Propagation = "Background",
    ) -> None:
        wanted = {"uid": uid, "resourceVersion": resource_version}
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": propagation,
            "preconditions": {key: value for key, value in wanted.items() if value},
        }
        self.send("DELETE", self._path(address), options)

    def settle(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not until():
            assert time.monotonic() < deadline, "the cluster did not settle in 60 s"
            time.sleep(0.1)


class RealCluster(HttpCluster):
    """A real API server, and how to start it again."""

    def __init__(self, access: Access, *, restart: Callable[[], None]) -> None:
        context = ssl.create_default_context(cafile=str(access.certificate))
        host = urlsplit(access.server).netloc
        connection = http.client.HTTPSConnection(host, timeout=60, context=context)
        super().__init__(connection, access.token, access.kubeconfig)
        self.access = access
        self.restart = restart


def _address(manifest: Manifest) -> Address:
    metadata = manifest["metadata"]
    return Address(resource_of(manifest).kind, metadata.get("namespace"), metadata["name"])


class _RealWatch:
    def __init__(self, cluster: HttpCluster, path: str, version: str) -> None:
        self._cluster = cluster
        self._path = path
        self._version = version

    def drain(self) -> Sequence[Event]:
        query = urlencode({"watch": "1", "resourceVersion": self._version, "timeoutSeconds": "1"})
        status, text = self._cluster._request("GET", f"{self._path}?{query}", None, "")
        lines = [json.loads(line) for line in text.splitlines() if line]
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise _error(status, lines[0])
        for line in lines:
            if line["type"] == "ERROR":
                raise _error(line["object"]["code"], line["object"])
            self._version = line["object"]["metadata"]["resourceVersion"]
        return [Event(line["type"], line["object"]) for line in lines]


def _error(status: int, answer: Mapping[str, Any]) -> PortError:
    message = f"{status} {answer.get('reason', '')}: {answer.get('message', '')}"
    causes = answer.get("details", {}).get("causes", ())
    match status, answer.get("reason"):
        case 404, _:
            return NotFound(message)
        case 409, "AlreadyExists":
            return AlreadyExists(message)
        case 409, _:
            contested = (
                Contested(cause["field"], found[1] if (found := re.search(r'"(.*?)"', cause["message"])) else "")
                for cause in causes
                if cause.get("reason") == "FieldManagerConflict"
            )
            return Conflict(message, tuple(sorted(contested)))
        case ((401 | 403), _):
            return AccessDenied(message)
        case 410, _:
            return Expired(message)
        case 422, _ if any(cause.get("field") == "metadata.uid" for cause in causes):
            return Conflict(message)  # a patch that names another uid means another object
        case ((400 | 422), _):
            return Invalid(message)
        case ((429 | 500 | 502 | 503 | 504), _):
            return Unavailable(message)
        case _:
            return BadAnswer(message)
