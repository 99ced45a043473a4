"""What the pods of a cluster, everybody's, have taken of its nodes: read once, page by page, and only the sums are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.domain.hardware.usage import Amounts, taken_by
from aimcore.domain.kinds.scope import Kind

__all__ = ["read_usage"]

PAGE = 500


def read_usage(requests: Requests) -> Mapping[str, Amounts]:
    """What is taken of each node, by its name. Raises `AccessDenied` where the pods of all namespaces may not be listed."""
    return taken_by(_pods(requests))


def _pods(requests: Requests) -> Iterator[Mapping[str, Any]]:
    token = ""
    while True:
        page = requests.page(Source(RESOURCES[Kind.POD.api_name]), limit=PAGE, token=token)
        yield from page.items
        if not page.token:
            return
        token = page.token
