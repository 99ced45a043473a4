"""The cluster in memory answers as a real API server does, whatever three managers write in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.ports.errors import Conflict, PortError
from tests.integration.cluster.driver import Cluster, MemoryCluster, RealCluster
from tests.integration.cluster.manifests import condition, model, owned_by, with_status

_SPACES = count(1)

names = st.sampled_from(["A", "B", "C", "D"])


def by(key: str) -> Callable[[Any], str]:
    return lambda item: str(item[key])


values = st.sampled_from(["1", "2"])
env = st.lists(st.builds(lambda name, value: {"name": name, "value": value}, names, values), unique_by=by("name"))
limits = st.dictionaries(st.sampled_from(["cpu", "memory"]), values)
requests = st.dictionaries(st.sampled_from(["storage", "pods"]), values)  # none that a limit could contradict
labels = st.dictionaries(st.sampled_from(["one", "two"]), values, min_size=1)  # an empty one is stored, or not, by mood
specs = st.fixed_dictionaries(
    {"image": st.sampled_from(["docker.io/a/b:1", "docker.io/a/b:2"])},
    optional={
        "env": env,
        "serviceAccountName": values,
        "resources": st.fixed_dictionaries({}, optional={"limits": limits, "requests": requests}),
        "imagePullSecrets": st.lists(names.map(lambda name: {"name": name.lower()}), unique_by=by("name")),
        "discovery": st.fixed_dictionaries({}, optional={"enabled": st.booleans()}),
    },
)
metadata = st.fixed_dictionaries({}, optional={"labels": labels, "annotations": labels})
statuses = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["Ready", "Failed"]),
        "observedGeneration": st.integers(1, 2),
        "conditions": st.lists(st.builds(condition, names, st.sampled_from(["True", "False"])), unique_by=by("type")),
    },
)
patches = st.fixed_dictionaries(
    {},
    optional={
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "env": st.none() | env,
                "serviceAccountName": st.none() | values,
                "resources": st.none() | st.fixed_dictionaries({}, optional={"limits": st.none() | limits}),
            },
        ),
        "metadata": st.fixed_dictionaries({}, optional={"labels": st.none() | labels}),
    },
)


class Move(NamedTuple):
    """One request of one manager."""

    verb: str
    manager: str
    content: Any
    force: bool = False


moves = st.one_of(
    st.builds(Move, st.just("create"), st.sampled_from(["ann", "bob"]), st.tuples(metadata, specs)),
    st.builds(
        Move, st.just("apply"), st.sampled_from(["ann", "bob", "eve"]), st.tuples(metadata, specs), st.booleans()
    ),
    st.builds(Move, st.just("patch"), st.sampled_from(["ann", "bob", "eve"]), patches),
    st.builds(Move, st.just("replace"), st.sampled_from(["ann", "bob"]), st.tuples(metadata, specs)),
    st.builds(Move, st.just("apply status"), st.sampled_from(["ann", "bob", "eve"]), statuses, st.booleans()),
    st.builds(Move, st.just("patch status"), st.sampled_from(["ann", "bob"]), statuses),
    st.builds(Move, st.just("fold"), st.sampled_from(["ann", "bob"]), st.none()),
)


def request(cluster: Cluster, home: str, move: Move) -> Callable[[], Manifest]:
    where = Address("AIMModel", home, "llama")
    match move:
        case Move("create", manager, (meta, spec)):
            return lambda: cluster.create(model(home, metadata=meta, **spec), manager=manager)
        case Move("apply", manager, (meta, spec), force):
            return lambda: cluster.apply(model(home, metadata=meta, **spec), manager=manager, force=force)
        case Move("patch", manager, patch):
            return lambda: cluster.patch(where, patch, manager=manager)
        case Move("replace", manager, (meta, spec)):
            return lambda: cluster.replace(
                model(home, metadata={**meta, "resourceVersion": version(cluster, where)}, **spec), manager=manager
            )
        case Move("apply status", manager, status, force):
            manifest = with_status(model(home), **status)
            return lambda: cluster.apply(manifest, manager=manager, force=force, subresource="status")
        case Move("patch status", manager, status):
            return lambda: cluster.patch(where, {"status": status}, manager=manager, subresource="status")
        case _:
            return lambda: fold(cluster, where, move.manager)


def version(cluster: Cluster, where: Address) -> str:
    found: str = cluster.get(where)["metadata"]["resourceVersion"]
    return found


def fold(cluster: Cluster, where: Address, manager: str) -> Manifest:
    """Hand the manager's POST to its apply, as a client does that moves from one to the other."""
    entries = [
        {**entry, "operation": "Apply"} if (entry["manager"], entry["operation"]) == (manager, "Update") else entry
        for entry in cluster.get(where)["metadata"]["managedFields"]
        if entry.get("subresource") or (entry["manager"], entry["operation"]) != (manager, "Apply")
    ]
    return cluster.patch(where, {"metadata": {"managedFields": entries}}, manager=manager)


def outcome(cluster: Cluster, home: str, move: Move) -> Any:
    """What came of it, without what no two clusters share: uids, times and the numbers of versions."""
    where = Address("AIMModel", home, "llama")
    try:
        before = version(cluster, where)
    except PortError:
        before = ""
    try:
        after = request(cluster, home, move)()
    except Conflict as error:
        return "conflict", error.contested
    except PortError as error:
        return (type(error).__name__,)
    meta = after["metadata"]
    return {
        "wrote": meta["resourceVersion"] != before,
        "spec": after["spec"],
        "status": after.get("status"),
        "labels": meta.get("labels"),
        "annotations": meta.get("annotations"),
        "generation": meta["generation"],
        "owners": owned_by(after),
        "timed": {entry["manager"] + entry["operation"] for entry in meta.get("managedFields", ()) if "time" in entry},
    }


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(played=st.lists(moves, min_size=2, max_size=10))
def test_memory_agrees_with_a_real_api_server(memory: MemoryCluster, real: RealCluster, played: list[Move]) -> None:
    homes = []
    for cluster in (memory, real):
        home = f"play-{next(_SPACES)}"
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home}}, manager="kubectl")
        homes.append(home)
    for move in played:
        ours, theirs = outcome(memory, homes[0], move), outcome(real, homes[1], move)
        if theirs == ("Invalid",):
            return  # the schema speaks, as when a condition loses its last owner of `status`; the store has none of its own
        assert ours == theirs
