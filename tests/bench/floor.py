"""The fewest requests that make models of a namespace what they become: read once, then written, and nothing looked at again.

python -m tests.bench.floor    # the work as JSON on standard input, by `tests.bench.cluster`
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any
from urllib.parse import urlsplit

THREADS = 16
MERGE = "application/merge-patch+json"


class Caller:
    """One connection a thread."""

    def __init__(self, work: dict[str, Any]) -> None:
        self._host = urlsplit(work["server"]).netloc
        self._token = work["token"]
        self._context = ssl.create_default_context(cafile=work["certificate"])
        self._root = f"/apis/aim.silogen.ai/v1alpha1/namespaces/{work['namespace']}"
        self._own = local()

    def __call__(self, method: str, path: str, body: object = None, media: str = "application/json") -> Any:
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPSConnection(self._host, timeout=60, context=self._context)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": media}
        text = None if body is None else json.dumps(body)
        self._own.connection.request(method, f"{self._root}/{path}", text, headers)
        answer = self._own.connection.getresponse()
        read = answer.read()
        assert answer.status < http.client.BAD_REQUEST, read
        return json.loads(read)


def main() -> None:
    work = json.load(sys.stdin)
    call = Caller(work)
    uids = {one["metadata"]["name"]: one["metadata"]["uid"] for one in call("GET", "aimmodels")["items"]}

    def converge(model: dict[str, Any]) -> None:
        name = model["name"]
        call("PATCH", f"aimmodels/{name}/status", {"status": {**model["status"], "status": "Progressing"}}, MERGE)
        for template in model["templates"]:
            template["metadata"]["ownerReferences"][0]["uid"] = uids[name]
            called = template["metadata"]["name"]
            call("POST", "aimservicetemplates", {key: template[key] for key in template if key != "status"})
            call("PATCH", f"aimservicetemplates/{called}/status", {"status": template["status"]}, MERGE)
        call("PATCH", f"aimmodels/{name}/status", {"status": model["status"]}, MERGE)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(converge, work["models"]))


main()
