"""`aimcore logs`: what the pods of a service have written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from aimcore.domain.kinds.scope import Kind
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import finding, live_of, namespace_of_context, target_of
from aimcore.entrypoints.cli.output import CommandFailed, Exit, remark
from aimcore.entrypoints.library.finding import TYPES, Target, find_target
from aimcore.entrypoints.present.text import shown
from aimcore.ports.errors import PortError

if TYPE_CHECKING:
    from aimcore.entrypoints.wiring.logs import PodLog

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Prints the lines of each pod; the text of others reaches the terminal escaped."""
    target = _service(call)
    try:
        from aimcore.entrypoints.wiring.logs import follow_logs, pod_logs  # noqa: PLC0415 - with a package that files never need
    except ModuleNotFoundError as error:
        message = f"package {error.name} is missing: pip install 'aimcore[cli,kubernetes]' brings it"
        raise CommandFailed(message) from error
    namespace = call.namespace or namespace_of_context(call)
    try:
        if call.follow:
            for pod, line in follow_logs(
                target.name, namespace, tail=call.tail, kubeconfig=call.kubeconfig, context=call.context
            ):
                click.echo(shown(f"{pod}: {line}"))
        found = list(pod_logs(target.name, namespace, tail=call.tail, kubeconfig=call.kubeconfig, context=call.context))
    except PortError as error:
        raise CommandFailed(str(error)) from error
    if not found:
        with finding():
            find_target(live_of(call, namespace, (Kind.SERVICE.api_name,)).cache, target, namespace)
        raise CommandFailed(f"service {shown(target.name)} has no pods in namespace {namespace}")
    _print(call, found)
    if all(log.failure for log in found):
        raise CommandFailed(f"none of the logs of service {shown(target.name)} can be read")
    return Exit.WELL


def _print(call: Call, found: Sequence[PodLog]) -> None:
    for log in found:
        prefix = f"{log.pod}: " if len(found) > 1 else ""
        for line in log.lines:
            click.echo(shown(f"{prefix}{line}"))
        if log.failure and not call.quiet:
            remark((), (f"the log of pod {log.pod} cannot be read: {log.failure}",))


def _service(call: Call) -> Target:
    alone = len(call.words) == 1 and "/" not in call.words[0] and call.words[0].lower() not in TYPES
    target = target_of(("service", *call.words) if alone else call.words)
    if target.kind is not Kind.SERVICE:
        raise click.UsageError("only services have pods; expected service/NAME")
    return target
