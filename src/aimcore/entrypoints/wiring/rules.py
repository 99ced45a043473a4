"""What the settings say of hosts, as the rules of a session (SEC-3)."""

from __future__ import annotations

from aimcore.adapters.egress import Rules
from aimcore.entrypoints.settings import Registries

__all__ = ["rules_of"]


def rules_of(registries: Registries) -> Rules:
    """The rules by which registries are spoken to, and the hosts of sources likewise."""
    pairs = (text.partition("=") for text in registries.token_services)
    return Rules(
        allow_hosts=registries.allow_hosts,
        plain_http=registries.plain_http,
        refuse_private=registries.refuse_private,
        ca_file=registries.ca_file,
        token_services=frozenset((registry, service) for registry, _, service in pairs),
    )
