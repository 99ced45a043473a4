"""Which pull secrets and which service account an object uses, and which of them are not there (CONF-4, DISC-7)."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.domain.catalogue import Standing
from aimcore.domain.config import ConfigMissing, ResolvedConfig
from aimcore.domain.objects import Absent, Model, Secret
from aimcore.domain.observed import Policy, Unseen
from aimcore.domain.plan import Look
from aimcore.domain.precedence import config_namespace, find_config, is_auto_generated
from aimcore.domain.scope import Scope

__all__ = ["Asked", "Credentials", "effective_credentials", "model_config", "model_credentials"]

DEFAULT_ACCOUNT = "default"
PULL_SECRET_TYPES = frozenset({"kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What an image is pulled with, in order. `missing` and `account_missing` name what was asked for and is not there.

    `looks` are all that may be looked at because of it, and `unseen` those of them nobody looked at yet, for whom nothing
    follows from this until somebody did. `assumed` names what was taken for present unseen.
    """

    namespace: str
    pull_secrets: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    account_missing: str | None = None
    looks: tuple[Look, ...] = ()
    unseen: tuple[Look, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def lack(self) -> bool:
        """Whether anything that was asked for is not there."""
        return bool(self.missing) or self.account_missing is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an object itself says about pulling, and where its secrets are.

    `uses_account` is False where only listed secrets count and no account may add any (AUTO-6). `held` are the pull secrets
    of a status that lacked nothing: they count until somebody looks again.
    """

    namespace: str
    pull_secrets: tuple[str, ...] = ()
    service_account_name: str | None = None
    uses_account: bool = True
    held: tuple[str, ...] | None = None


def effective_credentials(catalogue: Standing, policy: Policy, *, asked: Asked, config: ResolvedConfig) -> Credentials:
    """The object's own pull secrets, then the configuration's, then the account's, without repeats.

    The account is the object's own, else the configuration's, else the namespace's `default`.
    """
    namespace = asked.namespace
    named = (asked.service_account_name or config.service_account_name) if asked.uses_account else None
    account = catalogue.account(namespace, named or DEFAULT_ACCOUNT) if asked.uses_account else None
    listed = (*asked.pull_secrets, *config.pull_secrets, *(account.image_pull_secrets if account else ()))
    secrets = {name: catalogue.secret(namespace, name) for name in listed}
    lost = named if account is None else None
    gone = tuple(name for name, secret in secrets.items() if secret is None)
    unfit = tuple(name for name, secret in secrets.items() if not _usable(secret))
    if policy.unseen is Unseen.ASSUMED:
        assumed = [f"Secret {namespace}/{name}" for name in gone] + (
            [f"ServiceAccount {namespace}/{lost}"] if lost else []
        )
        present = tuple(name for name in unfit if name not in gone)
        return Credentials(namespace=namespace, pull_secrets=tuple(secrets), missing=present, assumed=tuple(assumed))
    looks: list[Look] = []
    if policy.unseen is Unseen.ASKED:
        looks = [Look("Secret", namespace, name) for name in secrets]
        looks += [Look("ServiceAccount", namespace, named or DEFAULT_ACCOUNT)] if asked.uses_account else []
    unseen = tuple(look for look in looks if not _is_seen(catalogue, look))
    if unseen and asked.held is not None and asked.held[: len(secrets)] == tuple(secrets):
        return Credentials(namespace=namespace, pull_secrets=asked.held)
    return Credentials(
        namespace=namespace,
        pull_secrets=tuple(secrets),
        missing=unfit,
        account_missing=lost,
        looks=tuple(looks),
        unseen=unseen,
    )


def _is_seen(catalogue: Standing, look: Look) -> bool:
    if catalogue.is_absent(Absent(kind=look.kind, namespace=look.namespace, name=look.name)):
        return True
    there = catalogue.secret if look.kind == "Secret" else catalogue.account
    return there(look.namespace, look.name) is not None


def model_config(catalogue: Standing, policy: Policy, model: Model) -> ResolvedConfig | ConfigMissing:
    """The configuration of a model; one created cluster-wide for an image sees the cluster's alone (AUTO-6)."""
    home = config_namespace(model.key.namespace, policy.operator_namespace)
    return find_config(catalogue, None if _is_shared(model) else home, model.spec.runtime_config_name)


def model_credentials(
    catalogue: Standing, policy: Policy, *, model: Model, config: ResolvedConfig, held: tuple[str, ...] | None = None
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
    return effective_credentials(catalogue, policy, asked=asked, config=config)


def _is_shared(model: Model) -> bool:
    return model.key.scope is Scope.CLUSTER and is_auto_generated(model)


def _usable(secret: Secret | None) -> bool:
    """A secret of another type holds no registry credential: it counts as missing, and is never read."""
    return secret is not None and secret.type in PULL_SECRET_TYPES
