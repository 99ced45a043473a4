"""Every field of every kind unset, at its least, at its most, invalid, with another value, and back again.

The fields are those of the definitions, so that none can be forgotten. What the definitions refuse the library refuses, and
the cluster in memory; what is admitted the operator can live with, and once it is taken back nothing of it is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from aimcore.adapters import wire
from aimcore.adapters.memory.kinds import Manifest
from aimcore.ports.errors import Invalid
from aimcore.testing import Run
from aimcore.testing.endings import auto_models, same_end
from aimcore.testing.violations import demand
from aimcore.testing.world import address_of
from tests.integration.simulations.bases import BASES, Base, changed, found
from tests.integration.simulations.schema import Field, admits, changes, fields_of, said_by_rules, specs
from tests.integration.simulations.timeline import Timeline, forked

KINDS = sorted(specs())
IMMUTABLE = {
    "AIMTemplateCache": (
        *("templateName", "templateScope", "mode", "storageClassName"),
        *("accessMode", "volumeSize", "existingClaim"),
    ),
    **dict.fromkeys(
        ("AIMServiceTemplate", "AIMClusterServiceTemplate"), ("modelName", "metric", "precision", "hardware")
    ),
}
"""What of an object never changes, so that another one takes its place (TMPL-7, CACHE-1)."""


REFUSED = ("AIMService", ("routing", "allowedAnnotations"))
"""What a rule refuses whatever it says, wherever it stands: test_admission has the case."""


def base_of(kind: str, field: Field) -> tuple[Base, tuple[Any, ...], Any]:
    """The first base that has the field, where in it, and its value there."""
    for base in BASES[kind]:
        there = found(base.manifest["spec"], field.path)
        if there is not None:
            return base, *there
    raise AssertionError(f"no base of {kind} sets {field}: add it in bases.py")


Mutations = tuple[Field, Base, list[tuple[str, Manifest]]]


def mutations(kind: str) -> Iterator[Mutations]:
    """Every field, the base it is changed in, and that with each of the changes."""
    for field in fields_of(specs()[kind]):
        if (kind, field.path[:2]) == REFUSED:
            continue
        base, path, value = base_of(kind, field)
        spec = base.manifest["spec"]
        yield (
            field,
            base,
            [(name, {**base.manifest, "spec": changed(spec, path, other)}) for name, other in changes(field, value)],
        )


@pytest.mark.rule("KIND-3")
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_definition_refuses_the_library_refuses_and_what_it_admits_only_a_rule_does(kind: str) -> None:
    schema = specs()[kind]
    by_rules = re.compile("|".join(said_by_rules(schema)))
    for field, _, mutants in mutations(kind):
        for name, mutant in mutants:
            faults = [fault for fault in wire.faults(mutant) if not fault.warning]
            if admits(schema, mutant["spec"]):
                alone = [fault for fault in faults if not by_rules.fullmatch(fault.message)]
                assert alone == [], f"{kind} {field} {name}: refused by the library alone"
            else:
                assert faults, f"{kind} {field} {name}: refused by the definition alone"


@pytest.mark.rule("KIND-3", "TMPL-7", "SEL-5", "DISC-3")
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_changed_and_taken_back_the_end_is_the_one_before(kind: str) -> None:
    for field, base, mutants in apart(kind):
        timeline = Timeline(base.world, run=forked(base.live()))
        for name, mutant in (*mutants, ("taken back", base.manifest)):
            try:
                tried(timeline, mutant)
            except AssertionError as error:
                raise AssertionError(f"{kind} {field} {name}: {error}") from error
        demand(f"nothing of {kind} {field} is left", same_end(reference(base, timeline.run), timeline.run))


def apart(kind: str) -> Iterator[Mutations]:
    """The fields of a kind, what is the same in several places once only: a variable of an environment is one anywhere."""
    seen: set[str] = set()
    for field, base, mutants in mutations(kind):
        inner = str(field.path[field.path.index("env") + 1 :]) if "env" in field.path[:-1] else str(field.path)
        if inner not in seen:
            seen.add(inner)
            yield field, base, mutants


def tried(timeline: Timeline, mutant: Manifest) -> None:
    """The object is changed until the operator rests, unless the cluster refuses what the library refuses."""
    if any(not fault.warning for fault in wire.faults(mutant)):
        there = timeline.find(address_of(mutant))
        with pytest.raises(Invalid):
            timeline.replace({**there, "spec": mutant["spec"]})
        return
    written(timeline, mutant)
    timeline.rest()


def written(timeline: Timeline, manifest: Manifest) -> None:
    """Somebody writes the object anew; where that would change what never changes, they make another one of its name."""
    address = address_of(manifest)
    there = timeline.find(address)
    fixed = IMMUTABLE.get(address.kind, ())
    if any(there["spec"].get(name) != manifest["spec"].get(name) for name in fixed):
        with pytest.raises(Invalid):
            timeline.replace({**there, "spec": manifest["spec"]})
        timeline.delete(address)
        timeline.create(manifest)
    else:
        timeline.replace({**there, "spec": manifest["spec"]})


def reference(base: Base, run: Run) -> Run:
    """The end before any change; with the models that were made for other images in the meantime, which stay (AUTO-1)."""
    made = auto_models(run)
    if made == auto_models(base.live()):
        return forked(base.live())
    timeline = Timeline(base.world.having((*base.world.manifests, *made.values())))
    timeline.rest()
    return timeline.run
