"""What the cluster in memory tells the loop is what stands in its store, whoever wrote it last."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from aimcore.adapters import wire
from aimcore.testing import World, worlds


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
def test_a_record_is_what_its_manifest_says_though_only_the_status_was_read_anew(world: World) -> None:
    run = world.settle()
    run.loop.observe()
    told = {repr(thing) for thing in run.loop.cache}
    assert told == {repr(wire.decode(manifest)) for manifest in run.ours().values()}


def test_a_status_of_somebody_else_is_read_as_it_stands() -> None:
    spec = {"image": "acme/chat:1"}
    about = {"name": "chat", "namespace": "alpha"}
    manifest = {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMModel", "metadata": about, "spec": spec}
    run = World(manifests=(manifest,)).settle()
    (there,) = run.ours().values()
    run.store.replace({**there, "status": {"status": "Degraded"}}, manager="kubectl", subresource="status")
    run.loop.observe()
    (model,) = run.loop.cache
    (stands,) = run.ours().values()
    assert model == wire.decode(stands)
