"""The ends of logs of pods, as an API server hands them on from kubelets."""

from __future__ import annotations

from typing import Final

from aimcore.adapters.kubernetes.requests import At, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES

__all__ = ["KubernetesLogs"]

BYTES_AT_MOST: Final = 2**20


class KubernetesLogs:
    """Keeps the promise of `ports.logs`."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def tail(self, namespace: str, pod: str, container: str, *, lines: int) -> str:
        """As the port says."""
        at = At(RESOURCES["Pod"], namespace, pod)
        text = self._requests.log(at, container=container, tailLines=lines, limitBytes=BYTES_AT_MOST)
        return text[:BYTES_AT_MOST].decode(errors="replace")
