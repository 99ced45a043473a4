"""A state machine of what people do to a cluster: they write, edit, label and delete; images, nodes and secrets come and go.
In every other cluster services run: they are scaled, routed and cached, their children edited, deleted, and their names taken.

After any of it, once the loop has settled, the laws of a settled world hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.serving.names import child_name
from aimcore.ports.errors import PortError
from aimcore.testing.convergence_laws import check_rests
from aimcore.testing.drawing import worlds
from aimcore.testing.gpunodes import nodes
from aimcore.testing.imagelabels import image_labels
from aimcore.testing.kinds import (
    SMALL,
    manifests,
    models,
    runtime_configs,
    secrets,
    service_accounts,
    services,
    templates,
)
from aimcore.testing.ownership_laws import ownership_violations, touched
from aimcore.testing.serving_laws import happen, lost_pods, serving_pods
from aimcore.testing.status_laws import dishonesties
from aimcore.testing.violations import demand
from aimcore.testing.vocabulary import object_labels
from aimcore.testing.world import Run, World, address_of

__all__ = ["ClusterMachine"]

AUTHORED = manifests() | models() | services() | secrets() | service_accounts() | runtime_configs() | templates()
PLACE = st.integers(0, 63)
"""Which of the things that stand is meant; it counts round and round."""
SERVED: tuple[Mapping[str, Any], ...] = (
    {"caching": {"mode": "Shared"}},
    {"caching": {"mode": "Dedicated"}},
    {"caching": {"mode": "None"}},
    {"routing": {"enabled": True, "gatewayRef": {"name": "gateway"}}},
    {"routing": {"enabled": False}},
)
LABELS = {"app": "theirs"}
PODS = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "example.com/theirs:1"}]}}
TAKEN: Mapping[str, Manifest] = {
    "Deployment": {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {"replicas": 0, "selector": {"matchLabels": LABELS}, "template": PODS},
    },
    "Service": {"apiVersion": "v1", "kind": "Service", "spec": {"selector": LABELS, "ports": [{"port": 80}]}},
    "HTTPRoute": {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "spec": {"hostnames": ["a.example"]},
    },
}
"""What somebody else has under the names of children, by kind."""


def running(world: World) -> World:
    """The same world with workloads on, and an image to download with."""
    return replace(world, policy=replace(world.policy, workloads=True, download_image="registry.test/aimcore:1"))


class ClusterMachine(RuleBasedStateMachine):
    """Edits by users, between which the loop settles, is interrupted, or starts anew."""

    def __init__(self) -> None:
        super().__init__()
        self.run: Run = World(manifests=()).start()
        self.authored: dict[Address, Manifest] = {}
        self.restless = False

    @initialize(world=worlds(), workloads=st.booleans())
    def begin(self, world: World, workloads: bool) -> None:  # noqa: FBT001  (hypothesis calls it by name)
        """A world stands, and the loop has not looked at it yet."""
        self.run = (running(world) if workloads else world).start()
        self.authored = {address_of(one): one for one in self.run.objects() if address_of(one) in self.run.given}
        self.restless = True

    # What people do ---------------------------------------------------------------------------------------------------

    @rule(manifest=nodes())
    def join(self, manifest: Manifest) -> None:
        """A node comes, in place of one of its name."""
        address = address_of(manifest)
        if self._find(address) is not None:
            self.run.store.delete(address)
        self.run.load([manifest])
        self.authored |= {address: self.run.store.get(address)}
        self.restless = True

    @rule(manifest=AUTHORED)
    def write(self, manifest: Manifest) -> None:
        """Somebody puts a manifest there: a new object, or all of an old one anew."""
        address = address_of(manifest)
        if address in self.run.made():
            return
        there = self._find(address)
        try:
            if there is None:
                if address.namespace is not None:
                    self._need(address.namespace)
                written = self.run.store.create(manifest, manager="kubectl")
                self.run.given.add(address)
            else:
                metadata = {**there["metadata"], **manifest["metadata"]}
                metadata["labels"] = manifest["metadata"].get("labels", {})
                written = self.run.store.replace({**manifest, "metadata": metadata}, manager="kubectl")
        except PortError:
            return
        self.authored[address] = written
        self.restless = True

    @rule(place=PLACE)
    def delete(self, place: int) -> None:
        """Somebody deletes what they wrote."""
        gone = [address for address in self.authored if address.kind != "Namespace"]
        if gone:
            address = sorted(gone, key=str)[place % len(gone)]
            self.authored.pop(address)
            self.run.store.delete(address)
            self.restless = True

    @rule(name=st.sampled_from(SMALL.namespaces))
    def delete_namespace(self, name: str) -> None:
        """Somebody deletes a namespace; what somebody's finalizer holds keeps it terminating."""
        address = Address("Namespace", None, name)
        if self._find(address) is not None:
            self.authored = {
                one: there for one, there in self.authored.items() if name not in (one.namespace, one.name)
            }
            self.run.store.delete(address)
            self.run.store.collect()
            self.restless = True

    @rule(place=PLACE)
    def delete_what_was_made(self, place: int) -> None:
        """Somebody deletes what the operator made."""
        made = sorted(self.run.made(), key=str)
        if made:
            self.run.store.delete(made[place % len(made)])
            self.restless = True

    @rule(place=PLACE, labels=object_labels())
    def label(self, place: int, labels: Mapping[str, str]) -> None:
        """Somebody changes the object labels of what they wrote."""
        self._edit(place, lambda there: {"metadata": {**there["metadata"], "labels": dict(labels)}})

    @rule(place=PLACE, enabled=st.booleans(), create=st.booleans())
    def toggle_discovery(self, place: int, enabled: bool, create: bool) -> None:  # noqa: FBT001  (hypothesis calls it by name)
        """Somebody switches a model's discovery on or off."""
        wanted = {"enabled": enabled, "autoCreateTemplates": create}
        self._edit(place, lambda there: {"spec": {**there["spec"], "discovery": wanted}}, of="Model")

    @rule(place=PLACE, image=st.sampled_from(SMALL.images))
    def change_image(self, place: int, image: str) -> None:
        """Somebody gives a model another image."""
        self._edit(place, lambda there: {"spec": {**there["spec"], "image": image}}, of="Model")

    @rule(image=st.sampled_from(SMALL.images), labels=image_labels())
    def push(self, image: str, labels: Mapping[str, str]) -> None:
        """Somebody pushes an image; who has read the old one does not look again by itself."""
        self.run.registry.push(image, labels)
        self.run.restart()
        self.restless = True

    # What people do to services that run ------------------------------------------------------------------------------

    @rule(place=PLACE, replicas=st.integers(0, 2))
    def scale(self, place: int, replicas: int) -> None:
        """Somebody wants more pods of a service, or fewer."""
        self._edit(place, lambda there: {"spec": {**there["spec"], "replicas": replicas}}, of="Service")

    @rule(place=PLACE, spec=st.sampled_from(SERVED))
    def serve_otherwise(self, place: int, spec: Mapping[str, Any]) -> None:
        """Somebody changes where the weights of a service are, or how it is reached."""
        self._edit(place, lambda there: {"spec": {**there["spec"], **spec}}, of="Service")

    @precondition(lambda self: self.run.children())
    @rule(place=PLACE)
    def delete_child(self, place: int) -> None:
        """Somebody deletes a Deployment, a claim or another child."""
        children = sorted(self.run.children(), key=str)
        self.run.store.delete(children[place % len(children)])
        self.restless = True

    @precondition(lambda self: self.run.children())
    @rule(place=PLACE)
    def edit_child(self, place: int) -> None:
        """Somebody writes an annotation and a label of their own on a child."""
        children = sorted(self.run.children(), key=str)
        theirs = {"example.com/note": "theirs"}
        address = children[place % len(children)]
        self.run.store.patch(address, {"metadata": {"labels": theirs, "annotations": theirs}}, manager="kubectl")
        self.restless = True

    @precondition(lambda self: self.run.world.policy.workloads)
    @rule(place=PLACE, kind=st.sampled_from(sorted(TAKEN)))
    def take_name(self, place: int, kind: str) -> None:
        """Somebody makes an object of the name that a child of a service would have."""
        services = sorted((one for one in self.authored if one.kind == "AIMService"), key=str)
        if not services:
            return
        service = services[place % len(services)]
        address = Address(kind, service.namespace, child_name(service.name))
        if self._find(address) is None:
            metadata = {"name": address.name, "namespace": address.namespace}
            try:
                self.authored[address] = self.run.store.create({**TAKEN[kind], "metadata": metadata}, manager="kubectl")
            except PortError:
                return  # its namespace is on its way out
            self.run.given.add(address)
            self.restless = True

    @precondition(lambda self: not self.restless and self.run.world.policy.workloads)
    @rule(place=PLACE)
    def live_through(self, place: int) -> None:
        """What is no change of any pod happens around services that run, and no pod goes."""
        before = serving_pods(self.run)
        said = happen(self.run, Random(place))  # noqa: S311 - a way to take, not a secret
        self.authored = {
            address: there if address.kind != "AIMService" else self.run.store.get(address)
            for address, there in self.authored.items()
            if self._find(address) is not None
        }
        self.run.settle()
        demand(f"Serving is sacred: no pod goes; after {said}", lost_pods(before, serving_pods(self.run)))

    # What becomes of the loop -----------------------------------------------------------------------------------------

    @rule(place=PLACE)
    def interrupted_round(self, place: int) -> None:
        """The loop is struck down in the middle of a round."""
        writes = [write for plan in self.run.loop.decide() for write in plan.writes]
        self.run.loop.write(writes[: place % (len(writes) + 1)])
        self.run.restart()
        self.restless = True

    @precondition(lambda self: self.restless)
    @rule()
    def settle(self) -> None:
        """The loop turns until nothing changes."""
        self.run.settle()
        refusals = self.run.settled.refusals
        demand("Convergence: nothing is refused for good", (f"{one.key}: {one.message}" for one in refusals))
        self.restless = False

    @invariant()
    def settled_world_is_lawful(self) -> None:
        """At rest: nothing to write, statuses true, owners legal, and what people wrote as they wrote it."""
        if not self.restless:
            demand("Honest status", dishonesties(self.run, settled=True))
            demand("Legal ownership", ownership_violations(self.run))
            demand("Hands off: what people wrote stays", touched(self.run, self.authored))
            check_rests(self.run)
            self._forget_noise()

    def teardown(self) -> None:
        """However it ended, it settles."""
        if self.restless:
            self.settle()
            self.settled_world_is_lawful()

    # ------------------------------------------------------------------------------------------------------------------

    def _find(self, address: Address) -> Manifest | None:
        return next((one for one in self.run.objects() if address_of(one) == address), None)

    def _need(self, namespace: str) -> None:
        if self._find(Address("Namespace", None, namespace)) is None:
            self.run.load([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}])

    def _edit(self, place: int, change: Any, of: str = "") -> None:
        fitting = sorted(
            (one for one in self.authored if one.kind.startswith("AIM") and one.kind.endswith(of)), key=str
        )
        if not fitting:
            return
        address = fitting[place % len(fitting)]
        there = self._find(address)
        if there is None:
            return
        try:
            self.authored[address] = self.run.store.replace({**there, **change(there)}, manager="kubectl")
        except PortError:
            return
        self.restless = True

    def _forget_noise(self) -> None:
        for address in self.authored:
            if address.kind in ("Node", "Namespace"):
                there = self._find(address)
                self.authored |= {} if there is None else {address: there}
