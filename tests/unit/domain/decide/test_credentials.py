from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.decide.credentials import (
    Asked,
    Credentials,
    Held,
    effective_credentials,
    model_config,
    model_credentials,
)
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig, merge_configs
from aimcore.domain.kinds.core import Absent, Secret, ServiceAccount
from aimcore.domain.kinds.records import Meta, Model, ModelSpec, RuntimeConfig, RuntimeConfigSpec
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Look

Thing = Secret | ServiceAccount | Absent
ON_A_CLUSTER, OVER_FILES = Policy(), Policy(unseen=Unseen.ASSUMED)
BY_NAME = Policy(unseen=Unseen.ASKED)
DOCKER = "kubernetes.io/dockerconfigjson"


def secrets(*names: str, namespace: str = "ml", kind: str = DOCKER) -> list[Thing]:
    return [Secret(namespace=namespace, name=name, type=kind) for name in names]


def account(name: str, *pull_secrets: str, namespace: str = "ml") -> ServiceAccount:
    return ServiceAccount(namespace=namespace, name=name, image_pull_secrets=pull_secrets)


def config(*pull_secrets: str, account: str | None = None) -> ResolvedConfig:
    spec = RuntimeConfigSpec(image_pull_secrets=pull_secrets, service_account_name=account)
    return merge_configs(RuntimeConfig(key=Key(Kind.RUNTIME_CONFIG, "ml", "default"), spec=spec), None)


def credentials(
    *pull_secrets: str,
    account: str | None = None,
    config: ResolvedConfig | None = None,
    among: Iterable[Thing] = (),
    policy: Policy = ON_A_CLUSTER,
    held: Held | None = None,
) -> Credentials:
    """What an object in namespace `ml` pulls with, that names these secrets and this account itself."""
    asked = Asked(namespace="ml", pull_secrets=pull_secrets, service_account_name=account, held=held)
    return effective_credentials(ObjectCache.of(among), policy, asked=asked, config=config or ResolvedConfig())


@pytest.mark.rule("CONF-4")
def test_pull_secrets_are_the_objects_then_the_configs_then_the_accounts_without_repeats() -> None:
    among = [*secrets("a", "b", "c"), account("runtime", "c", "a")]
    answer = credentials("b", config=config("a", "b", account="runtime"), among=among)
    assert answer == Credentials(namespace="ml", pull_secrets=("b", "a", "c"), account="runtime", adds=1)
    assert answer.told == "; service account runtime adds 1 pull secret"


@pytest.mark.rule("CONF-4")
@pytest.mark.parametrize(
    ("own", "configured", "used"),
    [
        pytest.param("mine", "runtime", "of-mine", id="the object's own"),
        pytest.param(None, "runtime", "of-runtime", id="the config's"),
        pytest.param("", "runtime", "of-runtime", id="the config's, where the object says an empty name"),
        pytest.param(None, None, "of-default", id="the namespace's default"),
        pytest.param(None, "", "of-default", id="the namespace's default, where the config says so by an empty name"),
    ],
)
def test_which_service_account_counts(own: str | None, configured: str | None, used: str) -> None:
    accounts = [account(name, f"of-{name}") for name in ("mine", "runtime", "default")]
    among = [*accounts, *secrets(used)]
    answer = credentials(account=own, config=config(account=configured), among=among)
    assert answer == Credentials(namespace="ml", pull_secrets=(used,), account=used.removeprefix("of-"), adds=1)


@pytest.mark.rule("CONF-4")
@pytest.mark.parametrize(
    ("own", "lost"),
    [
        pytest.param("ghost", "ghost", id="a named one"),
        pytest.param("default", "default", id="the default, named"),
        pytest.param(None, None, id="the default of a namespace that is still being made"),
    ],
)
def test_an_account_that_does_not_exist_adds_nothing_and_is_named(own: str | None, lost: str | None) -> None:
    assert credentials("a", account=own, among=secrets("a")) == Credentials(
        namespace="ml", pull_secrets=("a",), account_missing=lost
    )


@pytest.mark.rule("DISC-7")
@pytest.mark.parametrize(
    ("among", "missing"),
    [
        pytest.param(secrets("a"), (), id="there"),
        pytest.param(secrets("a", kind="kubernetes.io/dockercfg"), (), id="there, of the older type"),
        pytest.param([], ("a",), id="not there"),
        pytest.param(secrets("a", namespace="other"), ("a",), id="in another namespace"),
        pytest.param(secrets("a", kind="Opaque"), ("a",), id="of another type"),
        pytest.param([account("default", "b"), *secrets("a")], ("b",), id="named by the account"),
    ],
)
def test_a_pull_secret_that_is_not_there_or_of_another_type_is_missing(
    among: list[Thing], missing: tuple[str, ...]
) -> None:
    assert credentials("a", among=among).missing == missing


@pytest.mark.rule("CONF-4", "DISC-7")
def test_over_files_what_is_unseen_is_assumed_and_said_but_what_is_seen_is_judged() -> None:
    among = [*secrets("seen"), *secrets("opaque", kind="Opaque")]
    answer = credentials("seen", "unseen", "opaque", account="ghost", among=among, policy=OVER_FILES)
    assert answer == Credentials(
        namespace="ml",
        pull_secrets=("seen", "unseen", "opaque"),
        missing=("opaque",),
        unfit=(("opaque", "is of type Opaque; expected kubernetes.io/dockerconfigjson"),),
        account="ghost",
        assumed=("Secret ml/unseen", "ServiceAccount ml/ghost"),
    )


@pytest.mark.rule("CONF-4")
def test_over_files_an_account_that_is_seen_is_not_assumed() -> None:
    answer = credentials(account="runtime", among=[account("runtime", "a"), *secrets("a")], policy=OVER_FILES)
    assert answer == Credentials(namespace="ml", pull_secrets=("a",), account="runtime", adds=1)


A, B, RUNTIME = Look("Secret", "ml", "a"), Look("Secret", "ml", "b"), Look("ServiceAccount", "ml", "runtime")
NO_A = Absent(kind="Secret", namespace="ml", name="a")
NO_RUNTIME = Absent(kind="ServiceAccount", namespace="ml", name="runtime")


@pytest.mark.rule("SEC-5", "CONF-4")
@pytest.mark.parametrize(
    ("among", "unseen"),
    [
        pytest.param([], (A, RUNTIME), id="nobody looked"),
        pytest.param([account("runtime", "b"), NO_A], (B,), id="the account brings another"),
        pytest.param([account("runtime", "b"), NO_A, *secrets("b")], (), id="all were looked at"),
        pytest.param([NO_RUNTIME, *secrets("a")], (), id="one is not there"),
    ],
)
def test_an_operator_looks_at_each_by_its_name(among: list[Thing], unseen: tuple[Look, ...]) -> None:
    answer = credentials("a", account="runtime", among=among, policy=BY_NAME)
    assert answer.unseen == unseen
    assert set(answer.unseen) <= set(answer.lookups)
    assert answer.lack is (bool(answer.missing) or NO_RUNTIME in among)


@pytest.mark.rule("DISC-7", "CONF-4")
def test_what_was_looked_for_in_vain_is_missing() -> None:
    answer = credentials("a", account="runtime", among=[NO_A, NO_RUNTIME], policy=BY_NAME)
    assert (answer.missing, answer.account_missing, answer.unseen) == (("a",), "runtime", ())


ADDED = "; service account runtime adds 1 pull secret"
LOST = "; not in namespace ml: service account runtime"


@pytest.mark.rule("SEC-5", "CONF-6")
@pytest.mark.parametrize(
    ("held", "told", "spares"),
    [
        pytest.param(("a", "of-account"), ADDED, True, id="what a healthy status holds counts unseen"),
        pytest.param(("a",), "; service account runtime", True, id="so it does where the account adds nothing"),
        pytest.param(("b",), "; service account runtime", False, id="but not that of other secrets"),
        pytest.param((), "", False, id="nor that of fewer"),
        pytest.param(("a", "b", "of-account"), ADDED, False, id="nor that of more"),
        pytest.param(("a",), "", False, id="nor that of another account"),
        pytest.param(("a",), LOST, False, id="nor that of one that was not there"),
    ],
)
def test_what_a_status_holds_spares_a_look(held: tuple[str, ...], told: str, *, spares: bool) -> None:
    answer = credentials("a", account="runtime", policy=BY_NAME, held=Held(pull_secrets=held, message=told))
    assert (answer.unseen, answer.pull_secrets) == (((), held) if spares else ((A, RUNTIME), ("a",)))


@pytest.mark.rule("SEC-5", "CONF-4")
@pytest.mark.parametrize(
    ("among", "unseen"),
    [
        pytest.param([account("runtime", "of-account")], (), id="as it was"),
        pytest.param([account("runtime")], (A,), id="that adds nothing any more"),
        pytest.param([NO_RUNTIME], (A,), id="that is not there any more"),
    ],
)
def test_an_account_that_was_looked_at_counts_as_it_is(among: list[Thing], unseen: tuple[Look, ...]) -> None:
    held = Held(pull_secrets=("a", "of-account"), message=ADDED)
    assert credentials("a", account="runtime", among=among, policy=BY_NAME, held=held).unseen == unseen


names = st.lists(st.sampled_from("abc"), unique=True).map(tuple)


@pytest.mark.rule("CONF-4", "DISC-7")
@pytest.mark.parametrize(
    "policy", [pytest.param(ON_A_CLUSTER, id="on a cluster"), pytest.param(OVER_FILES, id="over files")]
)
@given(listed=st.tuples(names, names, names), there=names)
def test_every_named_secret_is_used_once_and_is_there_assumed_or_missing(
    policy: Policy, listed: tuple[tuple[str, ...], ...], there: tuple[str, ...]
) -> None:
    own, configured, brought = listed
    among = [account("default", *brought), *secrets(*there)]
    answer = credentials(*own, config=config(*configured), among=among, policy=policy)
    assert list(answer.pull_secrets) == list(dict.fromkeys((*own, *configured, *brought)))
    unseen = tuple(name for name in answer.pull_secrets if name not in there)
    told = (unseen, ()) if policy is ON_A_CLUSTER else ((), tuple(f"Secret ml/{name}" for name in unseen))
    assert (answer.missing, answer.assumed) == told


# Models ---------------------------------------------------------------------------------------------------------------

AUTO = {"aim.silogen.ai/origin": "auto-generated"}


def model(namespace: str | None, labels: dict[str, str] | None = None) -> Model:
    return Model(
        key=Key(Kind.MODEL, namespace, "llama"),
        meta=Meta(labels=labels or {}),
        spec=ModelSpec(image="llama", image_pull_secrets=("own",), service_account_name="mine"),
    )


def runtime(namespace: str | None, secret: str) -> RuntimeConfig:
    spec = RuntimeConfigSpec(image_pull_secrets=(secret,), service_account_name="runtime")
    return RuntimeConfig(key=Key(Kind.RUNTIME_CONFIG, namespace, "default"), meta=Meta(uid=secret), spec=spec)


LIVE: list[RuntimeConfig | ServiceAccount] = [
    *(runtime(namespace, secret) for namespace, secret in [("ml", "ml-s"), ("aim-system", "aim-s"), (None, "all-s")]),
    *(account("mine", f"{namespace}-mine", namespace=namespace) for namespace in ("ml", "aim-system")),
    *(account("default", "of-default", namespace=namespace) for namespace in ("ml", "aim-system")),
]


@pytest.mark.rule("LOOK-3", "CONF-4", "AUTO-6")
@pytest.mark.parametrize(
    ("model", "namespace", "pull_secrets"),
    [
        pytest.param(model("ml"), "ml", ("own", "ml-s", "all-s", "ml-mine"), id="a model finds them in its namespace"),
        pytest.param(
            model("ml", AUTO), "ml", ("own", "ml-s", "all-s", "ml-mine"), id="so does one created for a service"
        ),
        pytest.param(
            model(None),
            "aim-system",
            ("own", "aim-s", "all-s", "aim-system-mine"),
            id="a cluster model finds them with the operator",
        ),
        pytest.param(
            model(None, AUTO),
            "aim-system",
            ("all-s",),
            id="a cluster model created for services uses what the cluster's config lists, and nothing else",
        ),
    ],
)
def test_what_a_models_image_is_read_with(model: Model, namespace: str, pull_secrets: tuple[str, ...]) -> None:
    view = ObjectCache.of(LIVE)
    found = model_config(view, ON_A_CLUSTER, model)
    assert isinstance(found, ResolvedConfig)
    answer = model_credentials(view, ON_A_CLUSTER, model=model, config=found)
    assert (answer.namespace, answer.pull_secrets, answer.account_missing) == (namespace, pull_secrets, None)


@pytest.mark.rule("AUTO-6")
def test_a_shared_model_is_inspected_anonymously_where_the_cluster_says_nothing() -> None:
    view = ObjectCache.of([one for one in LIVE if one != runtime(None, "all-s")])
    shared = model(None, AUTO)
    found = model_config(view, ON_A_CLUSTER, shared)
    assert isinstance(found, ConfigMissing)
    assert model_credentials(view, ON_A_CLUSTER, model=shared, config=ResolvedConfig()) == Credentials(
        namespace="aim-system"
    )
