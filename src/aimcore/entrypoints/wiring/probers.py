"""The hosts of sources that this package knows itself: S3 and Hugging Face, each by its adapter, and by installed plug-ins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aimcore.adapters.egress import Session
from aimcore.adapters.huggingface.prober import HubProber
from aimcore.adapters.s3.prober import S3Prober
from aimcore.domain.weights.filter import ALL_BUT_DUPLICATES, FileFilter
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed
from aimcore.domain.weights.sources import HuggingFaceUri, S3Uri, SourceUri
from aimcore.entrypoints.wiring.plugins import PluggedProber, size_sources
from aimcore.ports.sizes import SizeProber

__all__ = ["HostProber", "host_prober"]


def host_prober(session: Session) -> SizeProber:
    """Who sizes sources online: installed plug-ins, and for all others their hosts."""
    return PluggedProber(HostProber(session), size_sources())


@dataclass(frozen=True, slots=True)
class HostProber:
    """A `SizeProber` over one session, by the scheme of the source."""

    session: Session

    def probe(
        self, source: SourceUri, environment: Mapping[str, str], *, by: FileFilter = ALL_BUT_DUPLICATES
    ) -> ProbeAnswer:
        """The size of the source, or why it is not known."""
        try:
            match source:
                case S3Uri():
                    return S3Prober(self.session).probe(source, environment, by=by)
                case HuggingFaceUri():
                    return HubProber(self.session).probe(source, environment, by=by)
        except ModuleNotFoundError as error:
            message = f"package {error.name} is missing: pip install 'aimcore[hf,s3]' brings it"
            return ProbeFailed(cause=ProbeCause.UNREACHABLE, message=message)
