"""One call of a command: what was named on the command line, and what answers it, which is loaded only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

__all__ = ["Call", "answered_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The arguments and options; a command that does not ask for one leaves it as it is here."""

    target: str = ""
    words: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    recursive: bool = False
    namespace: str | None = None
    all_namespaces: bool = False
    images: tuple[Path, ...] = ()
    strict: bool = False
    creation_scope_from: str | None = None
    workloads: str | None = None
    default_resources: str | None = None
    online: bool = False
    locked: Path | None = None
    registry_config: Path | None = None
    plain_http: tuple[str, ...] = ()
    allow_host: tuple[str, ...] = ()
    refuse_private: bool = False
    token_service: tuple[str, ...] = ()
    ca: Path | None = None
    platform: str | None = None
    lock_file: Path = Path("aim.lock.yaml")
    check: bool = False
    model: str | None = None
    nodes: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    endpoint: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    to: str | None = None
    plan_file: str | None = None
    named: str | None = None
    verify: bool = False
    stall_seconds: float = 60.0
    termination_log: str | None = None
    context: str | None = None
    kubeconfig: str | None = None
    quiet: bool = False
    fail_on: str | None = None
    require_any: bool = False
    ignore: tuple[str, ...] = ()
    status: bool = False
    tail: int = 100
    selector: str = ""
    watch: bool = False
    mode: str = "Shared"
    dry_run: bool = False
    unused_for: str = ""
    yes: bool = False
    follow: bool = False
    output: str = "table"


INTERRUPTED = 130


def answered_by(module: str, given: dict[str, Any]) -> NoReturn:
    """Loads what answers the call, and ends with its exit code; Ctrl-C ends it as the shell's own commands end."""
    try:
        run: Callable[[Call], int] = import_module(f"aimcore.entrypoints.cli.{module}").run
        code = int(run(Call(**given)))
    except KeyboardInterrupt:
        code = INTERRUPTED
    raise SystemExit(code)
