"""The port's promise, kept by the cluster in memory and by a real API server alike: changes out, four writes in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.kinds.ownership import MANAGER, Owner
from aimcore.domain.kinds.records import Meta, Model, ModelSpec, Template, TemplateSpec
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ModelStatus, TemplateStatus, Verdict
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.plan import Delete, SetStatus
from aimcore.domain.weights.sources import EnvVar
from aimcore.ports.errors import AccessDenied, AlreadyExists, Conflict, Contested, NotFound
from aimcore.testing import check_cluster
from tests.integration.cluster.bench import Bench, bench
from tests.integration.cluster.driver import Cluster
from tests.integration.cluster.manifests import address, model, owned_by

HELD = ["test.aim/hold"]


@pytest.fixture
def at(cluster: Cluster) -> Iterator[Bench]:
    with bench(cluster) as made:
        made.hear()
        yield made


def a_model(home: str, name: str = "llama", **spec: object) -> Model:
    given = {"image": "docker.io/amdenterpriseai/aim-llama:1", **spec}
    return Model(key=Key(Kind.MODEL, home, name), spec=ModelSpec(**given))  # type: ignore[arg-type]  # a spec's own


def a_template(home: str, owner: Manifest, **spec: object) -> Template:
    metadata = owner["metadata"]
    owners = (
        Owner(
            api_version=owner["apiVersion"],
            kind=owner["kind"],
            name=metadata["name"],
            uid=metadata["uid"],
            controller=True,
        ),
    )
    return Template(
        key=Key(Kind.TEMPLATE, home, "llama-1x"),
        meta=Meta(labels={"aim.silogen.ai/model": "llama"}, owners=owners),
        spec=TemplateSpec(model_name="llama", **spec),  # type: ignore[arg-type]  # a spec's own
    )


def heard(bench: Bench, thing: Model | Template) -> Model | Template:
    found = bench.hear().find(thing.key)
    assert isinstance(found, Model | Template)
    return found


def where(thing: Model | Template) -> Address:
    return Address(thing.key.api_kind, thing.key.namespace, thing.key.name)


@pytest.mark.rule("OWN-4")
def test_it_keeps_the_contract_that_is_shipped(at: Bench, home: str) -> None:
    check_cluster(at.port, namespace=home)


# --- what is told -----------------------------------------------------------------------------------------------------


def test_what_stands_is_told_first_and_then_only_what_changes(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    with bench(cluster) as one:
        assert one.hear().model(home, "llama") is not None
        assert one.hear().deleting(home) is False
        assert list(one.port.changes()) == []
        cluster.patch(address(made), {"spec": {"serviceAccountName": "runner"}}, manager="ann")
        one.hear_until(lambda known: bool((it := known.model(home, "llama")) and it.spec.service_account_name))


def test_what_others_delete_is_gone(at: Bench, home: str) -> None:
    made = at.others.create(model(home), manager="ann")
    at.hear_until(lambda known: known.model(home, "llama") is not None)
    at.others.delete(address(made))
    at.hear_until(lambda known: known.model(home, "llama") is None)


def test_an_object_made_anew_is_told_as_the_new_one(at: Bench, home: str) -> None:
    made = at.others.create(model(home), manager="ann")
    at.others.delete(address(made))
    uid = at.others.create(model(home), manager="ann")["metadata"]["uid"]
    known = at.hear_until(lambda known: bool((it := known.model(home, "llama")) and it.meta.uid == uid))
    assert known.model(home, "llama") is not None


def _models(known: ObjectCache) -> set[str]:
    """The models of all GPUs that the nodes can give."""
    supplies = known.inventory.supplies if known.inventory else ()
    return {gpu.model for supply in supplies for gpu in supply.gpus}


def test_nodes_and_namespaces_are_told(at: Bench, home: str) -> None:
    name = f"node-{home}"
    at.others.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}, manager="kubelet")
    labels, gpus = {"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"}, {"amd.com/gpu": "8"}
    node = Address("Node", None, name)
    at.others.patch(node, {"metadata": {"labels": labels}}, manager="labeller")
    given = {"status": {"capacity": gpus, "allocatable": gpus}}
    at.others.patch(node, given, manager="kubelet", subresource="status")
    at.hear_until(lambda known: _models(known) == {"MI300X"})
    at.others.patch(node, {"spec": {"unschedulable": True}}, manager="kubectl")
    at.hear_until(lambda known: _models(known) == set())
    at.others.delete(Address("Node", None, name))


# --- own writes are seen at once --------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-4")
def test_each_write_of_ours_is_told_the_very_next_time(at: Bench, home: str) -> None:
    at.port.create(a_model(home))
    made = heard(at, a_model(home))
    assert made.meta.resource_version == at.others.get(where(made))["metadata"]["resourceVersion"]
    at.port.apply(replace(a_model(home, service_account_name="runner"), meta=Meta(uid=made.meta.uid)))
    assert heard(at, made).spec.service_account_name == "runner"
    status = ModelStatus(status=Verdict.READY)
    at.port.set_status(SetStatus(key=made.key, uid=made.meta.uid, status=status, events=(), rule="STAT-1"))
    seen = heard(at, made)
    assert seen.status == status
    at.port.delete(Delete(key=made.key, uid=made.meta.uid, resource_version=seen.meta.resource_version, rule="OWN-2"))
    assert at.hear().find(made.key) is None


def test_what_is_old_when_it_is_heard_changes_nothing(at: Bench, home: str) -> None:
    at.port.create(a_model(home))
    uid = heard(at, a_model(home)).meta.uid
    versions = []
    for number in range(10):
        wanted = replace(a_model(home, service_account_name=f"runner-{number}"), meta=Meta(uid=uid))
        at.port.apply(wanted)
        seen = heard(at, wanted)
        assert seen.spec.service_account_name == f"runner-{number}"
        versions.append(int(seen.meta.resource_version))
    assert versions == sorted(versions)


def test_a_write_that_changes_nothing_is_no_news(at: Bench, home: str) -> None:
    wanted = a_model(home)
    at.port.create(wanted)
    applied = replace(wanted, meta=Meta(uid=heard(at, wanted).meta.uid))
    at.port.apply(applied)
    at.hear()
    at.port.apply(applied)
    assert list(at.port.changes()) == []


# --- creating ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-4")
def test_creating_what_is_there_never_adopts(at: Bench, home: str) -> None:
    made = at.others.create(model(home, serviceAccountName="theirs"), manager="ann")
    with pytest.raises(AlreadyExists):
        at.port.create(a_model(home))
    assert at.others.get(address(made)) == made


def test_nothing_is_made_in_a_namespace_that_is_not_there(at: Bench) -> None:
    with pytest.raises(NotFound):
        at.port.create(a_model("nowhere"))


@pytest.mark.rule("OWN-3")
def test_nothing_is_made_in_a_namespace_that_is_going_away(at: Bench, home: str) -> None:
    held = at.others.create(model(home, "held", metadata={"finalizers": HELD}), manager="ann")
    at.others.delete(Address("Namespace", None, home))
    at.hear_until(lambda known: known.deleting(home))
    with pytest.raises(AccessDenied):
        at.port.create(a_model(home))
    at.others.patch(address(held), {"metadata": {"finalizers": None}}, manager="ann")
    at.hear_until(lambda known: known.model(home, "held") is None and not known.deleting(home))


# --- applying ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-4")
def test_what_was_posted_can_be_left_out_of_the_first_apply(at: Bench, home: str) -> None:
    owner = at.others.create(model(home), manager="ann")
    posted = a_template(home, owner, service_account_name="runner", env=(EnvVar(name="A", value="1"),))
    at.port.create(posted)
    made = heard(at, posted)
    at.port.apply(replace(a_template(home, owner), meta=replace(posted.meta, uid=made.meta.uid)))
    spec = at.others.get(where(posted))["spec"]
    assert spec == {"modelName": "llama"}
    claims = owned_by(at.others.get(where(posted)))
    assert {(manager, operation) for manager, operation, _ in claims} == {(MANAGER, "Apply")}


@pytest.mark.rule("OWN-4")
def test_what_others_own_is_contested_by_name_and_stays(at: Bench, home: str) -> None:
    at.port.create(a_model(home))
    uid = heard(at, a_model(home)).meta.uid
    patch = {"spec": {"serviceAccountName": "theirs"}}
    at.others.patch(where(a_model(home)), patch, manager="kubectl-edit")
    with pytest.raises(Conflict) as raised:
        at.port.apply(replace(a_model(home, service_account_name="ours"), meta=Meta(uid=uid)))
    assert raised.value.contested == (Contested(".spec.serviceAccountName", "kubectl-edit"),)
    assert at.others.get(where(a_model(home)))["spec"]["serviceAccountName"] == "theirs"


@pytest.mark.parametrize("there", [True, False], ids=["another stands there", "nothing stands there"])
@pytest.mark.rule("OWN-4")
def test_an_apply_means_the_object_that_was_seen(at: Bench, home: str, *, there: bool) -> None:
    if there:
        at.others.create(model(home), manager="ann")
    with pytest.raises((Conflict, NotFound)) as raised:
        at.port.apply(replace(a_model(home), meta=Meta(uid="00000000-0000-0000-0000-000000000000")))
    assert getattr(raised.value, "contested", ()) == ()
    assert not there or owned_by(at.others.get(where(a_model(home)))).keys() == {("ann", "Update", "")}


# --- status -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("KIND-9")
def test_a_status_is_replaced_as_a_whole_and_nothing_beside_it(at: Bench, home: str) -> None:
    owner = at.others.create(model(home), manager="ann")
    at.port.create(a_template(home, owner))
    made = heard(at, a_template(home, owner))
    ready = Verdict.READY
    for status in (
        TemplateStatus(status=ready, hardware_summary="1 x MI300X"),
        TemplateStatus(status=ready, observed_generation=1),
    ):
        at.port.set_status(SetStatus(key=made.key, uid=made.meta.uid, status=status, events=(), rule="STAT-2"))
        seen = heard(at, made)
        assert seen.status == status
        assert (seen.meta.generation, seen.spec) == (made.meta.generation, made.spec)
    claims = owned_by(at.others.get(where(made)))
    assert {key for key in claims if key[2] == "status"} == {(MANAGER, "Update", "status")}


def test_a_status_is_of_the_object_that_was_seen(at: Bench, home: str) -> None:
    made = at.others.create(model(home), manager="ann")
    write = SetStatus(
        key=a_model(home).key, uid="another", status=ModelStatus(status=Verdict.READY), events=(), rule="STAT-1"
    )
    with pytest.raises(Conflict):
        at.port.set_status(write)
    assert "status" not in at.others.get(address(made))
    at.others.delete(address(made))
    with pytest.raises(NotFound):
        at.port.set_status(write)


# --- deleting ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-2")
def test_only_the_very_object_that_was_seen_is_deleted(at: Bench, home: str) -> None:
    made = at.others.create(model(home), manager="ann")
    uid, version = (made["metadata"][name] for name in ("uid", "resourceVersion"))
    at.others.patch(address(made), {"spec": {"serviceAccountName": "runner"}}, manager="ann")
    with pytest.raises(Conflict):
        at.port.delete(Delete(key=a_model(home).key, uid=uid, resource_version=version, rule="OWN-2"))
    stands = at.others.get(address(made))["metadata"]["resourceVersion"]
    with pytest.raises(Conflict):
        at.port.delete(Delete(key=a_model(home).key, uid="another", resource_version=stands, rule="OWN-2"))
    at.port.delete(Delete(key=a_model(home).key, uid=uid, resource_version=stands, rule="OWN-2"))
    with pytest.raises(NotFound):
        at.others.get(address(made))


@pytest.mark.rule("OWN-3")
def test_what_a_finalizer_holds_is_told_as_going(at: Bench, home: str) -> None:
    made = at.others.create(model(home, metadata={"finalizers": HELD}), manager="ann")
    uid, version = (made["metadata"][name] for name in ("uid", "resourceVersion"))
    at.hear_until(lambda known: known.model(home, "llama") is not None)
    at.port.delete(Delete(key=a_model(home).key, uid=uid, resource_version=version, rule="OWN-2"))
    assert heard(at, a_model(home)).meta.deleting
    at.others.patch(address(made), {"metadata": {"finalizers": None}}, manager="ann")
    at.hear_until(lambda known: known.model(home, "llama") is None)
