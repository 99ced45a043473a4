"""A client of the front that says exactly what it is told to, and shows what came back."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from aimcore.adapters.memory.apiserver import ApiServer

__all__ = ["AIM", "Client", "Said", "model"]

AIM = "/apis/aim.silogen.ai/v1alpha1"


class Said(NamedTuple):
    """One answer."""

    code: int
    document: Any
    headers: Mapping[str, str]


def model(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMModel",
        "metadata": {"name": name},
        "spec": {"image": "docker.io/amdenterpriseai/aim-llama:1", **spec},
    }


class Client:
    """One connection, with the token as a header unless other headers are given."""

    def __init__(self, api_server: ApiServer) -> None:
        self._api_server = api_server
        self._connection = http.client.HTTPConnection("127.0.0.1", api_server.port, timeout=20)

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None, media: str = "application/json", **headers: str) -> Said:
        sent = {"Authorization": f"Bearer {self._api_server.token}", "Content-Type": media}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body)
        self._connection.request(method, path, data, {name: value for name, value in sent.items() if value})
        response = self._connection.getresponse()
        text = response.read()
        document = json.loads(text) if response.getheader("Content-Type") == "application/json" else text.decode()
        return Said(response.status, document, dict(response.getheaders()))

    def watch(self, path: str) -> list[tuple[str, Any]]:
        """The lines of a watch that ends by itself."""
        self._connection.request("GET", path, headers={"Authorization": f"Bearer {self._api_server.token}"})
        lines = self._connection.getresponse().read().splitlines()
        return [(line["type"], line["object"]) for line in map(json.loads, lines)]
