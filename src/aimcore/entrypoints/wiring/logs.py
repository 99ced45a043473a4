"""The logs of a service's pods, read once and within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from aimcore.adapters.kubernetes.connection import Timeouts, connect
from aimcore.adapters.kubernetes.requests import At, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.domain.kinds.ownership import SERVICE_LABEL
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.serving.names import pod_selector
from aimcore.domain.serving.pod import CONTAINER
from aimcore.ports.errors import PortError

__all__ = ["PodLog", "pod_logs"]

TIMEOUT = Timeouts(read=20.0, whole=60.0)
BYTES_AT_MOST: Final = 2**20
PODS_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PodLog:
    """The last lines of one pod, or why they cannot be read."""

    pod: str
    lines: tuple[str, ...] = ()
    failure: str = ""


def pod_logs(
    service: str, namespace: str, *, tail: int, kubeconfig: str | None, context: str | None
) -> Iterator[PodLog]:
    """The last lines of each pod of a service, by name. Raises a `PortError` where the pods cannot be listed."""
    requests = Requests(connect(kubeconfig=kubeconfig, context=context, timeouts=TIMEOUT))
    pods = RESOURCES[Kind.POD.api_name]
    selector = f"{SERVICE_LABEL}={pod_selector(service)[SERVICE_LABEL]}"
    page = requests.page(Source(pods, namespace, selector), limit=PODS_AT_MOST, token="")
    names = sorted(str(one["metadata"]["name"]) for one in page.items)
    for name in islice(names, PODS_AT_MOST):
        try:
            text = requests.log(
                At(pods, namespace, name), container=CONTAINER, tailLines=tail, limitBytes=BYTES_AT_MOST
            )
        except PortError as error:
            yield PodLog(pod=name, failure=str(error))
        else:
            yield PodLog(pod=name, lines=tuple(text.decode(errors="replace").splitlines()))
