"""Equal content has one name, and a name tells nothing of a secret."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.caching.claim import (
    ClaimWanted,
    claim_of,
    completed_claim,
    generation_of,
    is_complete,
    joined_claim,
)
from aimcore.domain.caching.content import (
    Content,
    ContentSource,
    cache_name,
    claim_name,
    content_digest,
    content_source,
    is_claim_of,
    job_name,
    sources_digest,
)
from aimcore.domain.caching.env import job_env, secrets_of, source_env
from aimcore.domain.kinds.ownership import MANAGER, FieldClaim, Owner
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.workload import CachingMode
from aimcore.domain.values.kubenames import is_dns1123_label
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.weights.filter import FileFilter
from aimcore.domain.weights.sources import EnvVar, ModelSource, SecretKeyRef

LLAMA = ContentSource(model_id="acme/llama", uri="hf://acme/llama")
OTHER = ContentSource(model_id="acme/other", uri="s3://weights/other")
CONTENT = Content(sources=(LLAMA, OTHER), access_mode="ReadWriteMany")
CACHE = Owner(api_version="aim.silogen.ai/v1alpha1", kind="AIMTemplateCache", name="c", uid="c-1")
FROZEN = json.loads((Path(__file__).parents[3] / "vectors" / "frozen-cache-names.json").read_text(encoding="utf-8"))[
    "cases"
]


@pytest.mark.rule("CACHE-3")
@pytest.mark.parametrize(
    "changed",
    [
        {"sources": (LLAMA,)},
        {"sources": (replace(LLAMA, uri="hf://acme/llama@v2"), OTHER)},
        {"sources": (replace(LLAMA, endpoints=(("HF_ENDPOINT", "https://hub.test"),)), OTHER)},
        {"files": FileFilter(exclude=("*.md",))},
        {"storage_class": "fast"},
        {"access_mode": "ReadWriteOnce"},
        {"owner": ("AIMModel", "llama")},
    ],
)
def test_other_content_has_another_claim(changed: dict[str, Any]) -> None:
    other = replace(CONTENT, **changed)
    assert content_digest(other) != content_digest(CONTENT)
    assert not is_claim_of(claim_name(CONTENT), other)


@pytest.mark.rule("CACHE-3")
def test_the_order_of_sources_is_no_content_and_a_config_no_source() -> None:
    turned = replace(CONTENT, sources=CONTENT.sources[::-1])
    assert claim_name(turned) == claim_name(CONTENT)
    elsewhere = replace(CONTENT, storage_class="fast", access_mode="ReadWriteOnce", files=FileFilter(include=("*",)))
    assert sources_digest(elsewhere) == sources_digest(CONTENT)
    assert sources_digest(replace(CONTENT, owner=("AIMModel", "llama"))) != sources_digest(CONTENT)


@pytest.mark.rule("CACHE-3", "CACHE-10")
def test_secrets_are_no_part_of_content_but_endpoints_are() -> None:
    source = ModelSource(model_id="acme/llama", source_uri="hf://acme/llama")
    token, endpoint = EnvVar(name="HF_TOKEN", value="canary"), EnvVar(name="HF_ENDPOINT", value="https://hub.test")
    told = content_source(source, {"HF_TOKEN": token, "HF_ENDPOINT": endpoint})
    assert told.endpoints == (("HF_ENDPOINT", "https://hub.test"),)
    kept = EnvVar(name="HF_ENDPOINT", value_from=SecretKeyRef(name="hub", key="url"))
    assert "hub" in content_source(source, {"HF_ENDPOINT": kept}).endpoints[0][1]


# Names ----------------------------------------------------------------------------------------------------------------


def _named(given_: dict[str, Any]) -> str:
    sources = tuple(ContentSource(model_id=one["modelId"], uri=one["uri"]) for one in given_.get("sources", ()))
    match given_["of"]:
        case "claim":
            owner = tuple(given_["owner"]) if "owner" in given_ else None
            content = Content(
                sources=sources, access_mode=given_["accessMode"], storage_class=given_.get("class"), owner=owner
            )
            return claim_name(content, given_.get("generation", 1))
        case "cache":
            of = [ModelSource(model_id=one.model_id, source_uri=one.uri) for one in sources]
            return cache_name(
                Key(Kind.TEMPLATE, given_.get("namespace"), given_["template"]), CachingMode(given_["mode"]), of
            )
        case _:
            return job_name(given_["claim"], given_["uid"], given_["attempt"])


@pytest.mark.rule("NAME-8")
@pytest.mark.parametrize("case", FROZEN, ids=lambda case: case["why"])
def test_names_stay_as_they_are(case: dict[str, Any]) -> None:
    assert _named(case) == case["name"]


@pytest.mark.rule("NAME-8")
@given(st.text(min_size=1, max_size=90), st.integers(1, 999))
def test_every_name_is_a_label_with_room_for_a_pod(model: str, number: int) -> None:
    content = replace(CONTENT, sources=(ContentSource(model_id=f"acme/{model}", uri="hf://a/b"),))
    claim = claim_name(content, number)
    assert is_dns1123_label(claim)
    assert is_claim_of(claim, content)
    job = job_name(claim, "u", number)
    assert is_dns1123_label(f"{job}-abcde")
    assert is_dns1123_label(cache_name(Key(Kind.TEMPLATE, None, model), CachingMode.SHARED, ()))


# Environment ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("CACHE-10")
def test_each_source_has_variables_of_its_own_and_the_nearest_layer_counts() -> None:
    key = SecretKeyRef(name="keys", key="id")
    hub = ModelSource(
        model_id="a/b",
        source_uri="hf://a/b",
        env=(EnvVar(name="HF_TOKEN", value_from=key), EnvVar(name="AWS_REGION", value="x")),
    )
    bucket = ModelSource(
        model_id="a/c",
        source_uri="s3://weights/c",
        env=(EnvVar(name="AWS_ACCESS_KEY_ID", value_from=replace(key, name="maybe", optional=True)),),
    )
    layers = (
        (Layer.TEMPLATE, (EnvVar(name="HF_TOKEN", value="weaker"), EnvVar(name="HTTPS_PROXY", value="http://near"))),
        (Layer.MODEL, (EnvVar(name="HTTPS_PROXY", value="http://far"), EnvVar(name="OTHER", value="1"))),
    )
    envs = (source_env(hub, layers), source_env(bucket, layers))
    assert {name: one.layer for name, one in envs[0].items()} == {
        "HF_TOKEN": Layer.SOURCE,
        "HTTPS_PROXY": Layer.TEMPLATE,
    }
    found = job_env(envs)
    assert [one["name"] for one in found.body] == ["S0_HF_TOKEN", "HTTPS_PROXY", "S1_AWS_ACCESS_KEY_ID"]
    assert found.names == ((("HF_TOKEN", "S0_HF_TOKEN"),), (("AWS_ACCESS_KEY_ID", "S1_AWS_ACCESS_KEY_ID"),))
    assert secrets_of(envs) == ("keys",), "an optional one is not waited for"


# The claim ------------------------------------------------------------------------------------------------------------


def _standing() -> Any:
    wanted = ClaimWanted(namespace="ml-team", content=CONTENT, size=parse_quantity("2Gi"), generation=2)
    claim = claim_of(wanted, CACHE)
    fields = {
        "f:metadata": {"f:labels": {f"f:{name}": {} for name in claim.meta.labels}, "f:annotations": {f"f:{name}": {} for name in claim.meta.annotations}},
        "f:spec": {"f:accessModes": {}, "f:resources": {"f:requests": {"f:storage": {}}}},
    }  # fmt: skip
    labels = {**claim.meta.labels, "theirs": "1"}
    claims = (
        FieldClaim(manager=MANAGER, fields=fields),
        FieldClaim(manager="kubectl", fields={"f:metadata": {"f:labels": {"f:theirs": {}}}}),
    )
    meta = replace(claim.meta, uid="k-1", resource_version="7", labels=labels, claims=claims)
    return replace(claim, meta=meta, spec={**claim.spec, "volumeName": "pv-1"})


@pytest.mark.rule("CACHE-3")
def test_an_owner_joins_with_all_that_stand_and_the_version_that_was_seen() -> None:
    live = _standing()
    other = replace(CACHE, kind="AIMService", uid="s-1", controller=True)
    assert joined_claim(live, (CACHE,)) is None
    joined = joined_claim(live, (CACHE, other))
    assert joined is not None
    assert [(one.uid, one.controller) for one in joined.meta.owners] == [("c-1", False), ("s-1", False)]
    assert (joined.meta.uid, joined.meta.resource_version) == ("k-1", "7")
    assert "theirs" not in joined.meta.labels
    assert joined.spec == {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "2Gi"}}}


@pytest.mark.rule("CACHE-8")
def test_a_claim_says_itself_that_it_is_whole() -> None:
    live = _standing()
    assert (is_complete(live), generation_of(live)) == (False, 2)
    told = completed_claim(live)
    assert is_complete(replace(live, meta=replace(live.meta, annotations=told.meta.annotations)))
    assert not is_complete(replace(live, meta=replace(live.meta, annotations=told.meta.annotations, deleting=True)))
    assert generation_of(replace(live, meta=replace(live.meta, annotations={"aim.silogen.ai/generation": "x"}))) == 1
