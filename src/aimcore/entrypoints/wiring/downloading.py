"""A download of this process: a folder as its volume, the hosts of its sources, and nothing of its surroundings (FETCH-1, SEC-2)."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import certifi

from aimcore.adapters.egress import EgressError, Session
from aimcore.adapters.egress.trust import trust
from aimcore.adapters.huggingface.prober import HubProber
from aimcore.adapters.huggingface.settings import prepare
from aimcore.adapters.s3.prober import S3Prober
from aimcore.adapters.volume.volume import FolderVolume
from aimcore.domain.weights.fetchplan import FetchRequest
from aimcore.domain.weights.files import Listed
from aimcore.domain.weights.outcome import FetchCause, FetchError, FetchResult
from aimcore.domain.weights.probing import ProbeFailed
from aimcore.domain.weights.sources import HuggingFaceUri, S3Uri, SourceUri
from aimcore.entrypoints.download.checking import check
from aimcore.entrypoints.download.downloading import Downloads
from aimcore.entrypoints.download.meter import Meter
from aimcore.entrypoints.settings import Registries
from aimcore.entrypoints.wiring.weighing import host_rules
from aimcore.ports.fetching import Activity, Fetcher

__all__ = ["SourceHosts", "checked", "downloads"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHosts:
    """`Hosts` of `hf://` and `s3://`. `scratch` is a folder of the volume for what libraries keep for themselves."""

    session: Session
    scratch: Path

    def endpoint(self, source: SourceUri, environment: Mapping[str, str]) -> str:
        """The endpoint that is asked, empty for the usual one."""
        name = "AWS_ENDPOINT_URL" if isinstance(source, S3Uri) else "HF_ENDPOINT"
        return environment.get(name, "").rstrip("/")

    def files(self, source: SourceUri, environment: Mapping[str, str]) -> Listed | ProbeFailed:
        """All files of the source, or why they are not known."""
        with _packaged():
            match source:
                case S3Uri():
                    return S3Prober(self.session).files(source, environment)
                case HuggingFaceUri():
                    return HubProber(self.session).files(source, environment)

    def fetcher(
        self, source: SourceUri, environment: Mapping[str, str], *, listed: Listed, activity: Activity
    ) -> AbstractContextManager[Fetcher]:
        """A fetcher of the files of that source as they were listed."""
        with _packaged():
            match source:
                case S3Uri():
                    from aimcore.adapters.s3.fetcher import s3_fetcher  # noqa: PLC0415 - boto3, for those who need it

                    return s3_fetcher(
                        source, environment, own_host=listed.own_host, authorities=self._bundle(), activity=activity
                    )
                case HuggingFaceUri():
                    from aimcore.adapters.huggingface.fetcher import hub_fetcher  # noqa: PLC0415 - the same

                    context = trust(self.session.rules.ca_file)
                    context.sslsocket_class = ssl.SSLSocket
                    return hub_fetcher(source, environment, commit=listed.commit, context=context, activity=activity)

    def _bundle(self) -> str | None:
        """One file of the usual authorities and those of a setting, as botocore wants it; None for the usual ones."""
        extra = self.session.rules.ca_file
        if extra is None:
            return None
        self.scratch.mkdir(parents=True, exist_ok=True)
        bundle = self.scratch / "ca.pem"
        bundle.write_bytes(Path(certifi.where()).read_bytes() + b"\n" + extra.read_bytes())
        return str(bundle)


@contextmanager
def _packaged() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"package {error.name} is missing: pip install 'aimcore[hf,s3]' brings it"
        raise FetchError(FetchCause.INVALID, message) from error


@contextmanager
def downloads(
    request: FetchRequest,
    *,
    variables: Mapping[str, str],
    endpoint: str | None,
    registries: Registries,
    meter: Meter,
) -> Iterator[Downloads]:
    """What carries the request out. `endpoint` may be anywhere, since whoever calls named it. Raises `FetchError`."""
    target = Path(request.target)
    scratch = target / ".aimcore" / "scratch"
    prepare(scratch)
    try:
        session = Session(host_rules(registries, endpoint, [one.uri for one in request.sources]))
    except EgressError as error:
        raise FetchError(FetchCause.INVALID, str(error)) from error
    try:
        with session:
            hosts = SourceHosts(session=session, scratch=scratch)
            yield Downloads(hosts=hosts, volume=FolderVolume(target), meter=meter, variables=variables)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def checked(request: FetchRequest) -> FetchResult:
    """Whether the folder has what the request names: nothing is written, and no host is asked."""
    return check(request, FolderVolume(Path(request.target)))
