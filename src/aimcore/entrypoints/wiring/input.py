"""Paths become documents that a cluster would take, and all the problems of those it would not."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from aimcore.adapters import wire
from aimcore.adapters.manifests import Document, Problem, Skipped, Wanted, Why, read_manifests
from aimcore.adapters.memory.kinds import Address, resource_of
from aimcore.domain.decide.checks import spec_faults
from aimcore.domain.errors import Fault
from aimcore.domain.kinds.records import Resource
from aimcore.domain.kinds.scope import GROUP
from aimcore.entrypoints.present.answers import Checked

__all__ = ["DEFAULT_NAMESPACE", "Inputs", "Manifests", "check", "count_skipped", "metadata_faults", "take_in"]

DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Where the manifests are: files, folders (with their sub-folders if `recursive`) and `-`, which is `stdin`; and `texts`
    that the caller has, each with the name that messages call it. What a pattern of `ignore` names is not looked at.
    """

    paths: tuple[str, ...]
    texts: tuple[tuple[str, bytes], ...] = ()
    recursive: bool = False
    ignore: tuple[str, ...] = ()
    stdin: BinaryIO = field(default_factory=io.BytesIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """The manifests that enter the world, one of each name; the problems of all; the files they came from; how many
    manifests named no namespace; how many were objects of ours; and what was skipped.

    `namespace` is the one they were put into, None when the caller did not say.
    """

    namespace: str | None
    manifests: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]
    documents: int
    files: tuple[str, ...]
    placeless: int
    objects: int = 0
    skipped: tuple[Skipped, ...] = ()


def check(inputs: Inputs, namespace: str | None) -> Checked:
    """All that is wrong with the inputs, warnings included; manifests without a namespace are judged in that one."""
    taken = take_in(inputs, namespace)
    return Checked(
        documents=taken.documents,
        objects=taken.objects,
        files=taken.files,
        problems=taken.problems,
        skipped=count_skipped(taken.skipped),
    )


def count_skipped(skipped: Iterable[Skipped]) -> dict[str, int]:
    """How much was skipped for each reason."""
    counts = Counter(one.why for one in skipped)
    return {why.value: counts[why] for why in Why if counts[why]}


def take_in(inputs: Inputs, namespace: str | None) -> Manifests:
    """Reads and judges the inputs. What a cluster would refuse stays out; what it would take, and fail, comes in.

    Objects of other kinds come in as they are, as far as they are sound; what is wrong with them is for others to say.
    """
    loaded = read_manifests(
        inputs.paths,
        recursive=inputs.recursive,
        stdin=inputs.stdin,
        texts=inputs.texts,
        wanted=Wanted(value=wire.concerns, text=wire.mentions, ignore=inputs.ignore),
    )
    problems = list(loaded.problems)
    skipped = list(loaded.skipped)
    entering: dict[Address, Document] = {}
    placeless = 0
    for document in loaded.documents:
        spoken = replace(document, manifest=_said(document.manifest))
        placed = _placed(spoken, namespace or DEFAULT_NAMESPACE)
        concerns = wire.concerns(placed.manifest)
        faults, refused = _judged(placed.manifest)
        if not refused:
            address = _address(placed.manifest)
            placeless += placed is not spoken and concerns
            faults = (*faults, *_repeated(placed, entering.get(address)))
            entering.setdefault(address, placed)
        if concerns:
            problems.extend(map(placed.problem, faults))
        else:
            skipped.append(Skipped(file=placed.text.file, why=Why.OTHER_KIND))
    return Manifests(
        namespace=namespace,
        manifests=tuple(document.manifest for document in entering.values()),
        problems=tuple(sorted(problems, key=_place)),
        documents=len(loaded.documents),
        files=loaded.files,
        placeless=placeless,
        objects=sum(_is_ours(document.manifest) for document in loaded.documents),
        skipped=tuple(skipped),
    )


def _is_ours(manifest: dict[str, Any]) -> bool:
    return str(manifest["apiVersion"]).partition("/")[0] == GROUP


def _said(manifest: dict[str, Any]) -> dict[str, Any]:
    """What a manifest says: nothing by its nulls, nor by who manages which field of an object that is not ours."""
    said: dict[str, Any] = _spoken(manifest)
    if not _is_ours(said):
        said["metadata"].pop("managedFields", None)
    return said


def _spoken(value: Any) -> Any:
    """`value` without its nulls: to a cluster null and absent are one."""
    if isinstance(value, dict):
        return {name: _spoken(one) for name, one in value.items() if one is not None}
    return [_spoken(one) for one in value] if isinstance(value, list) else value


def _placed(document: Document, namespace: str) -> Document:
    """The document in that namespace, where its kind asks for one and it names none, as `kubectl apply` has it."""
    manifest = document.manifest
    metadata: Any = manifest["metadata"]
    if metadata.get("namespace") or not resource_of(manifest).namespaced:
        return document
    return replace(document, manifest={**manifest, "metadata": {**metadata, "namespace": namespace}})


def _judged(manifest: dict[str, Any]) -> tuple[tuple[Fault, ...], bool]:
    """What is wrong with a manifest, and whether a cluster would refuse it for that."""
    ours = _is_ours(manifest)
    faults = wire.faults(manifest) if wire.knows(manifest) else ()
    if not ours:
        stranger = wire.elsewhere(manifest)
        faults = (*faults, *metadata_faults(manifest, namespaced=resource_of(manifest).namespaced))
        faults = faults if stranger is None else (stranger, *faults)
    if any(not fault.warning for fault in faults):
        return faults, True
    return (*faults, *_spec_faults(manifest)) if ours else faults, False


def _spec_faults(manifest: dict[str, Any]) -> tuple[Fault, ...]:
    thing = wire.decode(manifest)
    return spec_faults(thing) if isinstance(thing, Resource) else ()


def _address(manifest: dict[str, Any]) -> Address:
    metadata = manifest["metadata"]
    return Address(resource_of(manifest).kind, metadata.get("namespace"), metadata["name"])


def _repeated(document: Document, first: Document | None) -> Iterator[Fault]:
    """The fault of an object that is there already; a harmless one when both say the same."""
    if first is None:
        return
    same = first.manifest == document.manifest
    place = first.locate("$.metadata.name")
    message = f"{_address(document.manifest)} stands at {place} already; expected each object once"
    yield Fault(path="$.metadata.name", message=message, rule="KIND", warning=same)


def _place(problem: Problem) -> tuple[str, int, int, str, str]:
    return problem.file, problem.line, problem.column, problem.path, problem.message


OWNER = ("apiVersion", "kind", "name", "uid")
OBJECTS = ("spec", "status")


def metadata_faults(manifest: Mapping[str, Any], *, namespaced: bool) -> Iterator[Fault]:
    """Everything wrong around the content of an object whose content is not ours to judge."""
    metadata = manifest["metadata"]
    if metadata.get("namespace") and not namespaced:
        yield _fault("namespace", "an object of the cluster has no namespace; expected none")
    for name in ("labels", "annotations"):
        value = metadata.get(name)
        if isinstance(value, dict):
            for key, one in value.items():
                if not isinstance(one, str):
                    yield _fault(f"{name}[{json.dumps(key)}]", "is no text; expected quotes around it")
        elif value is not None:
            yield _fault(name, "is no mapping of texts; expected one")
    if not _texts(metadata.get("finalizers")):
        yield _fault("finalizers", "is no list of texts; expected names of finalizers")
    owners = metadata.get("ownerReferences")
    if owners is not None and not (isinstance(owners, list) and all(map(_owner, owners))):
        yield _fault("ownerReferences", f"is no list of owners; expected {', '.join(OWNER)} of each")
    if not isinstance(metadata.get("deletionTimestamp"), str | None):
        yield _fault("deletionTimestamp", "is no text; expected a time as RFC 3339 has it")
    for name in OBJECTS:
        if not isinstance(manifest.get(name), dict | None):
            yield Fault(path=f"$.{name}", message="is no mapping; expected one", rule="KIND")


def _texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _owner(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in OWNER)


def _fault(name: str, message: str) -> Fault:
    return Fault(path=f"$.metadata.{name}", message=message, rule="KIND")
