"""The commands, from arguments to what is printed and how they end."""

from __future__ import annotations

import json
import random
import uuid
from pathlib import Path
from textwrap import dedent

import click
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimcore import __version__
from aimcore.entrypoints.cli.commands import aimcore
from tests.integration.cli_runs import (
    CLUSTER,
    EXAMPLES,
    IMAGES,
    MODEL,
    QUICKSTART,
    SEALED,
    SERVICE,
    documents,
    plan,
    run,
)

# Exit codes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "text", "code"),
    [
        pytest.param(["plan", QUICKSTART, *IMAGES], "", 0, id="a plan in which all is well"),
        pytest.param(["plan", "-"], MODEL, 0, id="a plan that waits for an inspection"),
        pytest.param(["plan", "-", *IMAGES], MODEL.replace("my-model", "no"), 3, id="a plan with a Failed model"),
        pytest.param(["plan", QUICKSTART, CLUSTER, *IMAGES], "", 3, id="a plan with a Degraded model"),
        pytest.param(["plan", "-"], MODEL.replace("image", "imag"), 2, id="a plan of an invalid manifest"),
        pytest.param(["plan", "-"], MODEL.replace("ghcr.io", "UP CASE"), 2, id="a plan of an invalid text"),
        pytest.param(["plan", "-"], "a: [", 2, id="a plan of what is no YAML"),
        pytest.param(["plan", "no-such-file.yaml"], "", 2, id="a plan of a file that is not there"),
        pytest.param(["plan", "-"], documents(MODEL, MODEL), 0, id="a plan with a warning"),
        pytest.param(["plan"], "", 2, id="a plan of nothing"),
        pytest.param(["plan", "-", "-o", "xml"], MODEL, 2, id="a plan in a form there is not"),
        pytest.param(["plan", "-", "-n", "A"], MODEL, 2, id="a plan in a namespace that cannot be"),
        pytest.param(["plan", "-", "--images", "no-such-folder"], MODEL, 2, id="a plan with images from nowhere"),
        pytest.param(["validate", QUICKSTART], "", 0, id="a validation without problems"),
        pytest.param(["validate", "-"], documents(MODEL, MODEL), 0, id="a validation with a warning"),
        pytest.param(["validate", "-"], MODEL.replace("image", "imag"), 2, id="a validation with a problem"),
        pytest.param(["explain", "service/chat", "-"], documents(MODEL, SERVICE), 0, id="an explanation"),
        pytest.param(["explain", "service/chat", "-"], MODEL, 1, id="an explanation of what is not there"),
        pytest.param(["explain", "chat", "-"], SERVICE, 2, id="an explanation of no type"),
        pytest.param(["explain", "node/a", "-"], SERVICE, 2, id="an explanation of another type"),
        pytest.param(
            ["explain", "service/chat", "-"], documents(SERVICE, "a: ["), 2, id="an explanation beside a fault"
        ),
        pytest.param(["inspect", "ghcr.io/example/my-model:v1.0.0", *IMAGES], "", 0, id="an inspection"),
        pytest.param(["inspect", "ghcr.io/example/none:1", *IMAGES], "", 1, id="an inspection of what is not there"),
        pytest.param(["inspect", "UP CASE", *IMAGES], "", 2, id="an inspection of no image"),
        pytest.param(["inspect", "127.0.0.1:1/x"], "", 1, id="an inspection at an address that is refused"),
        pytest.param(["plam"], "", 2, id="no command"),
    ],
)
def test_the_exit_code_says_how_it_ended(arguments: list[str], text: str, code: int) -> None:
    ran = run(*arguments, text=text)
    assert (ran.exit_code, "Traceback" in ran.output) == (code, False)


# plan -----------------------------------------------------------------------------------------------------------------


def test_a_plan_for_programs_has_these_parts() -> None:
    found = plan(QUICKSTART, *IMAGES)
    assert list(found) == ["rounds", "objects", "changes", "problems", "assumptions", "events"]
    assert {tuple(change) for change in found["changes"]} == {("action", "kind", "namespace", "name", "rule")}
    assert {change["action"] for change in found["changes"]} <= {"create", "apply", "delete", "status"}
    assert found["problems"] == []


def test_a_problem_for_programs_has_these_parts() -> None:
    (problem,) = plan("-", text=MODEL.replace("image", "imag"))["problems"][-1:]
    assert list(problem) == ["file", "line", "column", "path", "message", "rule", "severity"]
    assert (problem["file"], problem["line"], problem["path"]) == ("stdin", 5, "$.spec.imag")


def test_objects_are_all_there_are_sorted_by_kind_namespace_and_name() -> None:
    found = plan(QUICKSTART, *IMAGES)
    places = [(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]) for one in found["objects"]]
    created = {
        (one["kind"], one["namespace"] or "", one["name"]) for one in found["changes"] if one["action"] == "create"
    }
    assert places == sorted(places)
    assert created < set(places)
    assert ("Secret", "ml-team", "private-registry") in places


def test_objects_carry_what_does_not_depend_on_a_server() -> None:
    for one in plan(QUICKSTART, *IMAGES)["objects"]:
        metadata = one["metadata"]
        key = f"{one['kind']}/{metadata.get('namespace', '')}/{metadata['name']}"
        assert metadata["uid"] == str(uuid.uuid5(uuid.NAMESPACE_URL, key))
        assert metadata["creationTimestamp"] == "1970-01-01T00:00:00Z"
        assert metadata.keys().isdisjoint({"resourceVersion", "managedFields"})
        times = {each["lastTransitionTime"] for each in one.get("status", {}).get("conditions", [])}
        assert times <= {"1970-01-01T00:00:00Z"}


def test_the_last_round_changes_nothing_and_counts() -> None:
    assert plan("-", text="{apiVersion: v1, kind: Node, metadata: {name: a}}")["rounds"] == 1


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("form", ["json", "yaml", "table", "name"])
def test_what_a_secret_holds_is_masked(form: str) -> None:
    ran = run("plan", "-", "-o", form, text=SEALED)
    assert "canary" not in ran.output
    assert "Y2FuYXJ5" not in ran.output
    assert ("***" in ran.stdout) is (form == "json")


def test_names_are_those_of_kubectl() -> None:
    names = run("plan", "-", *IMAGES, "-o", "name", text=documents(MODEL, SERVICE, SEALED)).stdout.splitlines()
    assert names == [
        "aimmodel.aim.silogen.ai/llama",
        "aimservice.aim.silogen.ai/chat",
        "aimservicetemplate.aim.silogen.ai/llama-1x-mi300x-lat-fp8-f89bd3dab6",
        "aimservicetemplate.aim.silogen.ai/llama-1x-mi300x-thr-fp8-4dd129532d",
        "deployment.apps/aim-chat",
        "secret/token",
        "service/aim-chat",
    ]


@pytest.mark.parametrize("form", ["json", "table", "name"])
def test_problems_and_assumptions_go_to_standard_error_whatever_the_form(form: str) -> None:
    said = run("plan", "-", "-o", form, text=documents(MODEL, SERVICE.replace("ref", "rex"))).stderr.splitlines()
    assert said == [
        "stdin:11:8: $.spec.model: expected exactly one of ref, image, custom [KIND-7]",
        "stdin:11:16: $.spec.model.rex: unknown field; expected one of custom, image, ref [KIND-7]",
        "note: namespace ml is assumed present: it is not among the manifests",
        "note: 1 image model stays uninspected: pass --online, --locked FILE or --images DIR",
    ]


def test_a_file_may_be_named_in_three_ways(tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(dedent(MODEL), encoding="utf-8")
    found = {
        run("plan", *arguments, "-o", "json", text=MODEL).stdout
        for arguments in ([str(file)], ["-f", str(file)], ["-"])
    }
    assert len(found) == 1


def test_sub_folders_are_taken_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "model.yml").write_text(dedent(MODEL), encoding="utf-8")
    assert run("plan", str(tmp_path)).exit_code == 2
    assert run("plan", "-R", str(tmp_path)).exit_code == 0


def test_lists_are_taken_apart() -> None:
    items = [yaml.safe_load(dedent(text)) for text in (MODEL, SERVICE)]
    as_list = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    assert plan("-", text=as_list)["objects"] == plan("-", text=documents(MODEL, SERVICE))["objects"]


def test_a_namespace_is_for_manifests_that_name_none() -> None:
    text = documents(MODEL, SERVICE.replace(", namespace: ml", ""))
    found = plan("-", "-n", "research", text=text)
    assert [one["metadata"]["namespace"] for one in found["objects"]] == ["ml", "research"]
    assert not [one for one in found["assumptions"] if "no namespace" in one]
    assert (
        "1 manifest names no namespace: default is assumed (pass -n NAMESPACE)" in plan("-", text=text)["assumptions"]
    )


@pytest.mark.rule("DISC-7")
def test_a_pull_secret_that_is_not_given_is_assumed_unless_strict() -> None:
    text = MODEL.replace("v1.0.0", "v1.0.0, imagePullSecrets: [{name: registry}]")
    assert any(
        one.startswith("Secret ml/registry is assumed present") for one in plan("-", *IMAGES, text=text)["assumptions"]
    )
    ran = run("plan", "-", *IMAGES, "--strict", text=text)
    assert ran.exit_code == 3
    assert "SecretMissing: pull secret registry is not in namespace ml" in " ".join(ran.stdout.split())


@pytest.mark.rule("TMPL-6")
def test_without_nodes_gpus_are_assumed_and_with_nodes_they_are_counted() -> None:
    assumed = "GPUs are assumed present: no Node is among the manifests"
    assert assumed in plan("-", *IMAGES, text=MODEL)["assumptions"]
    found = plan("-", *IMAGES, text=documents(MODEL, "{apiVersion: v1, kind: Node, metadata: {name: a}}"))
    assert assumed not in found["assumptions"]
    assert {one["status"]["status"] for one in found["objects"] if one["kind"] == "AIMServiceTemplate"} == {
        "NotAvailable"
    }


@pytest.mark.rule("AUTO-3")
def test_the_cluster_alone_may_say_where_auto_created_models_go() -> None:
    config = """
    apiVersion: aim.silogen.ai/v1alpha1
    kind: AIMRuntimeConfig
    metadata: {name: default, namespace: ml}
    spec: {model: {creationScope: Cluster}}
    """
    text = documents(config, SERVICE.replace("ref: llama", "image: nginx"))
    created = {
        flags: [one["kind"] for one in plan("-", *flags, text=text)["changes"] if one["action"] == "create"]
        for flags in ((), ("--creation-scope-from", "cluster"))
    }
    assert created == {(): ["AIMClusterModel"], ("--creation-scope-from", "cluster"): ["AIMModel"]}


@pytest.mark.rule("STAT-1")
def test_a_status_in_a_manifest_is_not_believed() -> None:
    spoofed = MODEL + "    status: {status: Ready, conditions: [], observedGeneration: 1}\n"
    (model,) = plan("-", text=spoofed)["objects"]
    assert model["status"]["status"] == "Progressing"


# The same input, the same bytes -----------------------------------------------------------------------------------------

WORLD = [
    document
    for path in (*sorted((EXAMPLES / "quickstart").glob("*.yaml")), *sorted((EXAMPLES / "cluster").glob("*.yaml")))
    for document in path.read_text(encoding="utf-8").split("\n---\n")
]
ANSWER: dict[str, str] = {}


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.randoms(use_true_random=False), files=st.integers(min_value=1, max_value=6))
def test_the_order_of_files_and_documents_changes_no_byte(
    order: random.Random, files: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shuffled")
    shuffled = order.sample(WORLD, len(WORLD))
    for number in range(files):
        text = "\n---\n".join(shuffled[number::files])
        (folder / f"{order.random()}.yaml").write_text(text, encoding="utf-8")
    for form in ("json", "table"):
        found = run("plan", str(folder), *IMAGES, "-o", form).stdout
        assert found == ANSWER.setdefault(form, found)


# Where images are read ------------------------------------------------------------------------------------------------

LOCK = str(EXAMPLES / "aim.lock.yaml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["plan", *IMAGES, "--online"], "--images and --online exclude each other", id="folders online"),
        pytest.param(["plan", "--locked", LOCK, "--online"], "--locked and --online exclude", id="locked online"),
        pytest.param(["explain", "model/a", "--locked", LOCK, *IMAGES], "--images and --locked", id="locked folders"),
        pytest.param(["plan", "--ca", LOCK], "--ca speaks of registries, and none is asked: pass --online", id="no"),
        pytest.param(
            ["plan", "--locked", LOCK, "--platform", "linux/arm64"], "--platform speaks of registries", id="locked"
        ),
        pytest.param(["inspect", "a", *IMAGES, "--refuse-private"], "leave out --images", id="an inspection"),
        pytest.param(["lock", *IMAGES, "--allow-host", "a"], "leave out --images", id="a lock"),
        pytest.param(["lock", "--plain-http", "http://a"], "host 'http://a' names no registry", id="a scheme"),
        pytest.param(["plan", "--online", "--platform", "x"], "platform 'x' is malformed", id="half a platform"),
        pytest.param(["lock"], "no manifests", id="nothing to lock"),
    ],
)
def test_what_does_not_go_together_is_a_wrong_call(arguments: list[str], message: str) -> None:
    ran = run(*arguments, *([] if arguments == ["lock"] or arguments[0] == "inspect" else ["-"]), text=MODEL)
    assert (ran.exit_code, ran.stdout, message in ran.stderr) == (2, "", True)


def test_a_plan_by_the_lock_file_is_the_plan_by_the_images() -> None:
    assert plan(QUICKSTART, "--locked", LOCK) == plan(QUICKSTART, *IMAGES)


def test_what_is_not_locked_is_not_found_and_it_is_said_what_to_do() -> None:
    ran = run("plan", "-", "--locked", LOCK, text=MODEL.replace("v1.0.0", "v9"))
    assert ran.exit_code == 3
    assert f"image ghcr.io/example/my-model:v9 is not in {LOCK}: run aimcore lock" in " ".join(ran.stdout.split())


@pytest.mark.parametrize("command", [["plan"], ["explain", "model/llama"]], ids=" ".join)
def test_a_lock_file_that_is_wrong_is_told_with_its_place(command: list[str], tmp_path: Path) -> None:
    file = tmp_path / "aim.lock.yaml"
    file.write_text("version: 1\nplatform: linux/amd64\nimages: []\n", encoding="utf-8")
    ran = run(*command, "-", "--locked", str(file), text=MODEL)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == f"{file}:3:1: $.images: is a list; expected a mapping [LOCK]\n"


def test_the_example_of_a_lock_file_is_what_lock_writes(tmp_path: Path) -> None:
    file = tmp_path / "aim.lock.yaml"
    assert run("lock", QUICKSTART, *IMAGES, "--lock-file", str(file)).exit_code == 0
    assert file.read_bytes() == Path(LOCK).read_bytes()


def test_nothing_is_locked_while_a_manifest_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "aim.lock.yaml"
    ran = run("lock", "-", *IMAGES, "--lock-file", str(file), text=documents(MODEL, "a: ["))
    assert (ran.exit_code, file.exists()) == (2, False)
    assert "not written, as a manifest is wrong" in ran.stdout


def test_a_place_where_no_lock_file_can_be_is_told(tmp_path: Path) -> None:
    ran = run("lock", "-", *IMAGES, "--lock-file", str(tmp_path), text=MODEL)
    assert (ran.exit_code, ran.stderr) == (
        1,
        f"Error: {tmp_path} cannot be written: is a folder; expected a file, or nothing yet\n",
    )


@pytest.mark.parametrize("recursive", [[], ["-R"]], ids=["flat", "recursive"])
def test_a_lock_file_among_manifests_is_passed_over(tmp_path: Path, recursive: list[str]) -> None:
    (tmp_path / "model.yaml").write_text(dedent(MODEL), encoding="utf-8")
    (tmp_path / "aim.lock.yaml").write_bytes(Path(LOCK).read_bytes())
    assert run("validate", *recursive, str(tmp_path)).exit_code == 0
    assert "0 AIM objects in 1 file" in run("validate", str(tmp_path / "aim.lock.yaml")).stderr


# validate, inspect, help ------------------------------------------------------------------------------------------------


def test_a_validation_prints_one_line_a_problem_and_nothing_else() -> None:
    ran = run("validate", "-", text=documents(MODEL.replace("image", "imag"), SERVICE))
    assert [line.split(": ")[:2] for line in ran.stdout.splitlines()] == [
        ["stdin:5:1", "$.spec.image"],
        ["stdin:5:8", "$.spec.imag"],
    ]
    assert json.loads(run("validate", "-", "-o", "json", text=MODEL).stdout) == {
        "documents": 1,
        "objects": 1,
        "files": 1,
        "skipped": {},
        "problems": [],
    }


@pytest.mark.rule("TMPL-1", "LABEL-3")
def test_an_inspection_tells_the_metadata_and_the_templates_of_a_model() -> None:
    ran = run("inspect", "ghcr.io/example/my-model:v1.0.0", *IMAGES, "--model", "mine", "-o", "json")
    found = json.loads(ran.stdout)
    assert list(found) == ["image", "digest", "metadata", "templates", "problems", "failure", "cost"]
    assert found["metadata"]["model"]["canonicalName"] == "example/my-model"
    planned = plan(
        "-", *IMAGES, text=MODEL.replace("AIMModel", "AIMClusterModel").replace("llama, namespace: ml", "mine")
    )
    specs = {one["metadata"]["name"]: one["spec"] for one in planned["objects"] if one["kind"].endswith("Template")}
    assert {one["metadata"]["name"]: one["spec"] for one in found["templates"]} == specs


@pytest.mark.rule("NAME-5")
def test_without_a_name_the_templates_are_those_of_an_auto_created_model() -> None:
    ran = run("inspect", "ghcr.io/example/my-model:v1.0.0", *IMAGES)
    assert "auto-c789a92a60580e87-1x-mi300x-lat-fp8-65e562e9fb" in ran.stdout


@pytest.mark.parametrize(
    "command", [[], ["plan"], ["explain"], ["validate"], ["inspect"], ["size"], ["lock"], ["completion"]], ids=str
)
def test_help_brings_an_example(command: list[str]) -> None:
    ran = run(*command, "--help")
    assert ran.exit_code == 0
    assert "Example" in ran.stdout
    assert f"aimcore {' '.join(command)}".strip() in ran.stdout


def test_help_says_of_every_switch_what_it_is_when_nobody_says() -> None:
    told = {
        option.opts[0]: option.help or ""
        for command in aimcore.commands.values()
        for option in command.params
        if isinstance(option, click.Option) and "AIM_" in (option.help or "")
    }
    asked_for = {"--registry-config", "--plain-http", "--allow-host", "--refuse-private", "--token-service", "--ca"}
    assert {name for name, said in told.items() if "(else" not in said} == asked_for


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").stdout == f"aimcore {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    assert "_AIMCORE_COMPLETE" in run("completion", shell).stdout


def test_a_rule_is_printed_as_the_page_has_it() -> None:
    ran = run("rule", "sel-2")
    assert ran.stdout.startswith("SEL-2  Candidates are the templates of the model's name")
    assert max(map(len, ran.stdout.splitlines())) <= 80
    family = CliRunner(env={"COLUMNS": None}).invoke(aimcore, ["rule", "SEL"]).stdout
    assert {line.partition("-")[0] for line in family.splitlines()} == {"SEL"}
    assert "[ahead]" not in family


def test_a_rule_that_is_not_there_is_answered_with_those_that_are_near() -> None:
    ran = run("rule", "SEL-99")
    assert ran.exit_code == 1
    assert "there is no rule 'SEL-99'; near are SEL-" in ran.stderr


def test_the_version_is_a_command_too() -> None:
    assert run("version").stdout == f"aimcore {__version__}\n"


@pytest.mark.rule("SEL-3")
def test_a_service_that_waits_for_its_model_tells_why_the_image_is_not_read() -> None:
    found = plan("-", *IMAGES, text=documents(MODEL.replace("my-model", "none"), SERVICE))
    [service] = [one for one in found["objects"] if one["kind"] == "AIMService"]
    [ready] = [one for one in service["status"]["conditions"] if one["type"] == "Ready"]
    assert service["status"]["status"] == "Pending"
    assert "NotFound: image ghcr.io/example/none:v1.0.0 is in none of the image folders" in ready["message"]
