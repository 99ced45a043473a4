"""The property-based harness: strategies for everything there is, worlds, and the laws that hold in each of them.

    from hypothesis import given
    from aimcore.testing import check_converges, worlds

    @given(worlds())
    def test_every_world_comes_to_rest(world):
        check_converges(world)

Values: `quantities`, `image_references`, `label_values`, `object_labels`, `names`, `env`, `sources`, `hardware`, `resources`,
`metrics`, `precisions`, `template_types`, `gpu_models`. Image labels: `image_labels`, `deployments`, `broken_deployments`,
`spelt_deployments`. Manifests: `models`, `templates`, `services`, `runtime_configs`, `namespaces`, `secrets`,
`service_accounts`, `nodes`, `image_metadata`; `manifests` of any kind, `nearly_valid_manifests` with what was planted; all take
`Pools`, the names to draw from. Records: `model_records` and so on. Worlds: `worlds`, `World`, `Run`, and `ClusterMachine`, what
people do to one. Laws: `check_...`, and `LAWS`, all of them by name.

One's own catalogue: `assert_resolves`, `assert_nothing_failed`, `assert_fits`, `assert_same_choice`; `FakeCluster`, where services
run, and what happens there: `Script`, `ClaimFate`, `GatewayAnswer`, `fates`. One's own adapter: `check_image_inspector`,
`check_size_prober`, `check_cluster`, `check_pull_secrets`, `check_secret_values`, `check_pod_logs`,
`check_hosts`, `check_volume`.

Names arrive when first asked for (PEP 562); needs the extra `aimcore[testing]`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aimcore.testing.assertions import assert_fits, assert_nothing_failed, assert_resolves, assert_same_choice
    from aimcore.testing.choice_laws import check_same_choice
    from aimcore.testing.cluster_contracts import (
        check_cluster,
        check_pod_logs,
        check_pull_secrets,
        check_secret_values,
    )
    from aimcore.testing.clusters import ClaimFate, FakeCluster, GatewayAnswer, Script, fates
    from aimcore.testing.confluence import check_confluent, check_forgets
    from aimcore.testing.contracts import check_image_inspector, check_size_prober
    from aimcore.testing.convergence_laws import (
        check_converges,
        check_deterministic,
        check_idempotent,
        check_minimal,
        check_quiescent,
        check_rests,
    )
    from aimcore.testing.download_contracts import check_hosts, check_volume
    from aimcore.testing.drawing import worlds
    from aimcore.testing.faults import NearlyValid, Planted, nearly_valid_manifests
    from aimcore.testing.gpunodes import node_labels, nodes
    from aimcore.testing.imagelabels import broken_deployments, deployments, image_labels, spelt_deployments
    from aimcore.testing.kinds import (
        Pools,
        image_metadata,
        manifests,
        models,
        namespaces,
        runtime_configs,
        secrets,
        service_accounts,
        services,
        templates,
    )
    from aimcore.testing.laws import LAWS
    from aimcore.testing.machine import ClusterMachine
    from aimcore.testing.ownership_laws import check_hands_off, check_isolated, check_owned_legally
    from aimcore.testing.records import (
        model_records,
        node_records,
        runtime_config_records,
        secret_records,
        service_account_records,
        service_records,
        template_records,
    )
    from aimcore.testing.serving_laws import check_serving_is_sacred
    from aimcore.testing.status_laws import check_honest, check_names, check_secrets_stay_secret
    from aimcore.testing.vocabulary import (
        env,
        gpu_models,
        hardware,
        image_references,
        label_values,
        metrics,
        names,
        object_labels,
        precisions,
        quantities,
        resources,
        sources,
        template_types,
    )
    from aimcore.testing.world import Run, World

_HOMES = {
    "assertions": ("assert_fits", "assert_nothing_failed", "assert_resolves", "assert_same_choice"),
    "cluster_contracts": ("check_cluster", "check_pod_logs", "check_pull_secrets", "check_secret_values"),
    "clusters": ("ClaimFate", "FakeCluster", "GatewayAnswer", "Script", "fates"),
    "contracts": ("check_image_inspector", "check_size_prober"),
    "ownership_laws": ("check_hands_off", "check_isolated", "check_owned_legally"),
    "choice_laws": ("check_same_choice",),
    "confluence": ("check_confluent", "check_forgets"),
    "faults": ("NearlyValid", "Planted", "nearly_valid_manifests"),
    "serving_laws": ("check_serving_is_sacred",),
    "status_laws": ("check_honest", "check_names", "check_secrets_stay_secret"),
    "imagelabels": ("broken_deployments", "deployments", "image_labels", "spelt_deployments"),
    "laws": ("LAWS",),
    "machine": ("ClusterMachine",),
    "kinds": (
        *("Pools", "image_metadata", "manifests", "models", "namespaces"),
        *("runtime_configs", "secrets", "service_accounts", "services", "templates"),
    ),
    "gpunodes": ("node_labels", "nodes"),
    "records": (
        *("model_records", "node_records", "runtime_config_records", "secret_records"),
        *("service_account_records", "service_records", "template_records"),
    ),
    "convergence_laws": (
        *("check_converges", "check_deterministic", "check_idempotent"),
        *("check_minimal", "check_quiescent", "check_rests"),
    ),
    "vocabulary": (
        *("env", "gpu_models", "hardware", "image_references", "label_values", "metrics", "names"),
        *("object_labels", "precisions", "quantities", "resources", "sources", "template_types"),
    ),
    "world": ("Run", "World"),
    "download_contracts": ("check_hosts", "check_volume"),
    "drawing": ("worlds",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "LAWS",
    "ClaimFate",
    "ClusterMachine",
    "FakeCluster",
    "GatewayAnswer",
    "NearlyValid",
    "Planted",
    "Pools",
    "Run",
    "Script",
    "World",
    "assert_fits",
    "assert_nothing_failed",
    "assert_resolves",
    "assert_same_choice",
    "broken_deployments",
    "check_cluster",
    "check_confluent",
    "check_converges",
    "check_deterministic",
    "check_forgets",
    "check_hands_off",
    "check_honest",
    "check_hosts",
    "check_idempotent",
    "check_image_inspector",
    "check_isolated",
    "check_minimal",
    "check_names",
    "check_owned_legally",
    "check_pod_logs",
    "check_pull_secrets",
    "check_quiescent",
    "check_rests",
    "check_same_choice",
    "check_secret_values",
    "check_secrets_stay_secret",
    "check_serving_is_sacred",
    "check_size_prober",
    "check_volume",
    "deployments",
    "env",
    "fates",
    "gpu_models",
    "hardware",
    "image_labels",
    "image_metadata",
    "image_references",
    "label_values",
    "manifests",
    "metrics",
    "model_records",
    "models",
    "names",
    "namespaces",
    "nearly_valid_manifests",
    "node_labels",
    "node_records",
    "nodes",
    "object_labels",
    "precisions",
    "quantities",
    "resources",
    "runtime_config_records",
    "runtime_configs",
    "secret_records",
    "secrets",
    "service_account_records",
    "service_accounts",
    "service_records",
    "services",
    "sources",
    "spelt_deployments",
    "template_records",
    "template_types",
    "templates",
    "worlds",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'aimcore.testing' has no attribute {name!r}")
    return getattr(import_module(f"aimcore.testing.{_HOME_OF[name]}"), name)
