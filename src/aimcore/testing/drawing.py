"""The strategy of whole worlds: a few objects of every kind, on few names, so that they meet."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from aimcore.domain.view.observed import CreationScopeFrom, Policy, Unseen
from aimcore.testing.gpunodes import nodes
from aimcore.testing.imagelabels import image_labels
from aimcore.testing.kinds import (
    API_VERSION,
    SMALL,
    Pools,
    models,
    runtime_configs,
    secrets,
    service_accounts,
    services,
    templates,
)
from aimcore.testing.vocabulary import source_sizes
from aimcore.testing.world import World, address_of

__all__ = ["worlds"]

Json = dict[str, Any]

SHARES = ((models, 3), (services, 3), (templates, 2), (runtime_configs, 2), (secrets, 3), (service_accounts, 2))
"""Each kind, and how many of it a world has at most."""


def _each_once(manifests: Iterable[Json]) -> tuple[Json, ...]:
    return tuple({address_of(manifest): manifest for manifest in manifests}.values())


def _cluster_configs(pools: Pools, spec: Json) -> list[Json]:
    kind = "AIMClusterRuntimeConfig"
    return [
        {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec} for name in pools.configs
    ]


COMMON: tuple[Json, ...] = (
    {},
    {"labelPropagation": {"enabled": True, "match": ["*"]}},
    {"model": {"creationScope": "Cluster"}},
)
"""What the cluster's runtime configs say, where it has one of every name."""


@cache
def worlds(pools: Pools = SMALL) -> SearchStrategy[World]:
    """A world of valid manifests, images with labels in any spelling, nodes or none, and settings.

    It shrinks to one with less in it. Not every image that is named is in the registry, nor is every secret there; most
    worlds have every runtime config that their objects ask for.
    """
    lists = [st.lists(strategy(pools), max_size=most) for strategy, most in SHARES]
    images = st.dictionaries(st.sampled_from(pools.images), image_labels(), max_size=len(pools.images))
    policy = st.builds(
        Policy,
        operator_namespace=st.just(pools.operator_namespace),
        unseen=st.sampled_from((Unseen.ABSENT, Unseen.ASSUMED)),
        creation_scope_from=st.sampled_from(CreationScopeFrom),
    )
    configs = st.sampled_from([[], *(_cluster_configs(pools, spec) for spec in COMMON)])
    inventory = st.none() | st.lists(nodes(), max_size=2)
    leaving = st.sets(st.sampled_from(pools.models + pools.services), max_size=1).map(frozenset)
    drawn = st.tuples(*lists, configs).map(chain.from_iterable).map(_each_once)
    going = st.builds(_with_leaving, drawn, st.just(frozenset[str]()) | leaving)
    return st.builds(_world, going, images, sizes=source_sizes(), policy=policy, inventory=inventory)


def _with_leaving(manifests: tuple[Json, ...], names: frozenset[str]) -> tuple[Json, ...]:
    """The same, with what is of these names on its way out, held by somebody's finalizer."""
    leave = {"deletionTimestamp": "2025-12-31T00:00:00Z", "finalizers": ["example.com/hold"]}
    return tuple(
        {**one, "metadata": {**one["metadata"], **leave}} if one["metadata"]["name"] in names else one
        for one in manifests
    )


def _world(
    manifests: tuple[Json, ...],
    images: dict[str, dict[str, str]],
    *,
    sizes: dict[str, int],
    policy: Policy,
    inventory: list[Json] | None,
) -> World:
    nodes_known = inventory is not None
    return World(
        manifests=(*manifests, *_each_once(inventory or ())),
        images=images,
        sizes=sizes,
        policy=policy,
        nodes_known=nodes_known,
    )
