"""What can be asked, and how: the arguments and options of every command; what answers is loaded when it is called."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

import click
from click.shell_completion import get_completion_class

from aimcore import __version__
from aimcore.entrypoints.cli.asked import (
    ALL_NAMESPACES,
    CA,
    CONTEXT,
    CREATION_SCOPE,
    FOLDER,
    IMAGES,
    JUDGEMENT,
    KUBECONFIG,
    MANIFESTS,
    NAMESPACE_SEEN,
    PLACE,
    REGISTRIES,
    WORLD,
    asking,
    output,
)
from aimcore.entrypoints.cli.call import Call

__all__ = ["aimcore"]

INTERRUPTED = 130


def _answer(module: str, given: dict[str, Any]) -> NoReturn:
    """Loads what answers the call, and ends with its exit code; Ctrl-C ends it as the shell's own commands end."""
    try:
        run: Callable[[Call], int] = import_module(f"aimcore.entrypoints.cli.{module}").run
        code = int(run(Call(**given)))
    except KeyboardInterrupt:
        code = INTERRUPTED
    raise SystemExit(code)


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
    Degraded, or a lock file is out of step.
    """


@aimcore.command(
    epilog="""\b
Examples:
  aimcore plan examples/quickstart --images examples/quickstart/images
  aimcore plan deploy/ --online --registry-config ~/.docker/config.json
  kubectl get aim -A -o yaml | aimcore plan - --locked aim.lock.yaml -o json | jq .changes"""
)
@asking(*WORLD, output("table", "json", "yaml", "name"))
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
  aimcore explain model/meta-llama-3-8b-instruct -f examples/quickstart -o json | jq .templates
  aimcore explain service/chat -n ml-team --context staging"""
)
@click.argument("target", metavar="TYPE/NAME")
@asking(*WORLD, CONTEXT, KUBECONFIG, output("table", "json", "yaml"))
def explain(**given: Any) -> None:
    """Say why a service or a model is as it is.

    TYPE is service, model or clustermodel, or another name that kubectl knows them by. A model is looked for in the
    namespace, then in the cluster. With --context or --kubeconfig it is explained from what stands on that cluster now,
    which is only read. Exits with 1 when there is no such thing.
    """
    _answer("explaining", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore validate examples/quickstart
  aimcore validate -R deploy -o json | jq '.problems[].message'"""
)
@asking(*MANIFESTS, output("table", "json", "yaml"))
def validate(**given: Any) -> None:
    """Check manifests against schema and rules.

    One line a problem: file:line:column: $.path: message [RULE]. Exits with 2 when there is any but warnings.
    """
    _answer("validating", given)


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
    _answer("locking", given)


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
    _answer("inspecting", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore size s3://my-bucket/models/llama --env AWS_ACCESS_KEY_ID --env AWS_SECRET_ACCESS_KEY
  aimcore size s3://weights/llama --endpoint http://localhost:9000 -o json | jq .bytes"""
)
@click.argument("uris", nargs=-1, required=True, metavar="URI...")
@asking(
    click.option(
        "--env",
        multiple=True,
        metavar="NAME[=VALUE]",
        help="What sources are read with: a value, or your own of that name; may be given several times.",
    ),
    click.option(
        "--endpoint",
        metavar="URL",
        help="Ask here instead of AWS and Hugging Face: any address will do, this machine's and http too.",
    ),
    CA,
    output("table", "json", "yaml"),
)
def size(**given: Any) -> None:
    """Ask how big sources are.

    A URI is s3://bucket/key or hf://org/name[@revision]. Nothing is downloaded. Credentials are those of --env and no
    others. Exits with 1 when a size cannot be found.
    """
    _answer("sizing", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore operator --embedded examples/quickstart --images examples/quickstart/images
  aimcore operator --context staging --namespaces ml-team,research
  aimcore operator --log-format json --metrics-port 8080 --health-port 8081"""
)
@asking(
    CONTEXT,
    KUBECONFIG,
    click.option(
        "--embedded",
        type=FOLDER,
        metavar="DIR",
        help="Run on a cluster in memory instead, fed from this folder, and tell where kubectl finds it.",
    ),
    IMAGES,
    click.option(
        "--namespaces",
        metavar="A,B",
        help="Mind these namespaces only, and nothing of the cluster's own (else: everything).  [env: AIM_NAMESPACES]",
    ),
    click.option(
        "--operator-namespace",
        metavar="NAME",
        help="Where cluster models find secrets, and the lease is (else: aim-system).  [env: AIM_SYSTEM_NAMESPACE]",
    ),
    click.option("--workers", type=int, metavar="N", help="How many write at once (else: 16).  [env: AIM_WORKERS]"),
    click.option(
        "--recheck-interval",
        "recheck",
        metavar="6h",
        help="How often a tag is looked at again; 0 is never (else: 6h).  [env: AIM_RECHECK_INTERVAL]",
    ),
    click.option(
        "--metrics-port", type=int, metavar="N", help="For /metrics; 0 is none (else: 8080).  [env: AIM_METRICS_PORT]"
    ),
    click.option(
        "--health-port",
        type=int,
        metavar="N",
        help="For /healthz and /readyz; 0 is none (else: 8081).  [env: AIM_HEALTH_PORT]",
    ),
    click.option("--log-format", type=click.Choice(["text", "json"]), help="Lines of the log.  [env: AIM_LOG_FORMAT]"),
    click.option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        help="What is worth a line (else: info).  [env: AIM_LOG_LEVEL]",
    ),
    click.option("--elect/--no-elect", default=None, help="Wait for the lease before writing, or do not (else: wait)."),
    *REGISTRIES[1:],
    CREATION_SCOPE,
)
def operator(**given: Any) -> None:
    """Run the operator on a cluster until it is told to stop.

    Ends with 0 after SIGTERM or SIGINT, once the writes under way are done.
    """
    run: Callable[[dict[str, Any]], int] = import_module("aimcore.entrypoints.cli.operating").run
    raise SystemExit(int(run(given)))


@aimcore.command(
    epilog="""\b
Examples:
  aimcore get -A
  aimcore get services -n ml-team --context staging
  aimcore get models -A -o json | jq -r '.items[] | select(.status == "Failed") | .name'"""
)
@click.argument("target", metavar="[models|templates|services|all]", default="all")
@asking(NAMESPACE_SEEN, ALL_NAMESPACES, CONTEXT, KUBECONFIG, output("table", "json", "yaml", "name"))
def get(**given: Any) -> None:
    """List what stands on a cluster, and how it is.

    Those of the namespace and of the cluster; with -A those of all namespaces. Nothing is written. Exits with 1 when the
    cluster cannot be read.
    """
    _answer("getting", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore tree model/meta-llama-3-8b-instruct -A
  aimcore tree service/chat -n ml-team -o json | jq '.below[].name'"""
)
@click.argument("target", metavar="TYPE/NAME")
@asking(NAMESPACE_SEEN, ALL_NAMESPACES, CONTEXT, KUBECONFIG, output("table", "json", "yaml"))
def tree(**given: Any) -> None:
    """Show what hangs together on a cluster.

    Below a model its templates, and below those the services that run them; below a service its model and its template.
    TYPE is as in explain. With -A services of other namespaces are seen too. Exits with 1 when there is no such thing.
    """
    _answer("growing", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore diff -f deploy/ --context staging
  aimcore diff -f model.yaml -n ml-team --online -o json | jq '.changed[].fields[].path'"""
)
@asking(*WORLD, CONTEXT, KUBECONFIG, output("table", "json", "yaml"))
def diff(**given: Any) -> None:
    """Show what manifests would change on a cluster.

    They are applied to a likeness of the cluster in memory, the operator's loop settles there, and what differs from what
    stands is shown: objects that come and go, and fields that change. Nothing is written. Exit codes are those of kubectl
    diff: 0 nothing would change, 1 something would, 2 it could not be told.
    """
    _answer("differing", given)


@aimcore.command(
    epilog="""\b
Examples:
  aimcore capacity -f examples/quickstart --images examples/quickstart/images --nodes examples/cluster/nodes.yaml
  aimcore capacity -f model.yaml --online --context staging
  aimcore capacity --context staging -o json | jq -r '.templates[] | select(.replicas == 0) | .name'"""
)
@asking(
    *WORLD,
    click.option(
        "--nodes",
        multiple=True,
        type=click.Path(allow_dash=True),
        metavar="FILE",
        help="Nodes, as kubectl get nodes -o json writes them; may be given several times.",
    ),
    CONTEXT,
    KUBECONFIG,
    output("table", "json", "yaml"),
)
def capacity(**given: Any) -> None:
    """Say which templates fit which nodes, and how many replicas.

    The templates of the manifests, or of a cluster, on the nodes of a file, of the manifests or of a cluster. What a node can
    give counts, not what runs there. Exits with 3 when a template fits nowhere.
    """
    _answer("fitting", given)


@aimcore.command(
    epilog="""\b
Example:
  aimcore crds | kubectl apply --server-side -f -"""
)
def crds() -> None:
    """Print the definitions of the seven kinds, for kubectl."""
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
