"""A plan is made, and what its images answered becomes the lock file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aimcore.adapters.manifests.lock import Lock, check_place, lock_text, read_lock, write_lock
from aimcore.adapters.manifests.lock.content import is_text
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged
from aimcore.domain.view.plan import Inspect
from aimcore.entrypoints.present.answers import Locked, LockedImage, Outcome
from aimcore.entrypoints.settings import PLATFORM, Settings
from aimcore.entrypoints.wiring.input import Manifests
from aimcore.entrypoints.wiring.sources import Ask, Askers, Folders, Meter, Online, ask_of, opened
from aimcore.entrypoints.wiring.world import plan_asking
from aimcore.ports.images import ImageInspector

__all__ = ["lock"]


def lock(
    taken: Manifests,
    settings: Settings,
    *,
    source: Folders | Online,
    file: Path,
    check: bool,
    progress: Callable[[str], object],
) -> Locked:
    """Brings the lock file in step with the images that the manifests ask for; with `check` it only says whether it is.

    Raises `LockError` for a file that is no lock, `UnwritableError` for a place where none can be, and what `opened` does.
    Where a manifest is wrong, nothing is written.
    """
    nothing = Lock(platform=source.registries.platform if isinstance(source, Online) else PLATFORM, images={})
    held, text = read_lock(file) if check_place(file) else (nothing, "")
    recorder = Recorder(held=held if held.platform == nothing.platform else nothing)
    meter = Meter()

    @contextmanager
    def asking(manifests: Iterable[Mapping[str, Any]]) -> Iterator[Askers]:
        with opened(source, manifests, meter) as inspector:
            yield Askers(images=recorder.ask(inspector, progress))

    planned = plan_asking(taken, settings, asking=asking, progress=progress)
    found = recorder.lock()
    locked = Locked(
        file=str(file),
        images=tuple(compare(held, found, recorder.failures())),
        differs=lock_text(found) != text,
        written=False,
        cost=meter.cost if isinstance(source, Online) else None,
        problems=planned.problems,
        assumptions=planned.assumptions,
    )
    if check or locked.is_unsound or not locked.differs:
        return locked
    write_lock(file, lock_text(found))
    return replace(locked, written=True)


@dataclass(slots=True, kw_only=True)
class Recorder:
    """Answers wishes by way of what is `held`, and keeps every answer."""

    held: Lock
    answers: dict[Inspect, Inspection] = field(default_factory=dict)

    def ask(self, inspector: ImageInspector, progress: Callable[[str], object]) -> Ask:
        """The asker of a loop: an image whose digest is still the held one is not read again."""

        def read(want: Inspect) -> Inspection:
            before = self.held.images.get(str(want.image))
            answer = inspector.recheck(want, before.digest) if before else inspector.inspect(want)
            if isinstance(answer, Unchanged):
                return before or inspector.inspect(want)
            return answer if isinstance(answer, InspectionFailed) else _writable(want, answer)

        asked = ask_of(read, progress)

        def ask(wants: Any) -> Iterable[Inspection]:
            found = list(asked(wants))
            self.answers.update(zip(wants, found, strict=True))
            return found

        return ask

    def lock(self) -> Lock:
        """What is known now of every image that was asked for: what was read, else what is held."""
        read = {str(want.image): answer for want, answer in self.answers.items() if isinstance(answer, Inspected)}
        kept = {name: self.held.images[name] for name in self.failures() if name in self.held.images}
        return Lock(platform=self.held.platform, images={**kept, **read})

    def failures(self) -> Mapping[str, str]:
        """Why an image could not be read; one that could with any of the secrets it is wanted with has not failed."""
        read = {want.image for want, answer in self.answers.items() if isinstance(answer, Inspected)}
        return {
            str(want.image): f"{answer.cause}: {answer.message}"
            for want, answer in self.answers.items()
            if isinstance(answer, InspectionFailed) and want.image not in read
        }


def _writable(want: Inspect, answer: Inspected) -> Inspection:
    if all(is_text(label) and is_text(value) for label, value in answer.labels.items()):
        return answer
    message = f"image {want.image} has a label with half a character in it; expected text in Unicode"
    return InspectionFailed(cause=Cause.MALFORMED, message=message)


def compare(held: Lock, found: Lock, failures: Mapping[str, str]) -> Iterator[LockedImage]:
    """What became of every image, by name."""
    for name in sorted({*held.images, *found.images, *failures}):
        before, after = held.images.get(name), found.images.get(name)
        if name in failures:
            outcome = Outcome.FAILED
        elif after is None:
            outcome = Outcome.DROPPED
        elif before is None:
            outcome = Outcome.ADDED
        else:
            outcome = Outcome.UNCHANGED if before == after else Outcome.CHANGED
        yield LockedImage(
            image=name,
            outcome=outcome,
            digest=after.digest if after else None,
            was=before.digest if before else None,
            message=failures.get(name, ""),
        )
