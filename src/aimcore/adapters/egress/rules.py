"""What the settings say of outgoing connections; nothing of the environment is read (SEC-2, SEC-3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

__all__ = ["Rules"]

_PORT: Final = re.compile(r":[0-9]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The settings of one session.

    A host is spelled `ghcr.io` (any port) or `ghcr.io:5000`; an IPv6 address has brackets. `allow_hosts` may be at any
    address; `plain_http` are too, and are spoken to without TLS. With `refuse_private` the private ranges are refused like
    the loopback and metadata addresses, which always are. The CAs of `ca_file` (PEM) are trusted beside the system's.
    `token_services` are pairs of a registry and a token service of another site that may have its credentials.
    """

    allow_hosts: frozenset[str] = frozenset()
    plain_http: frozenset[str] = frozenset()
    refuse_private: bool = False
    ca_file: Path | None = None
    token_services: frozenset[tuple[str, str]] = frozenset()

    def scheme(self, host: str, port: int | None) -> Literal["http", "https"]:
        """How a host is spoken to; without a port, at the port its scheme implies.

        >>> Rules(plain_http=frozenset({"registry.test:5000"})).scheme("registry.test", 5000)
        'http'
        """
        return "http" if _names(self.plain_http, host, 80 if port is None else port) else "https"

    def allows(self, host: str, port: int) -> bool:
        """Whether a setting names the host, so that its addresses are the user's choice."""
        return _names(self.allow_hosts | self.plain_http, host, port)

    def trusts(self, registry: str, service: str, port: int) -> bool:
        """Whether a setting says that the credentials of the registry may go to that token service (SEC-1).

        >>> Rules(token_services=frozenset({("a.test", "b.test")})).trusts("a.test", "b.test", 443)
        True
        """
        spelled = {registry.lower(), _PORT.sub("", registry.lower())}
        return _names(frozenset(to for filed, to in self.token_services if filed.lower() in spelled), service, port)


def _names(spelled: frozenset[str], host: str, port: int) -> bool:
    meant = {host.lower().rstrip("."), f"{host.lower().rstrip('.')}:{port}"}
    return any(each.lower() in meant for each in spelled)
