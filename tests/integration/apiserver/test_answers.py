"""What the front answers, where a cluster's contract does not say it already."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.memory.kinds import Address
from tests.integration.apiserver.client import AIM, Client, model


@pytest.fixture
def path(home: str) -> str:
    return f"{AIM}/namespaces/{home}/aimmodels"


@pytest.fixture
def five(client: Client, path: str) -> str:
    for name in "abcde":
        client.ask("POST", path, {**model(name), "metadata": {"name": name, "labels": {"letter": name}}})
    return path


def names(document: Any) -> list[str]:
    return [one["metadata"]["name"] for one in document["items"]]


# --- lists ------------------------------------------------------------------------------------------------------------


def test_pages_show_the_list_as_it_was_at_the_first(client: Client, five: str) -> None:
    first = client.ask("GET", f"{five}?limit=2").document
    assert (names(first), first["metadata"]["remainingItemCount"]) == (["a", "b"], 3)
    client.ask("DELETE", f"{five}/c")
    client.ask("POST", five, model("bb"))
    second = client.ask("GET", f"{five}?limit=2&continue={first['metadata']['continue']}").document
    assert names(second) == ["c", "d"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    last = client.ask("GET", f"{five}?limit=2&continue={second['metadata']['continue']}").document
    assert (names(last), "continue" in last["metadata"]) == (["e"], False)


def test_a_list_that_is_not_kept_any_more_is_gone(client: Client, five: str) -> None:
    token = client.ask("GET", f"{five}?limit=1").document["metadata"]["continue"]
    for _ in range(64):
        client.ask("GET", f"{five}?limit=1")
    said = client.ask("GET", f"{five}?limit=1&continue={token}")
    assert (said.code, said.document["reason"]) == (410, "Expired")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("continue=abc", 400),
        ("continue=%FF", 400),
        ("limit=-1", 400),
        ("fieldSelector=spec.image%3Da", 400),
        ("labelSelector=a+b", 400),
        ("labelSelector=a%20in", 400),
        ("resourceVersion=999999999", 504),
        ("resourceVersion=1&resourceVersionMatch=Exact", 410),
    ],
)
def test_a_list_that_cannot_be_given(client: Client, five: str, query: str, code: int) -> None:
    assert client.ask("GET", f"{five}?{query}").code == code


def test_a_list_is_of_what_both_selectors_mean(client: Client, five: str) -> None:
    wanted = "labelSelector=letter+notin+(a,b)&fieldSelector=metadata.name!%3De"
    assert names(client.ask("GET", f"{five}?{wanted}").document) == ["c", "d"]


def test_a_collection_is_deleted_as_it_is_listed(client: Client, five: str) -> None:
    said = client.ask("DELETE", f"{five}?labelSelector=letter+in+(a,c)").document
    assert names(said) == ["a", "c"]
    assert names(client.ask("GET", five).document) == ["b", "d", "e"]


# --- forms ------------------------------------------------------------------------------------------------------------

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def test_a_table_has_the_columns_of_the_definition(client: Client, five: str) -> None:
    client.ask("PATCH", f"{five}/a/status", {"status": {"status": "Ready"}}, "application/merge-patch+json")
    table = client.ask("GET", f"{five}?limit=1", Accept=TABLE).document
    heads = [column["name"] for column in table["columnDefinitions"]]
    assert heads == ["Name", "Status", "Source", "Image", "Model", "Age"]
    [row] = table["rows"]
    assert row["cells"][:5] == ["a", "Ready", None, "docker.io/amdenterpriseai/aim-llama:1", None]
    assert row["cells"][5].endswith("s")
    assert row["object"]["kind"] == "PartialObjectMetadata"
    assert table["metadata"]["remainingItemCount"] == 4


@pytest.mark.parametrize(("include", "kind"), [("Object", "AIMModel"), ("Metadata", "PartialObjectMetadata")])
def test_a_row_holds_what_was_asked_for(client: Client, five: str, include: str, kind: str) -> None:
    table = client.ask("GET", f"{five}/a?includeObject={include}", Accept=TABLE).document
    assert table["rows"][0]["object"]["kind"] == kind


def test_metadata_alone(client: Client, five: str) -> None:
    accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    said = client.ask("GET", five, Accept=accept).document
    assert (said["kind"], names(said)) == ("PartialObjectMetadataList", list("abcde"))
    assert "spec" not in said["items"][0]


def test_a_form_that_is_not_spoken_is_not_acceptable(client: Client, five: str) -> None:
    assert client.ask("GET", five, Accept="application/yaml").code == 406


# --- writes -----------------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_be_and_keeps_nothing(client: Client, api_server: ApiServer, five: str) -> None:
    with api_server.held() as store:
        before = store.resource_version
    assert client.ask("POST", f"{five}?dryRun=All", model("new")).code == 201
    patch: dict[str, Any] = {"spec": {"serviceAccountName": "runner"}}
    said = client.ask("PATCH", f"{five}/a?dryRun=All", patch, "application/merge-patch+json")
    assert said.document["spec"]["serviceAccountName"] == "runner"
    assert client.ask("DELETE", f"{five}/a?dryRun=All").code == 200
    assert client.ask("DELETE", f"{five}/a", {"dryRun": ["All"]}).code == 200
    with api_server.held() as store:
        assert store.resource_version == before
    assert client.ask("POST", f"{five}?dryRun=Some", model("new")).code == 400


def test_an_unknown_field_is_warned_of_and_dropped_unless_all_is_strict(client: Client, path: str) -> None:
    said = client.ask("POST", path, model("a", imagePull="x"))
    assert "imagePull" not in said.document["spec"]
    assert said.headers["Warning"] == '299 - "unknown field \\"spec.imagePull\\""'
    strict = client.ask("POST", f"{path}?fieldValidation=Strict", model("b", imagePull="x"))
    assert strict.code == 400
    assert strict.document["message"] == (
        'AIMModel in version "v1alpha1" cannot be handled as a AIMModel: '
        'strict decoding error: unknown field "spec.imagePull"'
    )


def test_a_name_is_made_up_on_request(client: Client, path: str) -> None:
    made = client.ask("POST", path, {**model(""), "metadata": {"generateName": "llama-"}}).document
    assert made["metadata"]["name"].startswith("llama-")
    assert len(made["metadata"]["name"]) == len("llama-") + 5


def test_what_is_wrong_is_told_with_its_place(client: Client, path: str) -> None:
    said = client.ask("POST", path, model("a", image=""))
    assert said.code == 422
    details = said.document["details"]
    assert (details["name"], details["group"], details["kind"]) == ("a", "aim.silogen.ai", "AIMModel")
    assert [cause["field"] for cause in details["causes"]] == ["spec.image"]
    assert said.document["message"].startswith('AIMModel.aim.silogen.ai "a" is invalid: spec.image: ')


REFUSED = (
    pytest.param("GET", "/x", None, 404, 'aimmodels.aim.silogen.ai "x" not found', id="not there"),
    pytest.param("POST", "", model("a"), 409, 'aimmodels.aim.silogen.ai "a" already exists', id="there already"),
    pytest.param(
        "PUT",
        "/a",
        {**model("a"), "metadata": {"name": "a", "resourceVersion": "1"}},
        409,
        'Operation cannot be fulfilled on aimmodels.aim.silogen.ai "a": the object has been modified; '
        "please apply your changes to the latest version and try again",
        id="an old version",
    ),
    pytest.param(
        "PUT",
        "/a",
        model("a"),
        422,
        'AIMModel.aim.silogen.ai "a" is invalid: metadata.resourceVersion: Invalid value: 0: '
        "must be specified for an update",
        id="no version",
    ),
    pytest.param(
        "PUT",
        "/a",
        model("z"),
        400,
        "the name of the object (z) does not match the name on the URL (a)",
        id="another name",
    ),
    pytest.param(
        "POST",
        "",
        {**model("y"), "metadata": {"name": "y", "namespace": "other"}},
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
        id="another namespace",
    ),
)


@pytest.mark.parametrize(("method", "below", "body", "code", "message"), REFUSED)
def test_a_refusal_is_worded_as_an_api_server_words_it(
    client: Client, five: str, method: str, below: str, body: Any, code: int, message: str
) -> None:
    said = client.ask(method, five + below, body)
    assert (said.code, said.document["message"]) == (code, message)


def test_an_apply_names_whose_fields_it_would_take(client: Client, path: str) -> None:
    client.ask("POST", f"{path}?fieldManager=ann", model("a"))
    body = model("a", image="other")
    said = client.ask("PATCH", f"{path}/a?fieldManager=bob", body, "application/apply-patch+yaml")
    assert said.code == 409
    assert said.document["message"] == (
        'Apply failed with 1 conflict: conflict with "ann" using aim.silogen.ai/v1alpha1: .spec.image'
    )
    forced = f"{path}/a?fieldManager=bob&force=true"
    assert client.ask("PATCH", forced, body, "application/apply-patch+yaml").document["spec"]["image"] == "other"
    assert client.ask("PATCH", f"{path}/a", body, "application/apply-patch+yaml").code == 422


def test_json_patches_are_all_or_nothing(client: Client, five: str) -> None:
    media = "application/json-patch+json"
    replace = {"op": "replace", "path": "/spec/image", "value": "other"}
    failing = {"op": "test", "path": "/spec/image", "value": "third"}
    assert client.ask("PATCH", f"{five}/a", [replace, failing], media).code == 422
    assert client.ask("GET", f"{five}/a").document["spec"]["image"] != "other"
    assert client.ask("PATCH", f"{five}/a", [replace], media).document["spec"]["image"] == "other"


def test_strategic_patches_are_for_kubernetes_own_kinds(client: Client, five: str, home: str) -> None:
    media = "application/strategic-merge-patch+json"
    assert client.ask("PATCH", f"{five}/a", {}, media).code == 415
    account = {"metadata": {"name": "me"}, "secrets": [{"name": "one"}]}
    accounts = f"/api/v1/namespaces/{home}/serviceaccounts"
    client.ask("POST", accounts, account)
    said = client.ask("PATCH", f"{accounts}/me", {"secrets": [{"name": "two"}]}, media)
    assert said.document["secrets"] == [{"name": "one"}, {"name": "two"}]


@pytest.mark.parametrize(
    ("method", "below", "code"),
    [("POST", "/a", 405), ("PUT", "", 405), ("PATCH", "", 405), ("DELETE", "/a/status", 405), ("GET", "/a/scale", 404)],
)
def test_a_verb_that_is_not_served(client: Client, five: str, method: str, below: str, code: int) -> None:
    assert client.ask(method, five + below, {} if method != "GET" else None).code == code


@pytest.mark.parametrize(
    "path", ["/api/v1/endpoints", "/apis/apps/v1/statefulsets", "/api/v1/namespaces/a/nodes", "/metrics"]
)
def test_a_path_that_is_not_served(client: Client, path: str) -> None:
    assert client.ask("GET", path)[:2] == (404, "404 page not found")


def test_plain_values_of_a_secret_become_data(client: Client, home: str) -> None:
    secret = {"metadata": {"name": "hub"}, "stringData": {"token": "hf_x"}}
    said = client.ask("POST", f"/api/v1/namespaces/{home}/secrets", secret).document
    assert (said["data"], "stringData" in said) == ({"token": "aGZfeA=="}, False)


def test_an_event_is_one_object_in_both_versions(client: Client, home: str) -> None:
    event = {"metadata": {"name": "e"}, "regarding": {"kind": "AIMModel", "name": "a"}, "note": "all is well"}
    client.ask("POST", f"/apis/events.k8s.io/v1/namespaces/{home}/events", event)
    query = "fieldSelector=involvedObject.name%3Da"
    [said] = client.ask("GET", f"/api/v1/namespaces/{home}/events?{query}").document["items"]
    assert (said["apiVersion"], said["message"], said["involvedObject"]["kind"]) == ("v1", "all is well", "AIMModel")


def test_a_deleted_namespace_takes_what_is_in_it(client: Client, api_server: ApiServer, five: str, home: str) -> None:
    said = client.ask("DELETE", f"/api/v1/namespaces/{home}").document
    assert said["status"]["phase"] == "Terminating"
    version = said["metadata"]["resourceVersion"]
    lines = client.watch(f"{five}?watch=1&resourceVersion={version}&timeoutSeconds=1")
    assert {(kind, one["metadata"]["name"]) for kind, one in lines} == {("DELETED", name) for name in "abcde"}
    with api_server.held() as store:
        assert not [
            one
            for one in store.list("Namespace")[0]
            if Address("Namespace", None, home).name == one["metadata"]["name"]
        ]


# --- watches ----------------------------------------------------------------------------------------------------------


def test_a_watch_without_a_version_begins_with_what_stands(client: Client, five: str) -> None:
    lines = client.watch(f"{five}?watch=1&timeoutSeconds=1")
    assert [(kind, one["metadata"]["name"]) for kind, one in lines] == [("ADDED", name) for name in "abcde"]


def test_what_leaves_a_selection_is_deleted_to_its_watcher(client: Client, five: str) -> None:
    version = client.ask("GET", five).document["metadata"]["resourceVersion"]
    for value in ("z", "a", None):
        patch = {"metadata": {"labels": {"letter": value}}}
        client.ask("PATCH", f"{five}/a", patch, "application/merge-patch+json")
    lines = client.watch(f"{five}?watch=1&timeoutSeconds=1&resourceVersion={version}&labelSelector=letter%3Da")
    assert [kind for kind, _ in lines] == ["DELETED", "ADDED", "DELETED"]
    assert lines[0][1]["metadata"]["labels"] == {"letter": "a"}
    versions = [int(one["metadata"]["resourceVersion"]) for _, one in lines]
    assert int(version) < versions[0] < versions[1] < versions[2]


def test_a_watch_ends_with_a_bookmark_for_those_who_allow_it(client: Client, five: str) -> None:
    version = client.ask("GET", five).document["metadata"]["resourceVersion"]
    query = f"watch=1&timeoutSeconds=1&resourceVersion={version}"
    assert client.watch(f"{five}?{query}") == []
    [(kind, said)] = client.watch(f"{five}?{query}&allowWatchBookmarks=true")
    assert (kind, said["kind"], said["metadata"]) == ("BOOKMARK", "AIMModel", {"resourceVersion": version})


def test_a_history_that_is_not_there_is_an_error_line(client: Client, five: str) -> None:
    [(kind, said)] = client.watch(f"{five}?watch=1&timeoutSeconds=1&resourceVersion=999999999")
    assert (kind, said["code"], said["reason"]) == ("ERROR", 410, "Expired")


def test_a_watch_that_would_list_first_is_refused_so_that_clients_list_themselves(client: Client, five: str) -> None:
    said = client.ask("GET", f"{five}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    assert (said.code, said.document["reason"]) == (422, "Invalid")
