"""`aimcore operator`: the operator, until a signal ends it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import click

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.cli.output import CommandFailed, Exit
from aimcore.entrypoints.operator.logs import set_up_logs
from aimcore.entrypoints.operator.options import Options
from aimcore.entrypoints.settings import Registries, Settings
from aimcore.ports.errors import PortError

__all__ = ["run"]


def run(given: Mapping[str, Any]) -> Exit:
    """Runs, and says that it ended as it was told to."""
    said = dict(given)
    try:
        registries = Registries.of(
            os.environ,
            plain_http=said.pop("plain_http"),
            allow_hosts=said.pop("allow_host"),
            refuse_private=said.pop("refuse_private"),
            ca_file=said.pop("ca"),
            token_services=said.pop("token_service"),
            platform=said.pop("platform"),
        )
        settings = Settings.of(
            {**os.environ, **_said(said.pop("operator_namespace"))},
            creation_scope_from=said.pop("creation_scope_from"),
            workloads=said.pop("workloads"),
            default_resources=said.pop("default_resources"),
            crash_text=said.pop("crash_text"),
            pod_logs=said.pop("pod_logs"),
            dry_runs=said.pop("dry_runs"),
        )
        options = Options.of(os.environ, **said)
    except ParseError as error:
        raise click.UsageError(str(error)) from error
    try:
        from aimcore.entrypoints.wiring.operate import operate  # noqa: PLC0415 - with packages that only operators have
    except ModuleNotFoundError as error:
        message = f"package {error.name} is missing: pip install 'aimcore[operator]' brings it"
        raise CommandFailed(message) from error
    set_up_logs(options.log_format, options.log_level, sys.stderr)
    try:
        operate(options, settings, registries, begun=_until_signalled)
    except PortError as error:
        raise CommandFailed(str(error)) from error
    return Exit.WELL


def _said(operator_namespace: str | None) -> dict[str, str]:
    return {} if operator_namespace is None else {"AIM_SYSTEM_NAMESPACE": operator_namespace}


def _until_signalled(stop: Callable[[], None]) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
