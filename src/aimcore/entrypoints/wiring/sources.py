"""Where image labels come from: folders, registries, or a lock file; each opened as an inspector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock as Mutex
from typing import Any, Final, TypeVar

from aimcore.adapters.manifests.lock import LockedInspector, read_lock
from aimcore.adapters.memory.outside import MemoryRegistry
from aimcore.adapters.oci.layout import LayoutInspector
from aimcore.domain.errors import AimError
from aimcore.domain.images.inspection import Inspection
from aimcore.domain.view.plan import Inspect, Probe
from aimcore.domain.weights.probing import ProbeAnswer
from aimcore.entrypoints.present.answers import Cost
from aimcore.entrypoints.settings import Registries
from aimcore.entrypoints.wiring.crowd import all_at_once
from aimcore.entrypoints.wiring.plugins import PluggedInspector, image_sources
from aimcore.entrypoints.wiring.secrets import DOCKER_CONFIG, ManifestSecrets
from aimcore.ports.images import ImageInspector
from aimcore.ports.secrets import PullSecret
from aimcore.ports.sizes import SizeProber

__all__ = [
    "Ask",
    "Askers",
    "Folders",
    "Images",
    "LockFile",
    "Meter",
    "Online",
    "SetupError",
    "Sizes",
    "Source",
    "ask_of",
    "opened",
]

W = TypeVar("W")
A = TypeVar("A")
Ask = Callable[[Sequence[Inspect]], Iterable[Inspection]]

CONFIG_AT_MOST: Final = 2**20
"""Bytes of a docker config; as many as a Secret of Kubernetes can hold."""


class SetupError(AimError):
    """Registries cannot be asked as the settings say: a file that cannot be used, or packages that are not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Folders with images in an OCI layout."""

    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFile:
    """A file that `lock` wrote."""

    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """The registries that the images name."""

    registries: Registries


Source = Folders | LockFile | Online
Images = Source | ImageInspector | Mapping[str, Mapping[str, str]]
"""Where image labels come from: a source of this package, an inspector of one's own, or labels by image reference."""
Sizes = SizeProber | Mapping[str, int]
"""Where sizes come from: a prober of one's own, or bytes by URI."""


@dataclass(slots=True)
class Meter:
    """Counts what is spent, from all threads."""

    requests: int = 0
    received: int = 0
    _mutex: Any = field(default_factory=Mutex)

    def __call__(self, exchange: Any) -> None:
        """Counts one exchange of a session."""
        with self._mutex:
            self.requests += 1
            self.received += exchange.received

    @property
    def cost(self) -> Cost:
        """What was spent so far."""
        return Cost(requests=self.requests, bytes=self.received)


@dataclass(frozen=True, slots=True, kw_only=True)
class Askers:
    """Who answers the wishes of a loop; what nobody does stays unread, or unsized."""

    images: Ask | None = None
    sizes: Callable[[Sequence[Probe]], Iterable[ProbeAnswer]] | None = None


def ask_of(
    work: Callable[[W], A], progress: Callable[[str], object], doing: str = "inspecting {}/{} images"
) -> Callable[[Sequence[W]], list[A]]:
    """The asker of a loop that has the wishes answered many at once, and tells how many are."""

    def ask(wants: Sequence[W]) -> list[A]:
        def told(count: int) -> None:
            progress(doing.format(count, len(wants)))

        if wants:
            told(0)
        return all_at_once(work, wants, told)

    return ask


@contextmanager
def opened(source: Images, manifests: Iterable[Mapping[str, Any]], meter: Meter) -> Iterator[ImageInspector]:
    """What reads images: registries with the pull secrets among the manifests and then the caller's own, or an inspector itself.

    Raises `LockError` for a lock file that cannot be used, `SetupError` for settings that cannot.
    """
    match source:
        case Folders(folders=folders):
            yield LayoutInspector(folders)
        case LockFile(file=file):
            yield LockedInspector(read_lock(file)[0], file=file)
        case Online(registries=registries):
            with _registry(registries, manifests, meter) as inspector:
                yield inspector
        case Mapping():
            yield MemoryRegistry(source)
        case _:
            yield source


@contextmanager
def _registry(registries: Registries, manifests: Iterable[Mapping[str, Any]], meter: Meter) -> Iterator[ImageInspector]:
    try:
        from aimcore.adapters.egress import (  # noqa: PLC0415 - urllib3, for those who go online
            EgressError,
            Session,
        )
        from aimcore.adapters.oci.keyring import KeyringError  # noqa: PLC0415 - likewise
        from aimcore.adapters.oci.platforms import Platform  # noqa: PLC0415 - likewise
        from aimcore.adapters.oci.registry import RegistryInspector  # noqa: PLC0415 - oras, likewise
        from aimcore.entrypoints.wiring.rules import rules_of  # noqa: PLC0415 - urllib3, likewise
    except ModuleNotFoundError as error:
        raise SetupError(f"package {error.name} is missing: pip install 'aimcore[cli,oci]' brings it") from error
    system, _, architecture = registries.platform.partition("/")
    secrets, own = ManifestSecrets(manifests), _own(registries.config_file)
    platform = Platform(os=system, architecture=architecture)
    with ExitStack() as stack:
        try:
            session = stack.enter_context(Session(rules_of(registries), observe=meter))
            inspector = RegistryInspector(session, secrets=secrets, own=own, platform=platform)
        except (EgressError, KeyringError) as error:
            raise SetupError(str(error)) from error
        yield PluggedInspector(inspector, image_sources())


def _own(file: Path | None) -> tuple[PullSecret, ...]:
    if file is None:
        return ()
    called = ascii(str(file))[1:-1]
    try:
        with file.open("rb") as stream:
            document = stream.read(CONFIG_AT_MOST + 1)
    except OSError as error:
        raise SetupError(f"registry config {called} cannot be read: {(error.strerror or '').lower()}") from error
    if len(document) > CONFIG_AT_MOST:
        raise SetupError(f"registry config {called} has more than {CONFIG_AT_MOST} bytes")
    return (PullSecret(name=called, type=DOCKER_CONFIG, document=document),)
