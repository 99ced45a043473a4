"""What the operator does beside the port, on a real API server: leads, tells events, and reads secrets by name."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from aimcore.adapters.kubernetes.connection import connect
from aimcore.adapters.kubernetes.events import EventWriter
from aimcore.adapters.kubernetes.lease import Election, Terms
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.secrets import KubernetesSecrets
from aimcore.adapters.kubernetes.store import ReadWarning
from aimcore.adapters.memory.kinds import Address
from aimcore.domain.kinds.conditions import Event, EventType
from aimcore.domain.kinds.core import Secret, ServiceAccount
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.ports.errors import NotFound
from aimcore.testing import check_pull_secrets, check_secret_values
from tests.integration.cluster.driver import RealCluster

_NUMBERS = count(1)
CANARY = "canary-4711"


@pytest.fixture(scope="module")
def requests(real: RealCluster) -> Iterator[Requests]:
    connection = connect(kubeconfig=str(real.access.kubeconfig))
    yield Requests(connection)
    connection.close()


@pytest.fixture
def place(real: RealCluster) -> str:
    name = f"coordinating-{next(_NUMBERS)}"
    real.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kubectl")
    return name


# --- leading ----------------------------------------------------------------------------------------------------------


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now


def candidate(requests: Requests, place: str, identity: str, hands: Hands) -> Election:
    terms = Terms(wall=lambda: datetime.now(UTC), clock=hands.clock, chance=lambda: 0.0)
    return Election(requests, at=(place, "operator"), identity=identity, terms=terms, report=_unexpected)


def _unexpected(warning: ReadWarning) -> None:
    raise AssertionError(str(warning))


def test_of_two_one_leads_and_the_other_takes_over_when_it_falls_silent(requests: Requests, place: str) -> None:
    hands = Hands()
    one, two = (candidate(requests, place, name, hands) for name in ("one", "two"))
    assert (one.attempt(), two.attempt()) == (True, False)
    hands.now = 8
    assert (one.attempt(), two.attempt()) == (True, False)
    hands.now = 19
    assert not one.leads, "a leader that does not renew stops before its lease has run out"
    assert not two.attempt()
    hands.now = 24
    assert two.attempt()
    assert not one.attempt()
    spec = requests.get(one._at)["spec"]
    assert (spec["holderIdentity"], spec["leaseTransitions"]) == ("two", 1)


def test_a_lease_given_back_is_taken_at_once(requests: Requests, place: str) -> None:
    hands = Hands()
    one, two = (candidate(requests, place, name, hands) for name in ("one", "two"))
    assert one.attempt()
    one.release()
    assert not one.leads
    assert two.attempt()


def test_a_leader_that_comes_back_under_its_name_goes_on_leading(requests: Requests, place: str) -> None:
    hands = Hands()
    assert candidate(requests, place, "one", hands).attempt()
    assert candidate(requests, place, "one", hands).attempt()


def test_one_who_is_told_to_stop_gives_the_lease_back(requests: Requests, place: str) -> None:
    one = candidate(requests, place, "one", Hands())
    stopping = threading.Event()
    thread = threading.Thread(target=one.run, args=(stopping,))
    thread.start()
    while not one.leads:
        stopping.wait(0.01)
    stopping.set()
    thread.join(timeout=10)
    assert requests.get(one._at)["spec"].get("holderIdentity", "") == ""


# --- telling ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-4")
@pytest.mark.parametrize("cluster_wide", [False, True], ids=["of a namespace", "of the cluster"])
def test_a_changed_condition_is_told_as_an_event(
    real: RealCluster, requests: Requests, place: str, *, cluster_wide: bool
) -> None:
    writer = EventWriter(requests, instance="pod-1", token=lambda: f"t{place}", report=_unexpected)
    key = Key(Kind.MODEL, None if cluster_wide else place, "llama")
    event = Event(type=EventType.WARNING, reason="RuntimeConfigMissing", message="ü" * 2000)
    writer.write(key, "u-1", event, at=datetime(2026, 1, 2, tzinfo=UTC))
    where = "default" if cluster_wide else place
    listed = real.send("GET", f"/apis/events.k8s.io/v1/namespaces/{where}/events")["items"]
    [told] = [one for one in listed if one["metadata"]["name"].endswith(place)]
    assert (told["type"], told["reason"], told["reportingController"], told["eventTime"]) == (
        "Warning",
        "RuntimeConfigMissing",
        "aim-operator",
        "2026-01-02T00:00:00.000000Z",
    )
    assert told["regarding"]["name"] == "llama"
    assert len(told["note"].encode()) <= 1024


def test_an_event_that_is_refused_is_reported_and_stops_nobody(requests: Requests) -> None:
    troubles: list[ReadWarning] = []
    writer = EventWriter(requests, instance="pod-1", token=lambda: "t", report=troubles.append)
    event = Event(type=EventType.NORMAL, reason="Ready", message="")
    writer.write(Key(Kind.MODEL, "nowhere", "llama"), "u-1", event, at=datetime.now(UTC))
    assert [type(one.error) for one in troubles] == [NotFound]


# --- secrets ----------------------------------------------------------------------------------------------------------


def _secret(real: RealCluster, place: str, name: str, **rest: object) -> None:
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": place}, **rest}
    real.create(manifest, manager="kubectl")


@pytest.mark.rule("SEC-1", "SEC-5")
@pytest.mark.parametrize(
    ("kind", "field", "text"),
    [
        ("kubernetes.io/dockerconfigjson", ".dockerconfigjson", f'{{"auths": {{"r": {{"auth": "{CANARY}"}}}}}}'),
        ("kubernetes.io/dockercfg", ".dockercfg", f'{{"r": {{"auth": "{CANARY}"}}}}'),
    ],
    ids=["new", "old"],
)
def test_a_pull_secret_is_read_by_name(
    real: RealCluster, requests: Requests, place: str, *, kind: str, field: str, text: str
) -> None:
    _secret(real, place, "pull", type=kind, data={field: base64.b64encode(text.encode()).decode()})
    secrets = KubernetesSecrets(requests)
    found = secrets.read(place, "pull")
    assert (found.name, found.type, found.document) == ("pull", kind, text.encode())
    assert CANARY not in repr(found)
    stands = real.get(Address("Secret", place, "pull"))
    version = stands["metadata"]["resourceVersion"]
    assert secrets.look(place, "pull") == Secret(namespace=place, name="pull", type=kind, version=version)
    real.patch(Address("Secret", place, "pull"), {"data": {"more": ""}}, manager="kubectl")
    assert secrets.look(place, "pull").version not in ("", version)


@pytest.mark.rule("SEC-5")
def test_what_is_no_pull_secret_is_not_found_as_one(real: RealCluster, requests: Requests, place: str) -> None:
    _secret(real, place, "other", stringData={".dockerconfigjson": CANARY})
    secrets = KubernetesSecrets(requests)
    for name in ("other", "absent", "../pods", "", "Not A Name"):
        with pytest.raises(NotFound) as raised:
            secrets.read(place, name)
        assert CANARY not in str(raised.value)
    assert secrets.look(place, "other").type == "Opaque"
    with pytest.raises(NotFound):
        secrets.look(place, "absent")


@pytest.mark.rule("SIZE-3", "SEC-1", "SEC-5")
def test_a_value_is_read_by_the_name_of_its_secret_and_its_key(
    real: RealCluster, requests: Requests, place: str
) -> None:
    _secret(real, place, "s3", stringData={"key": CANARY}, data={"bytes": "gIGC"})
    secrets = KubernetesSecrets(requests)
    assert secrets.value(place, "s3", "key") == CANARY
    for name, key in (("s3", "bytes"), ("s3", "none"), ("absent", "key"), ("../pods", "key")):
        with pytest.raises(NotFound) as raised:
            secrets.value(place, name, key)
        assert CANARY not in str(raised.value)


@pytest.mark.rule("SEC-1", "SEC-5")
def test_they_keep_the_contracts_that_are_shipped(real: RealCluster, requests: Requests, place: str) -> None:
    _secret(real, place, "pull", type="kubernetes.io/dockerconfigjson", stringData={".dockerconfigjson": "{}"})
    _secret(real, place, "token", stringData={"key": CANARY})
    secrets = KubernetesSecrets(requests)
    check_pull_secrets(secrets, namespace=place, there="pull", unusable="token", missing="none")
    check_secret_values(secrets, namespace=place, there="token", key="key", missing="none")


def test_an_account_brings_its_pull_secrets(real: RealCluster, requests: Requests, place: str) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "runner", "namespace": place}}
    real.create({**account, "imagePullSecrets": [{"name": "pull"}]}, manager="kubectl")
    secrets = KubernetesSecrets(requests)
    assert secrets.account(place, "runner") == ServiceAccount(
        namespace=place, name="runner", image_pull_secrets=("pull",)
    )
    with pytest.raises(NotFound):
        secrets.account(place, "nobody")
