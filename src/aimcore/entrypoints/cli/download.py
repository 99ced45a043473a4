"""`aimcore download`: weights to a folder, for people and as the program of a Job (FETCH)."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NoReturn

import click

from aimcore.domain.errors import ParseError
from aimcore.domain.weights.fetchplan import FetchRequest, FetchSource, model_id_of, parse_request
from aimcore.domain.weights.filter import parse_filter
from aimcore.domain.weights.outcome import FetchCause, FetchError, FetchResult, termination_message
from aimcore.domain.weights.sources import VARIABLES, parse_source_uri
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.variables import variables_of
from aimcore.entrypoints.download.meter import Meter, Progress, watched
from aimcore.entrypoints.present.fetching import bar_line, progress_line, result_lines
from aimcore.entrypoints.present.text import shown
from aimcore.entrypoints.settings import Registries

__all__ = ["run"]

_PLAN_AT_MOST: Final = 1024 * 1024
_TOLD_EVERY: Final = 10.0
_ARENA_MAX: Final = -8  # M_ARENA_MAX of malloc.h
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL", "HF_ENDPOINT")


def run(call: Call) -> int:
    """Carries the request out, leaves its result where a pod does, and gives the exit code that says how it ended."""
    os.umask(0o022)
    gc.enable()  # which the entry point switches off: transfers leave cycles behind, and a download may take hours
    _share_one_heap()
    report = _Report(call)
    try:
        request, variables = _of_plan(call) if call.plan_file else _of_call(call)
    except ParseError as error:
        if not call.plan_file:
            raise click.UsageError(str(error)) from error
        return report.ended(FetchResult(cause=FetchCause.INVALID, message=str(error)), "")
    result = _carried_out(call, request, variables, report)
    return report.ended(result, request.target)


def _share_one_heap() -> None:
    """Each thread has a heap of its own in glibc, where the pieces of files leave more and more holes."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have neither the heaps nor this
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def _of_plan(call: Call) -> tuple[FetchRequest, Mapping[str, str]]:
    """The request of a document, whose variables are those of the process that it names."""
    if call.uris or call.to or call.named or call.env or call.endpoint or call.include or call.exclude:
        raise click.UsageError("--plan says all there is to say: leave out URI, --to, --name, --env and the filters")
    return parse_request(_plan_text(call.plan_file or "-")), os.environ


def _plan_text(name: str) -> str:
    try:
        with click.open_file(name, encoding="utf-8") as file:
            text: str = file.read(_PLAN_AT_MOST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise ParseError("download plan", name, problem="cannot be read", expected="a file of JSON, or -") from error
    if len(text) > _PLAN_AT_MOST:
        raise ParseError("download plan", name, problem="is too large", expected=f"at most {_PLAN_AT_MOST} characters")
    return text


def _of_call(call: Call) -> tuple[FetchRequest, Mapping[str, str]]:
    """The request of the command line, whose variables are those of --env under their own names."""
    if not call.uris or not call.to:
        raise click.UsageError("nothing to download: name a URI and --to DIR, or --plan FILE")
    if call.named and len(call.uris) > 1:
        raise click.UsageError("--name is the folder of one URI, and there are several")
    variables = variables_of(call.env)
    if call.endpoint is not None:
        variables |= dict.fromkeys(_ENDPOINTS, call.endpoint)
    files = parse_filter(call.include, call.exclude)
    sources = tuple(
        FetchSource(
            model_id=call.named or model_id_of(parse_source_uri(uri)),
            uri=uri,
            files=files,
            env=tuple((name, name) for name in sorted(VARIABLES[uri.partition("://")[0]] & variables.keys())),
        )
        for uri in call.uris
    )
    return FetchRequest(target=call.to, sources=sources), variables


def _carried_out(call: Call, request: FetchRequest, variables: Mapping[str, str], report: _Report) -> FetchResult:
    if call.check and call.verify:
        raise click.UsageError("--check reads no file and --verify reads all of them: leave one out")
    try:
        from aimcore.entrypoints.wiring.downloading import (  # noqa: PLC0415 - urllib3, for those who go online
            checked,
            downloads,
        )
    except ModuleNotFoundError as error:
        message = f"package {error.name} is missing: pip install 'aimcore[cli,hf,s3]' brings it"
        return FetchResult(cause=FetchCause.INVALID, message=message)
    if call.check:
        return checked(request)
    meter = Meter()

    def end(error: FetchError) -> NoReturn:
        """No thread of a library can be broken off, so the process is; the kernel lets go of the lock."""
        result = FetchResult(
            fetched=meter.progress().fetched, cause=error.cause, message=error.message, content=request.content
        )
        os._exit(report.ended(result, request.target))

    _end_on_sigterm(end)
    try:
        registries = Registries.of(os.environ, ca_file=call.ca)
        opened = downloads(request, variables=variables, endpoint=call.endpoint, registries=registries, meter=meter)
        with opened as ready, watched(meter, stall_seconds=call.stall_seconds, tell=report.tell, stalled=end):
            return ready.verify(request) if call.verify else ready.run(request)
    except FetchError as error:
        return FetchResult(cause=error.cause, message=error.message, content=request.content)
    except ParseError as error:
        return FetchResult(cause=FetchCause.INVALID, message=str(error), content=request.content)


def _end_on_sigterm(end: Callable[[FetchError], object]) -> None:
    """The first process of a container is not ended by SIGTERM unless it says how."""

    def ended(_number: int, _frame: object) -> None:
        end(FetchError(FetchCause.INTERRUPTED, "was asked to end (SIGTERM); the next try goes on where this one ends"))

    signal.signal(signal.SIGTERM, ended)


class _Report:
    """What is said while it goes on and in the end: a bar to a terminal, lines of JSON to a pipe, a file for the kubelet."""

    def __init__(self, call: Call) -> None:
        self._log = call.termination_log or os.environ.get("AIM_TERMINATION_LOG") or "/dev/termination-log"
        self._asked = self._log != "/dev/termination-log"
        self._bar, self._lines = sys.stderr.isatty(), not sys.stdout.isatty()
        self._next = _TOLD_EVERY
        self._once = threading.Lock()

    def tell(self, progress: Progress, seconds: float) -> None:
        """Called twice a second."""
        if self._bar and progress.total_bytes:
            click.echo(f"\r\x1b[2K{bar_line(progress, seconds)}", err=True, nl=False)
        if self._lines and seconds >= self._next:
            self._next = seconds + _TOLD_EVERY
            click.echo(progress_line(progress))

    def ended(self, result: FetchResult, target: str) -> int:
        """Says how it ended, once, and gives the exit code."""
        with self._once:
            if self._bar:
                click.echo("\r\x1b[2K", err=True, nl=False)
            text = termination_message(result)
            self._leave(text)
            if self._lines:
                click.echo(text)
            else:
                for line in result_lines(result, target):
                    click.echo(shown(line))
            if result.cause is not None:
                click.echo(shown(f"Error: {result.cause.value}: {result.message}"), err=True)
            sys.stdout.flush()
            sys.stderr.flush()
        return int(result.exit)

    def _leave(self, text: str) -> None:
        path = Path(self._log)
        if not self._asked and not os.access(path, os.W_OK):
            return
        try:
            path.write_text(text, encoding="ascii")
        except OSError as error:
            click.echo(shown(f"warning: {self._log} cannot be written ({error.strerror})"), err=True)
