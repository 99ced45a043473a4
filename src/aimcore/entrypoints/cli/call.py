"""One call of a command: what was named on the command line, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Call"]


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
