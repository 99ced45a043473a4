"""Which pull secrets and which service account an object uses, and which of them are not there (CONF-4, DISC-7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from aimcore.domain.images.inspection import wrong_type
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.core import Absent, Secret, ServiceAccount
from aimcore.domain.kinds.records import Model
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.view.cache import ReadView
from aimcore.domain.view.lookup import config_namespace, find_config, is_auto_generated
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Look

__all__ = [
    "Asked",
    "Credentials",
    "Held",
    "effective_credentials",
    "model_config",
    "model_credentials",
]

DEFAULT_ACCOUNT = "default"
PULL_SECRET_TYPES = frozenset({"kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What an image is pulled with, in order. `missing` and `account_missing` name what was asked for and is not there;
    `unfit` are those of the missing that are there and of another type, with what is wrong. `account` is the one that was named or that `adds` so many of the pull secrets.

    `lookups` are all that may be looked at because of it, and `unseen` those of them nobody looked at yet, for whom nothing
    follows from this until somebody did. `assumed` names what was taken for present unseen.
    """

    namespace: str
    pull_secrets: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unfit: tuple[tuple[str, str], ...] = ()
    account_missing: str | None = None
    account: str | None = None
    adds: int = 0
    lookups: tuple[Look, ...] = ()
    unseen: tuple[Look, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def lack(self) -> bool:
        """Whether anything that was asked for is not there."""
        return bool(self.missing) or self.account_missing is not None

    @property
    def told(self) -> str:
        """What a condition says of them: which account counts, what it adds, and what is not there (CONF-4, DISC-7)."""
        adds = f" adds {self.adds} pull secret{'' if self.adds == 1 else 's'}" if self.adds else ""
        account = f"; service account {self.account}{adds}" if self.account else ""
        names = [f"service account {self.account_missing}"] if self.account_missing else []
        names += [f"pull secret {name}" for name in self.absent]
        absent = f"; not in namespace {self.namespace}: {', '.join(names)}" if names else ""
        return "".join((account, absent, *(f"; {wrong}" for wrong in self.wrong)))

    @property
    def absent(self) -> tuple[str, ...]:
        """The pull secrets that are not there at all."""
        there = dict(self.unfit)
        return tuple(name for name in self.missing if name not in there)

    @property
    def wrong(self) -> tuple[str, ...]:
        """What is wrong with the pull secrets that are there and cannot be used (DISC-7)."""
        return tuple(f"pull secret {name} {problem}" for name, problem in self.unfit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a status that speaks of this generation holds: the pull secrets, and the `message` of its RuntimeResolved.

    `config` is what that message says of the configuration alone.
    """

    pull_secrets: tuple[str, ...]
    message: str = ""
    config: str = ""

    def says(self, credentials: Credentials) -> bool:
        """Whether it was written of just these credentials."""
        return (credentials.pull_secrets, f"{self.config}{credentials.told}") == (self.pull_secrets, self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an object itself says about pulling, and where its secrets are.

    `uses_account` is False where only listed secrets count and no account may add any (AUTO-6). What is `held`
    counts until somebody looks again, as long as nothing was lacking and nothing else is asked for by now.
    """

    namespace: str
    pull_secrets: tuple[str, ...] = ()
    service_account_name: str | None = None
    uses_account: bool = True
    held: Held | None = None


def effective_credentials(view: ReadView, policy: Policy, *, asked: Asked, config: ResolvedConfig) -> Credentials:
    """The object's own pull secrets, then the configuration's, then the account's, without repeats.

    The account is the object's own, else the configuration's, else the namespace's `default`.
    """
    sought = _seek(view, asked, config)
    found = _found(sought)
    match policy.unseen:
        case Unseen.ABSENT:
            return found
        case Unseen.ASSUMED:
            return _assuming(sought, found)
        case Unseen.ASKED:
            return _asking(view, sought, found)
        case _:
            assert_never(policy.unseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sought:
    """What an image is to be pulled with, and what is known of it: `named` is the account that somebody named, `listed` the
    secrets that do not come from an account, `secrets` all of them with what is there (None where nobody saw one).
    """

    asked: Asked
    named: str | None
    account: ServiceAccount | None
    listed: tuple[str, ...]
    secrets: Mapping[str, Secret | None]

    @property
    def lost(self) -> str | None:
        """The account that was named and that nobody saw."""
        return self.named if self.account is None else None


def _seek(view: ReadView, asked: Asked, config: ResolvedConfig) -> _Sought:
    namespace = asked.namespace
    named = (asked.service_account_name or config.service_account_name) if asked.uses_account else None
    account = view.account(namespace, named or DEFAULT_ACCOUNT) if asked.uses_account else None
    listed = tuple(dict.fromkeys((*asked.pull_secrets, *config.pull_secrets)))
    names = (*listed, *(account.image_pull_secrets if account else ()))
    secrets = {name: view.secret(namespace, name) for name in names}
    return _Sought(asked=asked, named=named, account=account, listed=listed, secrets=secrets)


def _found(sought: _Sought) -> Credentials:
    """The credentials if what nobody saw is not there."""
    secrets, adds = sought.secrets, len(sought.secrets) - len(sought.listed)
    unfit = tuple(name for name, secret in secrets.items() if not _usable(secret))
    return Credentials(
        namespace=sought.asked.namespace,
        pull_secrets=tuple(secrets),
        missing=unfit,
        unfit=tuple((name, wrong_type(there.type)) for name in unfit if (there := secrets[name]) is not None),
        account_missing=sought.lost,
        account=None if sought.lost else _speaking(sought.named, adds),
        adds=adds,
    )


def _assuming(sought: _Sought, found: Credentials) -> Credentials:
    """The same if what nobody saw is there, and so named."""
    gone = [name for name, secret in sought.secrets.items() if secret is None]
    assumed = [f"Secret {found.namespace}/{name}" for name in gone]
    assumed += [f"ServiceAccount {found.namespace}/{sought.lost}"] if sought.lost else []
    present = tuple(name for name in found.missing if name not in gone)
    account = found.account or sought.lost
    return replace(found, missing=present, account_missing=None, account=account, assumed=tuple(assumed))


def _asking(view: ReadView, sought: _Sought, found: Credentials) -> Credentials:
    """The same with what to look at; until somebody did, what is held counts as long as the same is asked for."""
    asked, namespace = sought.asked, found.namespace
    lookups = [Look("Secret", namespace, name) for name in sought.secrets]
    lookups += [Look("ServiceAccount", namespace, sought.named or DEFAULT_ACCOUNT)] if asked.uses_account else []
    unseen = tuple(look for look in lookups if not _is_seen(view, look))
    if unseen and asked.held is not None:
        seen = asked.uses_account and lookups[-1] not in unseen
        held = replace(found, missing=(), unfit=()) if seen else _presumed(asked.held, sought)
        if not held.lack and asked.held.says(held):
            return held
    return replace(found, lookups=tuple(lookups), unseen=unseen)


def _speaking(named: str | None, adds: int) -> str | None:
    """The account worth telling of: one that was named, or the default where it adds something."""
    return named or (DEFAULT_ACCOUNT if adds else None)


def _presumed(held: Held, sought: _Sought) -> Credentials:
    """The credentials if the account, which nobody looked at yet, brought all that is held beside what is listed."""
    brought = held.pull_secrets[len(sought.listed) :]
    account, adds = _speaking(sought.named, len(brought)), len(brought)
    names = (*sought.listed, *brought)
    return Credentials(namespace=sought.asked.namespace, pull_secrets=names, account=account, adds=adds)


def _is_seen(view: ReadView, look: Look) -> bool:
    if view.is_absent(Absent(kind=look.kind, namespace=look.namespace, name=look.name)):
        return True
    there = view.secret if look.kind == "Secret" else view.account
    return there(look.namespace, look.name) is not None


def model_config(view: ReadView, policy: Policy, model: Model) -> ResolvedConfig | ConfigMissing:
    """The configuration of a model; one created cluster-wide for an image sees the cluster's alone (AUTO-6)."""
    home = config_namespace(model.key.namespace, policy.operator_namespace)
    return find_config(view, None if _is_shared(model) else home, model.spec.runtime_config_name)


def model_credentials(
    view: ReadView, policy: Policy, *, model: Model, config: ResolvedConfig, held: Held | None = None
) -> Credentials:
    """What the model's image is read with; a cluster model finds its secrets with the operator (LOOK-3)."""
    namespace = config_namespace(model.key.namespace, policy.operator_namespace)
    if _is_shared(model):
        # Read with what the cluster configuration lists, else anonymously; never with anything else (AUTO-6).
        asked = Asked(namespace=namespace, uses_account=False, held=held)
    else:
        asked = Asked(
            namespace=namespace,
            pull_secrets=model.spec.image_pull_secrets,
            service_account_name=model.spec.service_account_name,
            held=held,
        )
    return effective_credentials(view, policy, asked=asked, config=config)


def _is_shared(model: Model) -> bool:
    return model.key.scope is Scope.CLUSTER and is_auto_generated(model)


def _usable(secret: Secret | None) -> bool:
    """A secret of another type holds no registry credential: it counts as missing, and is never read."""
    return secret is not None and secret.type in PULL_SECRET_TYPES
