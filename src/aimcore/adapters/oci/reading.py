"""One reading of one image, as one party: what its reference names, and from there the walk to its labels (DISC-3, DISC-4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from aimcore.adapters.oci.content import (
    Descriptor,
    Index,
    Manifest,
    is_digest,
    parse_manifest,
    verify,
)
from aimcore.adapters.oci.platforms import Platform
from aimcore.adapters.oci.recent import Recent
from aimcore.adapters.oci.visit import RegistryError, unexpected
from aimcore.adapters.oci.walk import config_of
from aimcore.domain.images.inspection import Cause, Inspected, Unchanged
from aimcore.domain.values.image import ImageReference

if TYPE_CHECKING:
    from aimcore.adapters.egress import Answer
    from aimcore.adapters.oci.client import Client

__all__ = ["Configs", "Reading"]

Configs = Recent[tuple[str, str, str], bytes]
"""Configs by registry, repository and digest: who has read a manifest there may read what it names there, and nowhere else."""

_BARE: Final = re.compile(r"[0-9a-f]{64}")
_NO_HEAD: Final = frozenset({405, 501})
_NO_TYPE: Final = frozenset({"", "application/json"})  # then the document says what it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Reads `image` through `client`. Raises `ContentError`, `RegistryError` or `EgressError`."""

    image: ImageReference
    client: Client
    platform: Platform
    configs: Configs

    def read(self) -> Inspected:
        """The digest of what the image names, and its labels."""
        return self._inspected(*self._named())

    def reread(self, held: str) -> Inspected | Unchanged:
        """`Unchanged` if the image names `held`: by one HEAD where the registry tells digests so."""
        answer = self.client.manifest(self._reference, "HEAD")
        if answer.status != 200 and answer.status not in _NO_HEAD:
            raise self._fault(answer)
        if answer.status == 200 and _told(answer) == {held}:
            return Unchanged(digest=held)
        digest, named = self._named()
        return Unchanged(digest=held) if digest == held else self._inspected(digest, named)

    def manifest(self, wanted: Descriptor) -> bytes:
        """The bytes of a child."""
        return self._part(self.client.manifest(wanted.digest), f"manifest {wanted.digest}")

    def config(self, wanted: Descriptor) -> bytes:
        """The bytes of a config; those that were read before, since this very reading has seen the manifest (DISC-4)."""
        key = (self.image.registry, self.image.repository, wanted.digest)
        body = self.configs.get(key)
        if body is None:
            body = self._part(self.client.blob(wanted.digest), f"config {wanted.digest}")
            verify(body, wanted.digest)
            self.configs.keep(key, body)
        return body

    @property
    def _reference(self) -> str:
        return self.image.digest or self.image.tag or ""  # one of them is there

    def _inspected(self, digest: str, named: Index | Manifest) -> Inspected:
        config = config_of(named, self, platform=self.platform)
        return Inspected(digest=digest, labels=config.labels, problems=config.problems)

    def _named(self) -> tuple[str, Index | Manifest]:
        """What the reference names. Of a tag, the digest is that of the body that came (DISC-3).

        What the registry says beside the body of a tag proves nothing: many say another digest, or half of one.
        """
        answer = self.client.manifest(self._reference)
        body = self._body(answer)
        if self.image.digest is not None:
            verify(body, self.image.digest)
            for told in filter(is_digest, _told(answer)):
                verify(body, told)
        media_type = answer.headers.get("content-type", "").partition(";")[0].partition(",")[0].strip().lower()
        found = parse_manifest(body, media_type=None if media_type in _NO_TYPE else media_type)
        return self.image.digest or f"sha256:{sha256(body).hexdigest()}", found

    def _body(self, answer: Answer) -> bytes:
        if answer.status != 200:
            raise self._fault(answer)
        return answer.body

    def _part(self, answer: Answer, what: str) -> bytes:
        """The body of what the image names: a registry that lacks it has lost a part of the image, not its name."""
        if answer.status in {404, 410}:
            problem = (
                f"registry {self.image.registry} has no {what}, which the image names; check that all of it was pushed"
            )
            raise RegistryError(problem, cause=Cause.NOT_FOUND)
        return self._body(answer)

    def _fault(self, answer: Answer) -> RegistryError:
        who = f"registry {self.image.registry}"
        if answer.status in {404, 410}:
            return RegistryError(f"{who} has no such image; check its name and tag", cause=Cause.NOT_FOUND)
        return unexpected(answer, who)


def _told(answer: Answer) -> set[str]:
    """The digests in `Docker-Content-Digest`, which some write bare, in quotes, in capitals or twice."""
    words = {each.strip(' "').lower() for each in answer.headers.get("docker-content-digest", "").split(",")}
    return {f"sha256:{word}" if _BARE.fullmatch(word) else word for word in words if word}
