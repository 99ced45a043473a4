"""The paths of a repository, by oras; every request through a visit, and nothing else of oras ever runs (decision 0004)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oras.container import Container
from oras.provider import Registry

from aimcore.adapters.egress import Answer
from aimcore.adapters.oci.content import CONFIG_AT_MOST, MANIFEST_AT_MOST, MANIFEST_TYPES
from aimcore.adapters.oci.visit import Method, Place, Visit

__all__ = ["Client"]

_ANSWER_AT_MOST: Final = max(MANIFEST_AT_MOST, CONFIG_AT_MOST)  # SEC-4
_ACCEPT: Final = {"accept": ", ".join(MANIFEST_TYPES)}


class _Repository(Container):  # type: ignore[misc]  # oras ships no types
    """A repository that was parsed already; the pattern of oras takes cubic time over hostile text."""

    def __init__(self, place: Place) -> None:
        self.registry = str(place.origin)
        self.namespace, _, self.repository = place.repository.rpartition("/")
        self.tag = self.digest = None


class Client(Registry):  # type: ignore[misc]  # oras ships no types
    """A client of one repository that can do nothing but ask through its visit.

    What oras would set up to send, to retry and to find credentials is not there: a path that led to it would end in an
    `AttributeError` and send nothing.
    """

    def __init__(self, visit: Visit, place: Place) -> None:
        self.prefix = place.origin.scheme
        self.headers: Mapping[str, str] = {}
        self._visit = visit
        self._repository = _Repository(place)

    def manifest(self, reference: str, method: Method = "GET") -> Answer:
        """The answer for a manifest or index, by tag or digest."""
        return self.do_request(f"{self.prefix}://{self._repository.manifest_url(reference)}", method, headers=_ACCEPT)

    def blob(self, digest: str) -> Answer:
        """The answer for a blob."""
        answer: Answer = self.get_blob(self._repository, digest)
        return answer

    def do_request(self, url: str, method: Method = "GET", *, headers: Mapping[str, str], **_of_oras: Any) -> Answer:
        """What oras calls for every request; the rest of its arguments is for pushing and streaming."""
        return self._visit.ask(method, url, headers=headers, at_most=_ANSWER_AT_MOST)
