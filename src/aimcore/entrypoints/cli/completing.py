"""What a shell offers while a word is being typed: contexts, namespaces, types and names. Whatever fails, it offers nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

__all__ = [
    "complete_context",
    "complete_namespace",
    "complete_rule",
    "complete_service",
    "complete_target",
    "complete_template",
    "complete_type",
]


def _offered(find: Callable[[click.Context, str], Iterable[str]]) -> Callable[..., list[CompletionItem]]:
    """The words that begin as what was typed; a shell that waits for a broken cluster is worse than one without words."""

    def offer(here: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        try:
            return [CompletionItem(word) for word in find(here, begun) if word.startswith(begun)]
        except Exception:  # noqa: BLE001 - nobody reads what went wrong in the middle of a line
            return []

    return offer


def _offers() -> Any:
    return import_module("aimcore.entrypoints.wiring.offers")


def _where(here: click.Context) -> dict[str, Any]:
    return {name: here.params.get(name) for name in ("kubeconfig", "context")}


@_offered
def complete_context(here: click.Context, _begun: str) -> Iterable[str]:
    """The contexts of the kubeconfig."""
    return _offers().contexts(here.params.get("kubeconfig"))  # type: ignore[no-any-return]  # loaded by its name


@_offered
def complete_namespace(here: click.Context, _begun: str) -> Iterable[str]:
    """The namespaces of the cluster."""
    return _offers().names("Namespace", namespace=None, **_where(here))  # type: ignore[no-any-return]  # as above


@_offered
def complete_type(here: click.Context, begun: str) -> Iterable[str]:
    """The types that `get` lists, and behind one the names of its things."""
    typed = here.params.get("words") or ()
    return _targets(here, begun, typed, import_module("aimcore.entrypoints.cli.wanting").KINDS)


@_offered
def complete_target(here: click.Context, begun: str) -> Iterable[str]:
    """TYPE/NAME, or a name behind its type."""
    typed = here.params.get("words") or ()
    return _targets(here, begun, typed, import_module("aimcore.entrypoints.library.finding").TYPES)


@_offered
def complete_service(here: click.Context, begun: str) -> Iterable[str]:
    """The names of services."""
    types = import_module("aimcore.entrypoints.library.finding").TYPES
    if "/" in begun or here.params.get("words"):
        return _targets(here, begun, here.params.get("words") or (), types)
    return _names(here, types["service"])


@_offered
def complete_template(here: click.Context, begun: str) -> Iterable[str]:
    """The names of templates, or TYPE/NAME."""
    types = import_module("aimcore.entrypoints.library.finding").TYPES
    return _targets(here, begun, (), types) if "/" in begun else _names(here, types["template"])


@_offered
def complete_rule(_here: click.Context, _begun: str) -> Iterable[str]:
    """The numbers of the rules."""
    return import_module("aimcore.entrypoints.cli.rule").numbers()  # type: ignore[no-any-return]  # as above


def _targets(here: click.Context, begun: str, typed: Iterable[str], types: dict[str, Any]) -> Iterable[str]:
    said = next(iter(typed), "")
    if said in types:
        return _names(here, types[said])
    kind, slash, _ = begun.partition("/")
    if slash:
        return [f"{kind}/{name}" for name in _names(here, types[kind])]
    return sorted(types)


def _names(here: click.Context, meant: Any) -> list[str]:
    kind, scope = meant
    namespace = None if here.params.get("all_namespaces") else here.params.get("namespace") or ""
    found: list[str] = _offers().names(kind.spelling(scope).kind, namespace=namespace, **_where(here))
    return found
