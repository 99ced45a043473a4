"""A request is carried out: nothing for what is whole, else list, make sure of room, transfer, show, mark (FETCH-2 to FETCH-6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aimcore.domain.errors import ParseError, quoted
from aimcore.domain.weights.fetchplan import FetchRequest, FetchSource, SourcePlan
from aimcore.domain.weights.files import check_paths
from aimcore.domain.weights.filter import pick
from aimcore.domain.weights.marker import CompleteSource, Marker, StoredFile, marker_text, parse_marker
from aimcore.domain.weights.outcome import FetchCause, FetchError, FetchResult
from aimcore.domain.weights.probing import ProbeFailed
from aimcore.domain.weights.sources import SourceUri, parse_source_uri
from aimcore.entrypoints.download.meter import Meter
from aimcore.entrypoints.download.transfer import Transfer
from aimcore.ports.fetching import Hosts, Volume

__all__ = ["Downloads"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    source: FetchSource
    uri: SourceUri
    environment: Mapping[str, str]
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloads:
    """One run. `variables` are those of the process that a request may name; nothing else of them is read."""

    hosts: Hosts
    volume: Volume
    meter: Meter
    variables: Mapping[str, str]

    def run(self, request: FetchRequest) -> FetchResult:
        """Bring all sources of the request to the volume, and say how that ended."""
        try:
            whole = self._run(request)
        except FetchError as error:
            return self.failed(request, error)
        return FetchResult(
            sources=tuple(one.result for one in whole),
            fetched=self.meter.progress().fetched,
            content=request.content,
        )

    def failed(self, request: FetchRequest, error: FetchError) -> FetchResult:
        """The result of a run that ended so."""
        return FetchResult(
            fetched=self.meter.progress().fetched,
            cause=error.cause,
            message=error.message,
            retry_after=error.retry_after,
            lacking=error.lacking,
            content=request.content,
        )

    def _run(self, request: FetchRequest) -> tuple[CompleteSource, ...]:
        wanted = [self._wanted(one) for one in request.sources]
        found = [self._whole(one) for one in wanted]
        if None in found:
            with self.volume.lock():
                self._fill([one for one in wanted if self._whole(one) is None])
            found = [self._whole(one) for one in wanted]
        if None in found:
            raise FetchError(
                FetchCause.CHANGED, "the volume was changed by somebody else; it is filled at the next try"
            )
        return tuple(one for one in found if one is not None)

    def _wanted(self, source: FetchSource) -> _Wanted:
        environment = {name: self.variables[told] for name, told in source.env if told in self.variables}
        uri = parse_source_uri(source.uri)
        return _Wanted(source=source, uri=uri, environment=environment, endpoint=self.hosts.endpoint(uri, environment))

    def _marker(self) -> Marker:
        text = self.volume.marker()
        try:
            return Marker() if text is None else parse_marker(text)
        except ParseError:  # of another version, or cut short by a disk that is ill: as if there were none
            return Marker()

    def _whole(self, wanted: _Wanted) -> CompleteSource | None:
        """The source as it stands on the volume, None where it is not all there."""
        found = self._marker().of(wanted.source.model_id)
        if found is None or not found.answers(wanted.source, wanted.endpoint):
            return None
        return found if self.volume.holds(found.model_id, found.files) else None

    def _fill(self, wanted: list[_Wanted]) -> None:
        plans = [self._plan(one) for one in wanted]
        for one in wanted:
            self._take_back(one)
        verified = [self._begun(one) for one in plans]
        self._check_room(plans, verified)
        for one, plan, known in zip(wanted, plans, verified, strict=True):
            fetching = self.hosts.fetcher(one.uri, one.environment, listed=plan.listed, activity=self.meter)
            with fetching as fetcher:
                transfer = Transfer(plan=plan, fetcher=fetcher, volume=self.volume, meter=self.meter)
                files = transfer.run(known)
            self._show(plan, files)

    def _take_back(self, wanted: _Wanted) -> None:
        """What is marked as whole and is not any more goes back into staging, where its files are looked at again."""
        marker = self._marker()
        found = marker.of(wanted.source.model_id)
        if found is not None and found.answers(wanted.source, wanted.endpoint):
            self.volume.mark(marker_text(marker.without(found.model_id)))
            self.volume.withdraw(found.model_id, ())

    def _plan(self, wanted: _Wanted) -> SourcePlan:
        listed = self.hosts.files(wanted.uri, wanted.environment)
        if isinstance(listed, ProbeFailed):
            raise FetchError(FetchCause(listed.cause.value), listed.message)
        kept = pick(listed.files, wanted.source.files).kept
        named = quoted(wanted.source.uri)
        if not kept:
            message = f"source {named}: its filter leaves none of {len(listed.files)} files; change include or exclude"
            raise FetchError(FetchCause.NO_FILES, message)
        try:
            check_paths(kept)
        except ParseError as error:
            raise FetchError(FetchCause.MALFORMED, f"source {named}: {error}") from error
        return SourcePlan(source=wanted.source, endpoint=wanted.endpoint, listed=listed, files=kept)

    def _begun(self, plan: SourcePlan) -> Mapping[str, StoredFile]:
        model_id = plan.source.model_id
        ours = self._marker().of(model_id) is not None
        known = self.volume.begin(model_id, plan.files, ours=ours)
        self.meter.expect(total_bytes=plan.bytes, total_files=len(plan.files))
        self.meter.finished(len(known))
        for file in plan.files:
            self.meter.found(file.size if file.path in known else self.volume.waiting(model_id, file) or 0)
        return known

    def _check_room(self, plans: list[SourcePlan], verified: list[Mapping[str, StoredFile]]) -> None:
        missing = sum(
            max(0, file.size - (self.volume.waiting(plan.source.model_id, file) or 0))
            for plan, known in zip(plans, verified, strict=True)
            for file in plan.files
            if file.path not in known
        )
        free = self.volume.free()
        if missing > free:
            total = sum(one.bytes for one in plans)
            message = f"{missing} of {total} bytes are missing and {free} are free; make the volume {missing - free} bytes larger"
            raise FetchError(FetchCause.DISK_FULL, message, lacking=missing - free)

    def _show(self, plan: SourcePlan, files: tuple[StoredFile, ...]) -> None:
        model_id, marker = plan.source.model_id, self._marker()
        if marker.of(model_id) is not None:  # so that no marker ever speaks of what is being replaced
            marker = marker.without(model_id)
            self.volume.mark(marker_text(marker))
        self.volume.publish(model_id, files)
        whole = CompleteSource(
            model_id=model_id,
            uri=plan.source.uri,
            endpoint=plan.endpoint,
            filter=plan.source.files,
            commit=plan.listed.commit,
            files=files,
        )
        self.volume.mark(marker_text(marker.with_source(whole)))
        self.volume.forget(model_id)

    def verify(self, request: FetchRequest) -> FetchResult:
        """As `run`, and what was there before is hashed again; what is damaged is taken back, for the next run to fetch."""
        try:
            before = [one for one in request.sources if self._whole(self._wanted(one)) is not None]
            result = self.run(request)
            if result.cause is None:
                for source in before:
                    self._verify(source.model_id)
        except FetchError as error:
            return self.failed(request, error)
        return result

    def _verify(self, model_id: str) -> None:
        whole = self._marker().of(model_id)
        damaged = [] if whole is None else list(self._damaged(whole))
        if not damaged:
            return
        names = ", ".join(quoted(one.path) for one in damaged[:5])
        message = f"{len(damaged)} files of {model_id} are not what they were ({names}); call again to fetch them anew"
        with self.volume.lock():
            self.volume.mark(marker_text(self._marker().without(model_id)))
            self.volume.withdraw(model_id, damaged)
        raise FetchError(FetchCause.CHECKSUM, message)

    def _damaged(self, whole: CompleteSource) -> Iterator[StoredFile]:
        self.meter.expect(total_bytes=sum(one.size for one in whole.files), total_files=len(whole.files))
        for file in whole.files:
            path = self.volume.published(whole.model_id, file.path)
            if file.digest is not None and self.volume.hash(path, file.digest, self.meter.worked) != file.digest:
                yield file
            self.meter.found(file.size)
            self.meter.finished()
