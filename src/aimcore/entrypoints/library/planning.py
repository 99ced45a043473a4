"""Plan a catalogue, and compare two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from aimcore.entrypoints.library.catalogue import Catalogue
from aimcore.entrypoints.library.fitting import places_unreached
from aimcore.entrypoints.present.answers import Compared, Planned
from aimcore.entrypoints.settings import Settings
from aimcore.entrypoints.wiring import Images, Sizes, asking_of, changed_objects, plan_asking

__all__ = ["diff", "plan"]


def _silent(_doing: str) -> None:
    """Tells nobody."""


def plan(
    catalogue: Catalogue,
    *,
    settings: Settings | None = None,
    images: Images | None = None,
    sizes: Sizes | None = None,
    progress: Callable[[str], object] = _silent,
) -> Planned:
    """What the operator would make of the catalogue: its own loop runs on a cluster in memory until nothing changes.

    `images` says where labels come from: `Folders`, a `LockFile`, `Online`, an `ImageInspector` of one's own, or a mapping of
    labels by image reference; without it images stay unread. `sizes` is a `SizeProber` of one's own or bytes by URI; without
    it sources are sized only where images are read `Online`. Both are called from up to 16 threads at once, while `progress`
    is told, in the calling thread, what is being done. The catalogue of a cluster is planned as it stands there; nothing is
    written to it, and its pods and volumes are not looked at.

    Raises `SetupError` for settings that cannot be used, `LockError` for a lock file that is none, `NotSettledError` should
    the loop not come to rest, and whatever an inspector or prober of one's own raises.
    """
    asking = asking_of(images, progress, sizes)
    judged = settings or Settings()
    planned = plan_asking(catalogue.taken, judged, asking=asking, progress=progress, live=catalogue.live)
    return replace(planned, assumptions=(*planned.assumptions, *places_unreached(planned)))


def diff(
    before: Catalogue,
    after: Catalogue,
    *,
    settings: Settings | None = None,
    images: Images | None = None,
    sizes: Sizes | None = None,
    progress: Callable[[str], object] = _silent,
) -> Compared:
    """What is different once the operator has done its part: objects that came, went, or are otherwise.

    Two catalogues of manifests are planned, and their plans compared. Where `before` is of a cluster, `after` is applied to
    its likeness in memory, as `kubectl apply --server-side --force-conflicts` would; what is on the cluster and not in
    `after` stays. Raises what `plan` does.
    """
    judged = settings or Settings()
    if before.live is not None:
        from aimcore.entrypoints.wiring.compare import compare  # noqa: PLC0415 - with a package that files never need

        asking = asking_of(images, progress, sizes)
        return compare(after.taken, judged, live=before.live, asking=asking, progress=progress)
    old, new = (plan(one, settings=judged, images=images, sizes=sizes, progress=progress) for one in (before, after))
    return Compared(
        changed=tuple(changed_objects(old.objects, new.objects)),
        pending=0,
        problems=new.problems,
        assumptions=new.assumptions,
    )
