"""What can be asked, and how: the arguments and options of every command; what answers is loaded when it is called."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click
from click.shell_completion import get_completion_class

from aimcore import __version__
from aimcore.entrypoints.cli.call import Call

__all__ = ["aimcore"]

Decorator = Callable[[Callable[..., None]], Callable[..., None]]

SOURCE = click.Path(allow_dash=True)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


# What several commands are asked in the same words ------------------------------------------------------------------------

PATHS = click.argument("paths", nargs=-1, type=SOURCE, metavar="[PATH]...")
FILES = click.option(
    "-f",
    "--filename",
    "files",
    multiple=True,
    type=SOURCE,
    metavar="PATH",
    help="The same as PATH: a file, a folder, or - for standard input.",
)
RECURSIVE = click.option("-R", "--recursive", is_flag=True, help="Take the sub-folders of folders too.")
NAMESPACE = click.option(
    "-n", "--namespace", metavar="NAMESPACE", help="Where manifests go that name no namespace (else: default)."
)
IMAGES = click.option(
    "--images",
    multiple=True,
    type=FOLDER,
    metavar="DIR",
    help="A folder with images in an OCI layout; may be given several times.",
)
STRICT = click.option("--strict", is_flag=True, help="Take no secret or service account for present that is not given.")
CREATION_SCOPE = click.option(
    "--creation-scope-from",
    type=click.Choice(["merged", "cluster"]),
    help="Whose word counts on where auto-created models go.  [env: AIM_CREATION_SCOPE_FROM]",
)
MANIFESTS = (PATHS, FILES, RECURSIVE, NAMESPACE)
WORLD = (*MANIFESTS, IMAGES, STRICT, CREATION_SCOPE)


def _output(*forms: str) -> Decorator:
    return click.option(
        "-o", "--output", type=click.Choice(forms), default=forms[0], show_default=True, help="The form of the answer."
    )


def _asking(*decorators: Decorator) -> Decorator:
    """All the arguments and options, in the order in which help lists them."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def _answer(module: str, given: dict[str, Any]) -> NoReturn:
    """Loads what answers the call, and ends with its exit code."""
    run: Callable[[Call], int] = import_module(f"aimcore.entrypoints.cli.{module}").run
    raise SystemExit(int(run(Call(**given))))


# The commands -------------------------------------------------------------------------------------------------------------


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Example:
  aimcore plan examples/quickstart --images examples/quickstart/images""",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def aimcore() -> None:
    """From AIM manifests to models, templates and services, without a cluster.

    Exit codes: 0 all is well; 1 it could not be done; 2 the input or the call is wrong; 3 something is Failed or
    Degraded.
    """


@aimcore.command(
    epilog="""\b
Examples:
  aimcore plan examples/quickstart --images examples/quickstart/images
  kubectl get aim -A -o yaml | aimcore plan - -o json | jq .changes"""
)
@_asking(*WORLD, _output("table", "json", "yaml", "name"))
def plan(**given: Any) -> None:
    """Show what the operator would make of manifests.

    The operator's own loop runs on a cluster in memory until nothing changes. Problems and assumptions go to standard
    error too. Exits with 3 when something is Failed or Degraded, with 2 when a manifest is wrong.
    """
    _answer("planning", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore explain service/chat -n ml-team -f examples/quickstart --images examples/quickstart/images
  aimcore explain model/meta-llama-3-8b-instruct -f examples/quickstart -o json | jq .templates"""
)
@click.argument("target", metavar="TYPE/NAME")
@_asking(*WORLD, _output("table", "json", "yaml"))
def explain(**given: Any) -> None:
    """Say why a service or a model is as it is.

    TYPE is service, model or clustermodel, or another name that kubectl knows them by. A model is looked for in the
    namespace, then in the cluster. Exits with 1 when there is no such thing.
    """
    _answer("explaining", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore validate examples/quickstart
  aimcore validate -R deploy -o json | jq '.problems[].message'"""
)
@_asking(*MANIFESTS, _output("table", "json", "yaml"))
def validate(**given: Any) -> None:
    """Check manifests against schema and rules.

    One line a problem: file:line:column: $.path: message [RULE]. Exits with 2 when there is any but warnings.
    """
    _answer("validating", given)


@aimcore.command(
    epilog="""\b
Example:
  aimcore inspect ghcr.io/example/my-model:v1.0.0 --images examples/quickstart/images"""
)
@click.argument("target", metavar="IMAGE")
@_asking(
    IMAGES,
    click.option(
        "--model", metavar="NAME", help="The cluster model that the templates are named for (else: auto-...)."
    ),
    _output("table", "json", "yaml"),
)
def inspect(**given: Any) -> None:
    """Read an image's labels, and the templates they yield.

    Exits with 1 when the image cannot be read, with 3 when a model of it would be Failed.
    """
    _answer("inspecting", given)


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
