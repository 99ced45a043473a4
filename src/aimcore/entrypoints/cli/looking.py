"""A call that speaks of a cluster becomes what stands there, and its words the object that is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.cli.asking import NO_MANIFESTS
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import CommandFailed, progress
from aimcore.entrypoints.library.finding import NotThereError, SeveralError, Target, parse_target
from aimcore.ports.errors import AccessDenied, PortError

if TYPE_CHECKING:
    from aimcore.entrypoints.wiring.live import Live

__all__ = [
    "finding",
    "live",
    "live_cluster",
    "live_of",
    "looks_at_a_cluster",
    "looks_there",
    "namespace_of",
    "namespace_of_context",
    "target_of",
    "where_words",
]

NAMESPACE = "default"


def live(call: Call, namespace: str | None) -> Live:
    """What stands in a namespace and of the cluster, or in all; or an error that says why it cannot be seen."""
    if call.paths or call.files:
        raise click.UsageError("manifests and a cluster exclude each other: what stands is looked at in one place")
    return live_cluster(call, namespace)


def live_of(
    call: Call, namespace: str | None, kinds: Iterable[str], selector: str = "", *, again: bool = False
) -> Live:
    """What stands of these kinds, with labels that the selector selects; or an error that says why it cannot be seen.

    Who looks `again` is not told each time that it is being done.
    """
    with _reading(again=again):
        from aimcore.entrypoints.wiring.live import look_for  # noqa: PLC0415 - with a package that files never need

        return look_for(kinds, selector, kubeconfig=call.kubeconfig, context=call.context, namespace=namespace)


def live_cluster(call: Call, *namespaces: str | None) -> Live:
    """What stands in the first of these that may be read, None for all of them, and of the cluster."""
    *wide, last = namespaces
    with _reading():
        from aimcore.entrypoints.wiring.live import look  # noqa: PLC0415 - as above

        for namespace in wide:
            with suppress(AccessDenied):
                return look(kubeconfig=call.kubeconfig, context=call.context, namespace=namespace)
        return look(kubeconfig=call.kubeconfig, context=call.context, namespace=last)


@contextmanager
def _reading(*, again: bool = False) -> Iterator[None]:
    """Says that the cluster is being read, and why it cannot be, as an error of the command."""
    try:
        with progress() as tell:
            if not again:
                tell("reading the cluster")
            yield
    except ModuleNotFoundError as error:
        message = f"package {error.name} is missing: pip install 'aimcore[cli,kubernetes]' brings it"
        raise CommandFailed(message) from error
    except PortError as error:
        raise CommandFailed(str(error)) from error


def looks_at_a_cluster(call: Call) -> bool:
    """Whether a call speaks of a cluster: it names one, or it names no manifests and there is one to be looked at."""
    if call.context is not None or call.kubeconfig is not None:
        return True
    if call.paths or call.files:
        return False
    try:
        from aimcore.entrypoints.wiring.live import has_context  # noqa: PLC0415 - as above

        return has_context()
    except ModuleNotFoundError:
        return False


def looks_there(call: Call) -> bool:
    """Whether a call that needs manifests or a cluster speaks of a cluster; an error where it has neither."""
    there = looks_at_a_cluster(call)
    if not there and not call.paths and not call.files:
        raise click.UsageError(f"{NO_MANIFESTS}, or a kubeconfig that leads to a cluster: --kubeconfig FILE")
    return there


def namespace_of(call: Call) -> str | None:
    """The namespace that is looked at, None for all of them."""
    return None if call.all_namespaces else call.namespace or namespace_of_context(call)


def where_words(namespace: str | None) -> str:
    """Where it was looked, for people."""
    return "any namespace" if namespace is None else f"namespace {namespace}"


def namespace_of_context(call: Call) -> str:
    """The namespace that the context of the kubeconfig names, else `default`, as for kubectl."""
    try:
        from aimcore.entrypoints.wiring.live import context_namespace  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        return NAMESPACE
    return context_namespace(kubeconfig=call.kubeconfig, context=call.context) or NAMESPACE


def target_of(words: Sequence[str]) -> Target:
    """The target of `TYPE/NAME`, or of `TYPE NAME`, as for kubectl."""
    with finding():
        if len(words) > 2 or (len(words) == 2 and any("/" in word for word in words)):
            raise click.UsageError(f"one thing at a time; expected TYPE/NAME or TYPE NAME, found {' '.join(words)}")
        return parse_target("/".join(words))


@contextmanager
def finding() -> Iterator[None]:
    """What keeps an object from being found, as an error with its exit code."""
    try:
        yield
    except ParseError as error:
        raise click.UsageError(str(error)) from error
    except SeveralError as error:
        there = ", ".join(map(str, error.keys))
        word = error.keys[0].kind.word.lower()
        of_cluster = f", or cluster{word}/NAME for that of the cluster" if error.keys[0].kind.has_twin else ""
        raise click.UsageError(f"there are several: {there}; pass -n NAMESPACE{of_cluster}") from error
    except NotThereError as error:
        raise CommandFailed(str(error)) from error
