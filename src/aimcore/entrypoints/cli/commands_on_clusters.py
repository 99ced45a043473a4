"""The commands that look at a cluster, and the one that runs on it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import click
from click.core import ParameterSource

from aimcore.entrypoints.cli.asked import (
    ALL_NAMESPACES,
    CONTEXT,
    CREATION_SCOPE,
    DEFAULT_RESOURCES,
    FOLDER,
    IMAGES,
    KUBECONFIG,
    NAMESPACE_SEEN,
    QUIET,
    REGISTRIES,
    WORKLOADS,
    WORLD,
    WORLD_OR_CLUSTER,
    asking,
    output,
    output_or_path,
)
from aimcore.entrypoints.cli.call import answered_by
from aimcore.entrypoints.cli.completing import complete_service, complete_target, complete_template, complete_type

__all__ = ["COMMANDS", "operator"]


@click.command(
    epilog="""\b
Examples:
  aimcore operator --embedded examples/quickstart --embedded examples/cluster --images examples/quickstart/images
  aimcore operator --context staging --namespaces ml-team,research
  aimcore operator --log-format json --metrics-port 8080 --health-port 8081"""
)
@asking(
    CONTEXT,
    KUBECONFIG,
    click.option(
        "--embedded",
        multiple=True,
        type=FOLDER,
        metavar="DIR",
        help="Run on a cluster in memory instead, fed from this folder, and tell where kubectl finds it; may be given "
        "several times.",
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
    click.option(
        "--log-format", type=click.Choice(["text", "json"]), help="Log format (else: text).  [env: AIM_LOG_FORMAT]"
    ),
    click.option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        help="Log level (else: info).  [env: AIM_LOG_LEVEL]",
    ),
    click.option("--elect/--no-elect", default=None, help="Wait for the lease before writing, or do not (else: wait)."),
    *REGISTRIES[1:],
    CREATION_SCOPE,
    WORKLOADS,
    DEFAULT_RESOURCES,
    click.option(
        "--crash-text",
        type=click.Choice(["on", "off"]),
        help="Whether the last words of a crashed container are shown (else: on).  [env: AIM_CRASH_TEXT]",
    ),
    click.option(
        "--pod-logs",
        type=click.Choice(["on", "off"]),
        help="Whether logs of downloads and dry runs are read (else: on).  [env: AIM_POD_LOGS]",
    ),
    click.option(
        "--dry-runs",
        type=int,
        metavar="N",
        help="How many images are asked for their profile at once (else: 4).  [env: AIM_DRY_RUNS]",
    ),
)
def operator(**given: Any) -> None:
    """Run the operator on a cluster until it is told to stop.

    Ends with 0 after SIGTERM or SIGINT, once the writes under way are done.
    """
    run: Callable[[dict[str, Any]], int] = import_module("aimcore.entrypoints.cli.operator").run
    raise SystemExit(int(run(given)))


@click.command(
    epilog="""\b
Examples:
  aimcore get -A
  aimcore get services -n ml-team --context staging
  aimcore get service chat -o jsonpath='{.status}'
  aimcore get models,caches -l team=ml -o wide -w
  aimcore get models -A -o json | jq -r '.items[] | select(.status == "Failed") | .name'"""
)
@click.argument("words", nargs=-1, shell_complete=complete_type, metavar="[TYPE[,TYPE] [NAME]... | TYPE/NAME...]")
@asking(
    NAMESPACE_SEEN,
    ALL_NAMESPACES,
    click.option(
        "-l", "--selector", default="", metavar="LABELS", help="Only those with these labels, as for kubectl."
    ),
    click.option(
        "-w", "--watch", is_flag=True, help="Then print a line whenever something is different, until Ctrl-C."
    ),
    CONTEXT,
    KUBECONFIG,
    QUIET,
    output_or_path("table", "wide", "json", "yaml", "name"),
)
def get(**given: Any) -> None:
    """List what stands on a cluster, and how it is.

    TYPE is models, templates, services, caches, runtimeconfigs or all, or another name that kubectl knows them by. Those of
    the namespace and of the cluster; with -A those of all namespaces. Nothing is written. Exits with 1 when the cluster
    cannot be read, or what was named is not there.
    """
    answered_by("get", given)


@click.command(
    epilog="""\b
Examples:
  aimcore tree model/meta-llama-3-8b-instruct -A
  aimcore tree service/chat -n ml-team -o json | jq '.below[].name'"""
)
@click.argument("words", nargs=-1, required=True, shell_complete=complete_target, metavar="TYPE/NAME | TYPE NAME")
@asking(NAMESPACE_SEEN, ALL_NAMESPACES, CONTEXT, KUBECONFIG, QUIET, output("table", "json", "yaml"))
def tree(**given: Any) -> None:
    """Show what hangs together on a cluster.

    Below a model are its templates, and below those their caches and the services that run them; below a service its model
    and its template, its cache, its Deployment with the pods and how they are, its Service and its HTTPRoute; below a cache
    its claim, its Jobs and who uses it. TYPE is as in explain. With -A services of other namespaces are seen too. Exits with 1 when there is no such thing.
    """
    answered_by("tree", given)


@click.command(
    epilog="""\b
Examples:
  aimcore diff -f deploy/ --context staging
  aimcore diff -f model.yaml -n ml-team --online -o json | jq '.changed[].fields[].path'"""
)
@asking(
    *WORLD,
    CONTEXT,
    KUBECONFIG,
    click.option("--status", is_flag=True, help="Show statuses and annotations of the operator, field by field, too."),
    output("table", "json", "yaml"),
)
def diff(**given: Any) -> None:
    """Show what manifests would change on a cluster.

    They are applied to a likeness of the cluster in memory, the operator's loop settles there, and what differs from what
    stands is shown: objects that come and go, fields that change, and whose pods are made anew. Nothing is written. Exit codes are those of kubectl
    diff: 0 nothing would change, 1 something would, 2 it could not be told.
    """
    answered_by("diff", given)


@click.command(
    epilog="""\b
Examples:
  aimcore capacity -f examples/quickstart --images examples/quickstart/images --nodes examples/cluster/nodes.yaml
  aimcore capacity -f model.yaml --online --context staging
  aimcore capacity --context staging -o json | jq -r '.templates[] | select(.replicas == 0) | .name'"""
)
@asking(
    *WORLD_OR_CLUSTER,
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

    The templates of the manifests, or of a cluster, on the nodes of a file, of the manifests or of a cluster. On a cluster
    what pods have taken of its nodes, everybody's, is not counted as room. Exits with 3 when a template fits nowhere.
    """
    answered_by("capacity", given)


@click.command(
    epilog="""\b
Examples:
  aimcore logs chat -n ml-team
  aimcore logs chat -f
  aimcore logs service/chat --tail 1000 --context staging"""
)
@click.argument("words", nargs=-1, required=True, shell_complete=complete_service, metavar="[service/]NAME")
@asking(
    NAMESPACE_SEEN,
    CONTEXT,
    KUBECONFIG,
    QUIET,
    click.option(
        "--tail",
        type=click.IntRange(1, 100_000),
        default=100,
        show_default=True,
        metavar="N",
        help="How many of the last lines of each pod are printed.",
    ),
    click.option(
        "-f", "--follow", is_flag=True, help="Go on with what is written, and with pods that come, until Ctrl-C."
    ),
)
def logs(**given: Any) -> None:
    """Print what the pods of a service have written.

    The last lines of the container of each pod, at most a mebibyte; each line begins with the name of its pod where there
    are several. Exits with 1 when the service has no pods, or none of them can be read.
    """
    answered_by("logs", given)


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  aimcore cache -A
  aimcore cache -n ml-team -o wide
  aimcore cache warm my-template -n ml-team
  aimcore cache prune -A --unused-for 7d""",
)
@asking(NAMESPACE_SEEN, ALL_NAMESPACES, CONTEXT, KUBECONFIG, QUIET, output("table", "wide", "json", "yaml", "name"))
@click.pass_context
def cache(here: click.Context, /, **given: Any) -> None:
    """List caches of weights: how much is there, and who uses them.

    Those of the namespace, with -A those of all namespaces. Nothing is written. Exits with 1 when the cluster cannot be read.
    """
    if here.invoked_subcommand is None:
        answered_by("cache_list", given)
    if any(here.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in given):
        raise click.UsageError(f"options go behind it: aimcore cache {here.invoked_subcommand} --help lists them")


@cache.command(
    epilog="""\b
Examples:
  aimcore cache warm my-template -n ml-team
  aimcore cache warm clustertemplate/my-template -n ml-team --dry-run > cache.yaml"""
)
@click.argument("words", nargs=-1, required=True, metavar="TEMPLATE", shell_complete=complete_template)
@asking(
    NAMESPACE_SEEN,
    CONTEXT,
    KUBECONFIG,
    QUIET,
    click.option(
        "--mode",
        type=click.Choice(["Shared", "Dedicated"]),
        default="Shared",
        show_default=True,
        help="Who shares the volume, as caching.mode of a service says it.",
    ),
    click.option("--dry-run", is_flag=True, help="Make nothing; print the manifest as YAML."),
)
def warm(**given: Any) -> None:
    """Fetch the weights of a template before a service asks for them.

    An AIMTemplateCache is made in the namespace, under the name by which services find it: they start without a download.
    One that is there already is left as it is. Exits with 1 when there is no such template, or nothing to fetch.
    """
    answered_by("cache_warm", given)


@cache.command(
    epilog="""\b
Examples:
  aimcore cache prune -A --unused-for 7d
  aimcore cache prune -n ml-team --unused-for 12h --yes"""
)
@asking(
    click.option("--unused-for", required=True, metavar="7d", help="Only caches that no service has used for so long."),
    click.option("--yes", is_flag=True, help="Delete them; without it they are only named."),
    NAMESPACE_SEEN,
    ALL_NAMESPACES,
    CONTEXT,
    KUBECONFIG,
    QUIET,
)
def prune(**given: Any) -> None:
    """Delete caches that nobody has used for long.

    A claim goes with the last cache that is on it. A cache that a service uses stays, and so does one that is used again
    before it is deleted. Without --yes nothing is deleted. Exits with 1 when one cannot be deleted.
    """
    answered_by("cache_prune", given)


COMMANDS = (cache, capacity, diff, get, logs, operator, tree)
