"""`aimcore cache`, and what `tree`, `explain` and `get` tell of caches, on a cluster where an operator filled some."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.memory.kinds import Address, resource_of
from aimcore.adapters.memory.store import MemoryStore
from aimcore.adapters.schemas import definitions
from aimcore.domain.kinds.caches import Cache
from aimcore.entrypoints.cli.commands import aimcore
from aimcore.entrypoints.wiring.caching import delete_cache
from aimcore.entrypoints.wiring.live import look
from aimcore.ports.errors import Conflict
from tests.integration.caches.bench import NS, Bench, model, service
from tests.integration.cluster.driver import MemoryCluster


def filled() -> Bench:
    """Two caches of one content, and so of one claim, and one that nobody uses any more."""
    bench = Bench()
    bench.apply(model(), service(), model("twin"), service("other", ref="twin"))
    bench.apply(model("idle", uri="hf://acme/idle"), service("gone", ref="idle"))
    bench.look()
    bench.look(after=7200)
    bench.look(after=60)
    for name in ("other", "gone"):
        bench.store.delete(Address("AIMService", NS, name))
    bench.store.collect()
    bench.look(after=60)
    return bench


def address(manifest: dict[str, Any]) -> Address:
    metadata = manifest["metadata"]
    return Address(resource_of(manifest).kind, metadata.get("namespace"), metadata["name"])


@pytest.fixture(scope="module")
def stands() -> list[dict[str, Any]]:
    return [dict(one) for one in filled().store.everything()]


@pytest.fixture
def cluster(stands: list[dict[str, Any]], tmp_path: Path) -> Iterator[tuple[str, ApiServer]]:
    uids = {address(one): one["metadata"]["uid"] for one in stands}
    with ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()]) as server:
        with server.held() as store:
            setattr(store, "_uid", lambda at: uids.get(at, "new"))  # noqa: B010 - those that owners and statuses speak of
            store.load(stands)
        server.write_kubeconfig(tmp_path / "kubeconfig")
        yield str(tmp_path / "kubeconfig"), server


@pytest.fixture
def run(cluster: tuple[str, ApiServer]) -> Callable[..., Result]:
    def ran(*words: str) -> Result:
        where = ["-n", NS] if "-A" not in words else []
        return CliRunner(env={"COLUMNS": "80"}).invoke(aimcore, [*words, *where, "--kubeconfig", cluster[0]])

    return ran


Run = Callable[..., Result]


def data(ran: Result) -> Any:
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def caches(cluster: tuple[str, ApiServer]) -> list[str]:
    with cluster[1].held() as store:
        store.collect()
        return [one["metadata"]["name"] for one in store.list("AIMTemplateCache", NS)[0]]


def claims(store: MemoryStore) -> list[str]:
    """Those that are not on their way out."""
    there = store.list("PersistentVolumeClaim", NS)[0]
    return [one["metadata"]["name"] for one in there if "deletionTimestamp" not in one["metadata"]]


@pytest.mark.rule("CACHE-1")
def test_caches_are_listed_with_how_much_is_there_and_who_uses_them(run: Run) -> None:
    items = data(run("cache", "-o", "json"))["items"]
    assert sorted([one["name"] for one in cache["usedBy"]] for cache in items) == [[], ["chat"], ["chat"]]
    assert {cache["progress"]["percent"] for cache in items} == {100}
    assert {cache["status"] for cache in items} == {"Ready"}
    said = run("cache").stdout
    assert "100 % of 1.0 GiB there, claim" in said
    assert "used by chat" in said
    assert "unused for" in said
    head, *rows = run("cache", "-o", "wide").stdout.splitlines()
    assert head.split()[:2] == ["NAMESPACE", "NAME"]
    assert [row.split()[5] for row in rows] == ["100%"] * 3
    assert run("cache", "-o", "name").stdout.startswith("aimtemplatecache.aim.silogen.ai/")


def test_where_there_are_none_it_is_said(cluster: tuple[str, ApiServer]) -> None:
    ran = CliRunner().invoke(aimcore, ["cache", "-n", "other", "--kubeconfig", cluster[0]])
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "no caches in namespace other" in ran.stderr


def test_get_lists_caches_too(run: Run) -> None:
    assert "100 % there" in run("get", "caches").stdout
    assert len(data(run("get", "aimtc", "-o", "json"))["items"]) == 3


@pytest.mark.rule("CACHE-3")
def test_a_tree_shows_caches_and_who_uses_them(run: Run) -> None:
    [template] = data(run("tree", "model/llama", "-o", "json"))["below"]
    kinds = {one["kind"]: one for one in template["below"]}
    assert set(kinds) == {"AIMTemplateCache", "AIMService"}
    below = [(one["kind"], one["name"]) for one in kinds["AIMTemplateCache"]["below"]]
    assert ("AIMService", "chat") in below
    assert "PersistentVolumeClaim" in {kind for kind, _ in below}
    assert "AIMTemplateCache" in {one["kind"] for one in data(run("tree", "service/chat", "-o", "json"))["below"]}
    said = run("tree", f"cache/{kinds['AIMTemplateCache']['name']}").stdout
    assert f"PersistentVolumeClaim {NS}/" in said
    assert f"AIMService {NS}/chat" in said


@pytest.mark.rule("CACHE-3")
def test_an_explanation_says_why_this_claim_and_who_shares_it(run: Run) -> None:
    items = data(run("cache", "-o", "json"))["items"]
    one, twin = (cache for cache in items if cache["usedBy"])
    [unused] = (cache for cache in items if not cache["usedBy"])
    told = data(run("explain", "cache", one["name"], "-o", "json"))
    assert told["claim"]["name"] == one["claim"] == twin["claim"] != unused["claim"]
    assert told["claim"]["complete"]
    assert [other["name"] for other in told["sharedWith"]] == [twin["name"]]
    assert [user["name"] for user in told["usedBy"]] == ["chat"]
    said = run("explain", f"cache/{unused['name']}").stdout
    assert "Shared: one claim for equal sources" in said
    of_service = data(run("explain", "service/chat", "-o", "json"))["cache"]
    assert (of_service["name"], of_service["claim"]["name"]) == (one["name"], one["claim"])
    assert [other["name"] for other in of_service["sharedWith"]] == [twin["name"]]
    assert f"shared with AIMTemplateCache {NS}/{twin['name']}" in run("explain", "service/chat").stdout.replace(
        "\n             ", " "
    )
    assert "nobody, since" in said


# Prune ------------------------------------------------------------------------------------------------------------------


def test_what_nobody_used_for_long_is_named_and_nothing_deleted(run: Run, cluster: tuple[str, ApiServer]) -> None:
    ran = run("cache", "prune", "--unused-for", "7d")
    assert ran.exit_code == 0
    [line] = ran.stdout.splitlines()
    assert "would be deleted" in line
    assert "nothing is deleted without --yes" in ran.stderr
    assert len(caches(cluster)) == 3


def test_what_is_used_stays_and_its_claim_with_it(run: Run, cluster: tuple[str, ApiServer]) -> None:
    ran = run("cache", "prune", "--unused-for", "7d", "--yes")
    assert (ran.exit_code, len(ran.stdout.splitlines())) == (0, 1)
    left = caches(cluster)
    assert len(left) == 2
    assert all(name in run("cache", "-o", "name").stdout for name in left)
    with cluster[1].held() as store:
        assert len(claims(store)) == 1


def test_what_is_another_by_now_is_not_deleted(cluster: tuple[str, ApiServer]) -> None:
    seen = look(kubeconfig=cluster[0], context=None, namespace=NS).cache
    before = next(one for one in seen if isinstance(one, Cache))
    with cluster[1].held() as store:
        at = Address("AIMTemplateCache", NS, before.key.name)
        store.patch(at, {"spec": {"suspend": True}}, manager="kubectl")
    with pytest.raises(Conflict):
        delete_cache(before, kubeconfig=cluster[0], context=None)
    assert before.key.name in caches(cluster)


def test_of_a_short_time_nothing_goes(run: Run) -> None:
    ran = run("cache", "prune", "--unused-for", "99999d", "--yes")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert f"no cache in namespace {NS} is unused for 99999d" in ran.stderr


@pytest.mark.parametrize("span", ["", "7", "d", "-1d", "7w", "1h2d"])
def test_a_span_that_is_none_is_refused(run: Run, span: str) -> None:
    ran = run("cache", "prune", "--unused-for", span)
    assert ran.exit_code == 2
    assert "such as 7d" in ran.stderr


def test_options_before_a_subcommand_are_refused(cluster: tuple[str, ApiServer]) -> None:
    words = ["cache", "-n", NS, "prune", "--unused-for", "7d", "--yes", "--kubeconfig", cluster[0]]
    ran = CliRunner().invoke(aimcore, words)
    assert ran.exit_code == 2
    assert "options go behind it" in ran.stderr


# Warm -------------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("CACHE-1", "CACHE-2")
def test_a_warmed_cache_is_the_one_that_a_service_finds(tmp_path: Path) -> None:
    """Under the operator's own loop: the cache that a person made is filled, and the service of the model starts on it."""
    bench = Bench()
    bench.apply(model())
    bench.look()
    [template] = bench.all("AIMServiceTemplate")
    with ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()]) as server:
        with server.held() as store:
            store.load([dict(one) for one in bench.store.everything()])
        path = tmp_path / "kubeconfig"
        server.write_kubeconfig(path)
        words = ["cache", "warm", template["metadata"]["name"], "-n", NS, "--kubeconfig", str(path)]
        dry = CliRunner().invoke(aimcore, [*words, "--dry-run"])
        made = CliRunner().invoke(aimcore, words)
        again = CliRunner().invoke(aimcore, words)
        with server.held() as store:
            [cache] = store.list("AIMTemplateCache", NS)[0]
    assert (dry.exit_code, made.exit_code, again.exit_code) == (0, 0, 0)
    assert "created" in made.stdout
    assert "is there: Pending" in again.stdout
    manifest = yaml.safe_load(dry.stdout)
    assert manifest["spec"] == cache["spec"]
    assert manifest["metadata"] == {"name": cache["metadata"]["name"], "namespace": NS}
    assert {one["manager"] for one in cache["metadata"]["managedFields"]} == {"aimcore"}
    bench.apply(manifest)
    bench.look()
    bench.look(after=7200)
    assert bench.word("AIMTemplateCache") == "Ready"
    bench.apply(service())
    bench.look()
    assert bench.word() == "Running Running"
    assert len(bench.all("AIMTemplateCache")) == 1


def test_what_has_nothing_to_fetch_is_told(run: Run) -> None:
    ran = run("cache", "warm", "none")
    assert ran.exit_code == 1
    assert "template 'none' is not there" in ran.stderr
    assert "only templates have weights" in run("cache", "warm", "model/llama").stderr
