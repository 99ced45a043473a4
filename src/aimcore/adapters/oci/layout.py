"""Images in OCI image layout folders, as skopeo, oras, buildah and `docker buildx` write them: labels without a network.

A folder is a layout (it holds `index.json`), or holds layouts as its sub-folders. What names an image in a layout, the most
exact first:

1. `io.containerd.image.name` or `org.opencontainers.image.ref.name` is its reference, both sides written out in full;
2. `org.opencontainers.image.ref.name` is the end of its reference, `y:1.0` for `ghcr.io/x/y:1.0`;
3. it is the tag alone, in a folder called like the repository: `skopeo copy ... oci:y:1.0` makes folder `y` and name `1.0`.
   In any other folder a tag names no image: every repository has a `latest`, and wrong labels are worse than none.

A digest needs no name: its content is there or it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aimcore.adapters.oci.content import (
    CONFIG_AT_MOST,
    MANIFEST_AT_MOST,
    ContentError,
    Descriptor,
    no_image,
    parse_digest,
    parse_index,
    parse_manifest,
    possible_images,
    verify,
)
from aimcore.adapters.oci.platforms import DEFAULT_PLATFORM
from aimcore.adapters.oci.walk import config_of
from aimcore.domain.errors import ParseError, quoted
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged, compared
from aimcore.domain.values.image import ImageReference, parse_image
from aimcore.domain.view.plan import Inspect

__all__ = ["LayoutInspector"]

_REF_NAME: Final = "org.opencontainers.image.ref.name"
_SHOWN_AT_MOST: Final = 2
_NAMES_AT_MOST: Final = 8
_HINTS_AT_MOST: Final = 8
_CONTAINERD_NAME: Final = "io.containerd.image.name"


class LayoutInspector:
    """An `ImageInspector` over folders: the first that knows the image answers.

    A layout that cannot be read fails every inspection that comes to it, since it may have been the one that knows. The names
    in a layout are read once, on first use.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._opened: dict[Path, _Layout] = {}

    def inspect(self, want: Inspect) -> Inspection:
        """The digest and labels of the image; where no folder knows it, `NotFound` says which were looked in."""
        image, hints = want.image, []
        for folder in (place for each in self._folders for place in _places(each)):
            try:
                layout = self._layout(folder)
                found = layout.find(image)
                if found is not None:
                    return layout.read(found)
                hints.append(layout.hint(image))
            except ContentError as error:
                message = f"image {image} in folder {str(folder)!a}: {error.problem}"
                return InspectionFailed(cause=error.cause, message=message)
        looked = ", ".join(ascii(str(each)) for each in self._folders)
        told = "".join(hints[:_HINTS_AT_MOST])
        more = f"; and {len(hints) - _HINTS_AT_MOST} more folders" if len(hints) > _HINTS_AT_MOST else ""
        message = f"image {image} is in none of the image folders; looked in {looked}{told}{more}"
        return InspectionFailed(cause=Cause.NOT_FOUND, message=message)

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        """`Unchanged` while the folders name the content of that digest."""
        return compared(self.inspect(want), held)

    def _layout(self, folder: Path) -> _Layout:
        if folder not in self._opened:
            self._opened[folder] = _opened(folder)
        return self._opened[folder]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """One layout, and what its index names: by the name as it is `written` there, and in full.

    `unnamed` are the digests of what it holds without a name, as `crane pull` and `skopeo copy ... oci:DIR` leave it.
    """

    folder: Path
    names: Mapping[str, Sequence[Descriptor]]
    written: tuple[str, ...]
    unnamed: tuple[str, ...]

    def find(self, image: ImageReference) -> str | None:
        """The digest of what `image` names here."""
        if image.digest is not None:
            return image.digest if _stands(_blob(self.folder, image.digest)) else None
        for name in self._spellings(image):
            if name in self.names:
                return _one(self.names[name]).digest
        return None

    def read(self, digest: str) -> Inspected:
        """The labels of the image or index with this digest (DISC-4); an artifact without an image config has none."""
        body = self._content(digest, at_most=MANIFEST_AT_MOST)
        verify(body, digest)
        config = config_of(parse_manifest(body), self, platform=DEFAULT_PLATFORM)
        return Inspected(digest=digest, labels=config.labels, problems=config.problems)

    def hint(self, image: ImageReference) -> str:
        """What to do where the tag is here, but names no image; else what is here, by its name or without one."""
        if image.digest is not None or image.tag is None or image.tag not in self.names:
            return f"{self._by_name(image)}{self._without_name(image)}"
        here, repository = ascii(str(self.folder)), quoted(image.repository.rpartition("/")[2])
        return (
            f"; {here} has the tag {quoted(image.tag)} of no repository: call the folder {repository} if it is that one"
        )

    def _by_name(self, image: ImageReference) -> str:
        here = ascii(str(self.folder))
        if image.digest is not None or (self.unnamed and not self.written):
            return ""
        names = [quoted(name) for name in self.written[:_NAMES_AT_MOST]]
        more = ["..."] if len(self.written) > _NAMES_AT_MOST else []
        return f"; {here} holds {', '.join((*names, *more)) or 'no image'}"

    def _without_name(self, image: ImageReference) -> str:
        if not self.unnamed:
            return ""
        here, count = ascii(str(self.folder)), len(self.unnamed)
        shown = ", ".join((*self.unnamed[:_SHOWN_AT_MOST], *(("...",) if count > _SHOWN_AT_MOST else ())))
        holds = f"; {here} holds {count} {'image' if count == 1 else 'images'} without a name ({shown})"
        if image.digest is not None:
            return holds
        repository, first = f"{image.registry}/{image.repository}", self.unnamed[0]
        return f"{holds}: copy it as oci:{ascii(str(self.folder))[1:-1]}:TAG, or ask for {repository}@{first}"

    def _spellings(self, image: ImageReference) -> Iterator[str]:
        yield str(image)
        parts = image.repository.split("/")
        for at in range(len(parts)):
            yield f"{'/'.join(parts[at:])}:{image.tag}"
        if image.tag is not None and self.folder.resolve().name == parts[-1]:
            yield image.tag

    def manifest(self, wanted: Descriptor) -> bytes:
        """The bytes of a manifest or an index."""
        return self._content(wanted.digest, at_most=MANIFEST_AT_MOST)

    def config(self, wanted: Descriptor) -> bytes:
        """The bytes of a config."""
        return self._content(wanted.digest, at_most=CONFIG_AT_MOST)

    def _content(self, digest: str, *, at_most: int) -> bytes:
        return _read(_blob(self.folder, digest), f"blob {digest}", at_most=at_most)


def _places(folder: Path) -> Sequence[Path]:
    """`folder` itself where it is a layout or nothing is; else the layouts directly in it, by name."""
    if _stands(folder / "index.json"):
        return (folder,)
    try:
        return sorted(each.parent for each in folder.glob("*/oci-layout")) or (folder,)
    except OSError:  # reading its index tells why
        return (folder,)


def _opened(folder: Path) -> _Layout:
    body = _read(folder / "index.json", "index.json of an OCI image layout", at_most=MANIFEST_AT_MOST)
    names: dict[str, list[Descriptor]] = {}
    written: dict[str, None] = {}
    unnamed: dict[str, None] = {}
    for each in parse_index(body).manifests:
        annotated = [text for key in (_CONTAINERD_NAME, _REF_NAME) if (text := each.annotations.get(key))]
        if not annotated and each.may_be_image:
            unnamed[each.digest] = None
        written |= dict.fromkeys(annotated[:1])
        for name in {spelling for text in annotated for spelling in (text, _in_full(text))}:
            names.setdefault(name, []).append(each)
    return _Layout(folder=folder, names=names, written=tuple(written), unnamed=tuple(unnamed))


def _in_full(name: str) -> str:
    try:
        return str(parse_image(name))
    except ParseError:  # a name need not be a reference, `my build` is legal
        return name


def _one(same_name: Sequence[Descriptor]) -> Descriptor:
    """The content of a name: skopeo files the same one repeatedly, and some tools one content a platform."""
    contents = {each.digest: each for each in same_name}
    if len(contents) == 1:
        return same_name[0]
    if any(each.platform is None for each in contents.values()):
        raise ContentError(f"index.json has {len(contents)} contents of that name; expected one, or one a platform")
    images = possible_images(contents.values(), DEFAULT_PLATFORM)
    if images and (len(images) == 1 or images[0].platform == DEFAULT_PLATFORM):
        return images[0]
    raise no_image(DEFAULT_PLATFORM, [each.platform for each in images])


def _blob(folder: Path, digest: str) -> Path:
    algorithm, digits = parse_digest(digest)
    return folder / "blobs" / algorithm / digits


def _stands(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # not to be looked at is not to be found; reading its index tells why
        return False


def _read(path: Path, what: str, *, at_most: int) -> bytes:
    """A regular file's bytes, within its bound (SEC-4); a pipe or device would never end."""
    try:
        if not path.is_file():
            raise ContentError(f"{what} is missing", cause=Cause.NOT_FOUND)
        with path.open("rb") as stream:
            body = stream.read(at_most + 1)
    except OSError as error:
        raise ContentError(f"{what} cannot be read: {error.strerror}", cause=Cause.UNREACHABLE) from error
    if len(body) > at_most:
        raise ContentError(f"{what} has more than {at_most} bytes", cause=Cause.TOO_LARGE)
    return body
