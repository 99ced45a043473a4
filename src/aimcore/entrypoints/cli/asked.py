"""What several commands are asked in the same words, as click's decorators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from aimcore.entrypoints.cli.completing import complete_context, complete_namespace

__all__ = [
    "ALL_NAMESPACES",
    "CA",
    "CONTEXT",
    "CREATION_SCOPE",
    "DEFAULT_RESOURCES",
    "FAIL_ON",
    "FOLDER",
    "IMAGES",
    "JUDGEMENT",
    "KUBECONFIG",
    "MANIFESTS",
    "NAMESPACE_SEEN",
    "PLACE",
    "QUIET",
    "READ",
    "REGISTRIES",
    "REQUIRE_ANY",
    "SOURCES",
    "WORKLOADS",
    "WORLD",
    "WORLD_OR_CLUSTER",
    "asking",
    "output",
    "output_or_path",
]

Decorator = Callable[[Callable[..., None]], Callable[..., None]]

SOURCE = click.Path(allow_dash=True)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PLACE = click.Path(path_type=Path)


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
IGNORE = click.option(
    "--ignore",
    multiple=True,
    metavar="GLOB",
    help="Do not look at these files and folders, as lines of .aimcoreignore do; may be given several times.",
)
REQUIRE_ANY = click.option("--require-any", is_flag=True, help="Exit with 2 when there is no AIM object at all.")
NAMESPACE = click.option(
    "-n",
    "--namespace",
    metavar="NAMESPACE",
    shell_complete=complete_namespace,
    help="Where manifests go that name no namespace (else: default).",
)
NAMESPACE_SEEN = click.option(
    "-n",
    "--namespace",
    metavar="NAMESPACE",
    shell_complete=complete_namespace,
    help="The namespace that is looked at (else: that of the context).",
)
NAMESPACE_OF_EITHER = click.option(
    "-n",
    "--namespace",
    metavar="NAMESPACE",
    shell_complete=complete_namespace,
    help="The namespace that is looked at, and where manifests go that name none.",
)
ALL_NAMESPACES = click.option("-A", "--all-namespaces", is_flag=True, help="Look at all namespaces.")
IMAGES = click.option(
    "--images",
    multiple=True,
    type=FOLDER,
    metavar="DIR",
    help="A folder with images in an OCI layout; may be given several times.",
)
STRICT = click.option(
    "--strict",
    is_flag=True,
    help="Require secrets, service accounts and claims to be in the manifests; a plan then fails on progressing.",
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Print no notes; problems are still printed.")
FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["failed", "degraded", "pending", "progressing"]),
    help="Exit with 3 when anything is so, or worse (else: degraded; with --strict: progressing).",
)
CREATION_SCOPE = click.option(
    "--creation-scope-from",
    type=click.Choice(["merged", "cluster"]),
    help="Whose word counts on where auto-created models go (else: merged).  [env: AIM_CREATION_SCOPE_FROM]",
)
WORKLOADS = click.option(
    "--workloads",
    type=click.Choice(["on", "off"]),
    help="Whether services run, or are only resolved (else: on).  [env: AIM_WORKLOADS]",
)
DEFAULT_RESOURCES = click.option(
    "--default-resources",
    metavar="CPU,MEMORY,LIMIT",
    help="What each GPU brings along where nobody says anything else, or none (else: 4,32Gi,48Gi).  [env: AIM_DEFAULT_RESOURCES]",
)
ONLINE = click.option("--online", is_flag=True, help="Read images from their registries.")
LOCKED = click.option(
    "--locked", type=FILE, metavar="FILE", help="Take digests and labels from a file that `aimcore lock` wrote."
)
CA = click.option(
    "--ca", type=FILE, metavar="FILE", help="Trust these authorities too, a PEM file.  [env: AIM_CA_FILE]"
)
REGISTRIES = (
    click.option(
        "--registry-config",
        type=FILE,
        metavar="FILE",
        help="Your own credentials, a docker config; without it none of yours are used.  [env: AIM_REGISTRY_CONFIG]",
    ),
    click.option(
        "--plain-http",
        multiple=True,
        metavar="HOST[:PORT]",
        help="A registry to speak to without TLS; may be given several times.  [env: AIM_PLAIN_HTTP]",
    ),
    click.option(
        "--allow-host",
        multiple=True,
        metavar="HOST[:PORT]",
        help="A registry that may be at any address, this machine's too; may be given several times.  "
        "[env: AIM_ALLOW_HOSTS]",
    ),
    click.option(
        "--refuse-private",
        is_flag=True,
        help="Refuse registries at private addresses that are not allowed by name.  [env: AIM_REFUSE_PRIVATE]",
    ),
    click.option(
        "--token-service",
        multiple=True,
        metavar="REGISTRY=SERVICE",
        help="Send the credentials of a registry to its token service on another site; may be given several times.  "
        "[env: AIM_TOKEN_SERVICES]",
    ),
    CA,
    click.option(
        "--platform",
        metavar="OS/ARCH",
        help="What is read where an image is built for several (else: linux/amd64).  [env: AIM_PLATFORM]",
    ),
)
SOURCES = (
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
    click.option(
        "--include",
        multiple=True,
        metavar="GLOB",
        help="Only the files that this names, such as '*.gguf'; may be given several times.",
    ),
    click.option(
        "--exclude", multiple=True, metavar="GLOB", help="No file that this names; may be given several times."
    ),
)
CONTEXT = click.option(
    "--context",
    metavar="NAME",
    shell_complete=complete_context,
    help="The context of the kubeconfig (else: its current one, or the pod's).",
)
KUBECONFIG = click.option("--kubeconfig", metavar="FILE", help="The kubeconfig (else: $KUBECONFIG, ~/.kube/config).")
READ = (PATHS, FILES, RECURSIVE, IGNORE)
MANIFESTS = (*READ, NAMESPACE)
JUDGEMENT = (STRICT, CREATION_SCOPE, WORKLOADS, DEFAULT_RESOURCES)
WORLD = (*MANIFESTS, IMAGES, LOCKED, ONLINE, *REGISTRIES, *JUDGEMENT, QUIET)
WORLD_OR_CLUSTER = tuple(NAMESPACE_OF_EITHER if one is NAMESPACE else one for one in WORLD)


class _Form(click.Choice[str]):
    """One of the forms, or `jsonpath=` with a template behind it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and value.startswith("jsonpath="):
            return value
        if value not in self.choices:
            self.fail(f"{value!r} is not one of {', '.join(map(repr, self.choices))}; or jsonpath=TEMPLATE", param, ctx)
        return super().convert(value, param, ctx)


def output_or_path(*forms: str) -> Decorator:
    """The same, and `jsonpath=TEMPLATE`."""
    return click.option(
        "-o",
        "--output",
        type=_Form(forms),
        default=forms[0],
        show_default=True,
        help="The form of the answer; or jsonpath=TEMPLATE, as for kubectl, on what json prints.",
    )


def output(*forms: str) -> Decorator:
    """The form of the answer, the first one if nothing is said."""
    return click.option(
        "-o", "--output", type=click.Choice(forms), default=forms[0], show_default=True, help="The form of the answer."
    )


def asking(*decorators: Decorator) -> Decorator:
    """All the arguments and options, in the order in which help lists them."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate
