"""What can be asked, and how: the arguments and options of every command; what answers is loaded when it is called."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import click
from click.shell_completion import get_completion_class

from aimcore import __version__
from aimcore.entrypoints.cli.asked import (
    CONTEXT,
    FAIL_ON,
    IMAGES,
    JUDGEMENT,
    KUBECONFIG,
    MANIFESTS,
    NAMESPACE_SEEN,
    PLACE,
    QUIET,
    READ,
    REGISTRIES,
    REQUIRE_ANY,
    SOURCES,
    WORLD,
    WORLD_OR_CLUSTER,
    asking,
    output,
)
from aimcore.entrypoints.cli.call import answered_by
from aimcore.entrypoints.cli.commands_on_clusters import COMMANDS
from aimcore.entrypoints.cli.completing import complete_rule, complete_target

__all__ = ["aimcore"]

# The commands -------------------------------------------------------------------------------------------------------------


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Example:
  aimcore plan examples/quickstart --images examples/quickstart/images""",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def aimcore() -> None:
    """AIM models on Kubernetes: plan and explain manifests, look at a cluster, run the operator.

    Exit codes: 0 all is well; 1 it could not be done; 2 the input or the call is wrong; 3 something is Failed or
    Degraded, or a lock file is out of step.
    """


for command in COMMANDS:
    aimcore.add_command(command)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore plan examples/quickstart --images examples/quickstart/images
  aimcore plan deploy/ --online --registry-config ~/.docker/config.json
  kubectl get aim -A -o yaml | aimcore plan - --locked aim.lock.yaml -o json | jq .changes"""
)
@asking(*WORLD, REQUIRE_ANY, FAIL_ON, output("table", "json", "yaml", "name"))
def plan(**given: Any) -> None:
    """Show what the operator would make of manifests.

    The operator's own loop runs on a cluster in memory until nothing changes; pods start there and become ready. As yaml it
    prints manifests for kubectl apply --dry-run=server -f -: what was given and what the operator would make of it, without
    secrets. Problems and notes go to standard error. Exits with 3 when something is as bad as --fail-on says, with 2 when a
    manifest is wrong.
    """
    answered_by("plan", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore explain service/chat -n ml-team -f examples/quickstart --images examples/quickstart/images
  aimcore explain model/meta-llama-3-8b-instruct -f examples/quickstart -o json | jq .templates
  aimcore explain service/chat -n ml-team
  aimcore explain template my-template --context staging"""
)
@click.argument("target", shell_complete=complete_target, metavar="TYPE/NAME | TYPE NAME")
@asking(*WORLD_OR_CLUSTER, CONTEXT, KUBECONFIG, output("table", "json", "yaml"))
def explain(**given: Any) -> None:
    """Say why a service, a model, a template or a cache is as it is.

    TYPE is service, model, template or cache, or another name that kubectl knows them by. A model or template is looked for
    in the namespace, then in the cluster. Where no manifests are named it is explained from what stands on the cluster of
    the kubeconfig's context, which is only read. Exits with 1 when there is no such thing.
    """
    answered_by("explain", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore validate examples/quickstart
  aimcore validate -R . --ignore 'charts/**' --require-any
  aimcore validate -R deploy -o json | jq '.problems[].message'
  aimcore validate -R deploy -o sarif > aimcore.sarif"""
)
@asking(*MANIFESTS, REQUIRE_ANY, QUIET, output("table", "json", "yaml", "sarif", "junit", "github"))
def validate(**given: Any) -> None:
    """Check manifests against schema and rules.

    One line a problem: file:line:column: $.path: message [RULE]. As sarif, junit or github a continuous integration reads
    them. Objects of other kinds, files that are no manifests and templates of Helm are skipped; how many is told on standard
    error. Exits with 2 when there is any problem but warnings.
    """
    answered_by("validate", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore convert deploy/ > converted.yaml
  kubectl get aim -A -o yaml | aimcore convert - | aimcore validate -"""
)
@asking(*READ, output("yaml", "json"))
def convert(**given: Any) -> None:
    """Turn manifests of the Go operator into ours.

    The manifests of the group aim.eai.amd.com go to standard output as aim.silogen.ai, all others as they are. What was
    renamed, left out or needs a decision is said on standard error: file:line:column: what became of it: $.path: message.
    Comments are lost. Exits with 3 when anything was left out or needs a decision, with 2 when a manifest cannot be read.
    """
    answered_by("convert", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore lock deploy/
  aimcore lock deploy/ --check --registry-config ci.json"""
)
@asking(
    *MANIFESTS,
    click.option(
        "--lock-file",
        type=PLACE,
        metavar="FILE",
        default="aim.lock.yaml",
        show_default=True,
        help="The file that is written, or checked.",
    ),
    click.option("--check", is_flag=True, help="Write nothing; exit with 3 if the file would change."),
    IMAGES,
    *REGISTRIES,
    *JUDGEMENT,
    output("table", "json", "yaml"),
)
def lock(**given: Any) -> None:
    """Write down digests and labels of images.

    A plan takes them with --locked, and needs no network. The images are those that the manifests ask for, read from their
    registries or, with --images, from folders. One whose digest has not changed is not read again. Exits with 1 when an
    image cannot be read; what the file says of it stays.
    """
    answered_by("lock", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore inspect ghcr.io/example/my-model:v1.0.0
  aimcore inspect ghcr.io/example/my-model:v1.0.0 --images examples/quickstart/images
  aimcore inspect localhost:5000/my-model:dev --plain-http localhost:5000 -o json | jq .metadata.model"""
)
@click.argument("target", metavar="IMAGE")
@asking(
    IMAGES,
    *REGISTRIES,
    click.option(
        "--model", metavar="NAME", help="The cluster model that the templates are named for (else: auto-...)."
    ),
    output("table", "json", "yaml"),
)
def inspect(**given: Any) -> None:
    """Read an image's labels, and the templates they yield.

    The registry that the image names is asked, or with --images the folders. Layers are never read. Exits with 1 when the
    image cannot be read, with 3 when a model of it would be Failed.
    """
    answered_by("inspect", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore size s3://my-bucket/models/llama --env AWS_ACCESS_KEY_ID --env AWS_SECRET_ACCESS_KEY
  aimcore size s3://weights/llama --endpoint http://localhost:9000 -o json | jq .bytes"""
)
@click.argument("uris", nargs=-1, required=True, metavar="URI...")
@asking(*SOURCES, output("table", "json", "yaml"))
def size(**given: Any) -> None:
    """Show download sizes.

    The hosts of the sources are asked how big they are. A URI is s3://bucket/key or hf://org/name[@revision]. The size is
    that of what `aimcore download` would fetch; what its filter leaves out is told beside it. Nothing is downloaded.
    Credentials are those of --env and no others. Exits with 1 when a size cannot be found.
    """
    answered_by("size", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore doctor
  aimcore doctor -n ml-team --context staging
  aimcore doctor -o json | jq '.cluster[] | select(.state == "wrong")'"""
)
@asking(NAMESPACE_SEEN, CONTEXT, KUBECONFIG, output("table", "json", "yaml"))
def doctor(**given: Any) -> None:
    """Tell what is installed, and what a cluster lacks.

    Versions, extras and plug-ins; and of the cluster of the context, where there is one: access, clock, definitions, rights,
    operator, storage, GPU nodes and registries, each ok or with what to do. Nothing is written. Exits with 3 when a plug-in
    cannot be loaded, or anything of the cluster is wrong.
    """
    answered_by("doctor", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore download hf://org/name --to /models --env HF_TOKEN
  aimcore download s3://my-bucket/models/llama --to /models --name meta/llama --env AWS_ACCESS_KEY_ID --env AWS_SECRET_ACCESS_KEY
  aimcore download --plan plan.json"""
)
@click.argument("uris", nargs=-1, metavar="[URI]...")
@asking(
    click.option("--to", metavar="DIR", help="The folder below which the files of a source go, to ORG/NAME."),
    click.option(
        "--name", "named", metavar="ORG/NAME", help="The folder of the one URI (else: made of the URI itself)."
    ),
    *SOURCES,
    click.option("--verify", is_flag=True, help="Read what is there and compare it with its digests."),
    click.option("--check", is_flag=True, help="Only tell whether all is there, by the marker of a download."),
    click.option(
        "--plan", "plan_file", metavar="FILE", help="Sources and folder from a JSON document; - is standard input."
    ),
    click.option(
        "--stall-seconds",
        type=click.FloatRange(min=1),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="End when not one byte came for so long.",
    ),
    click.option(
        "--termination-log",
        metavar="FILE",
        help="Also write the result there (else, if it exists: /dev/termination-log).  [env: AIM_TERMINATION_LOG]",
    ),
)
def download(**given: Any) -> None:
    """Fetch weights to a folder, and verify them.

    Goes on where an earlier call ended, and asks nobody when all is there. A format is not fetched twice: *.bin and others
    stay away where safetensors stand, unless --include names them. Credentials are those of --env and no others.

    Exit codes: 0 all is there; 10 try again; 20 somebody must act (not authorized, not found, invalid); 28 the disk is
    full; 30 what came has another digest; 2 the call is wrong.
    """
    answered_by("download", given)


@aimcore.command(
    epilog="""\b
Example:
  aimcore crds | kubectl apply --server-side -f -"""
)
def crds() -> None:
    """Print the definitions of all kinds, for kubectl."""
    text: Callable[[], str] = import_module("aimcore.entrypoints.wiring.definitions").definitions_text
    click.echo(text(), nl=False)


@aimcore.command(
    epilog="""\b
Example:
  source <(aimcore completion bash)"""
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands in a shell."""
    script = get_completion_class(shell)
    if script is not None:
        click.echo(script(aimcore, {}, "aimcore", "_AIMCORE_COMPLETE").source())


@aimcore.command(
    epilog="""\b
Examples:
  aimcore rule SEL-2
  aimcore rule SEL"""
)
@click.argument("target", metavar="RULE", shell_complete=complete_rule)
def rule(**given: Any) -> None:
    """Print a rule, or all of one family.

    Problems, changes and explanations name the rules they follow. Exits with 1 when there is no such rule.
    """
    answered_by("rule", given)


@aimcore.command()
def version() -> None:
    """Print the version."""
    click.echo(f"aimcore {__version__}")
