"""What the settings say of hosts: the rules of a session, and the certificates that a Job is told of (SEC-3, CACHE-9)."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Final

from aimcore.adapters.egress import Rules
from aimcore.entrypoints.settings import Registries

__all__ = ["authorities_of", "rules_of"]


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


LOG: Final = logging.getLogger("aimcore.operator")
_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_AT_MOST: Final = 128 * 1024
"""Half of what Kubernetes keeps of all annotations of an object; the plan is one, too."""


def authorities_of(ca_file: Path | None) -> str:
    """The certificates in that file and nothing else of it; empty, with a warning, where they are too many for a Job."""
    if ca_file is None:
        return ""
    found = _CERTIFICATE.findall(ca_file.read_text(encoding="ascii", errors="replace"))
    text = "".join(f"{one}\n" for one in found)
    if len(text) > _AT_MOST:
        LOG.warning(
            "%s has %d bytes of certificates; Jobs are told none of them, expected at most %d: keep those that are yours alone",
            ca_file,
            len(text),
            _AT_MOST,
        )
        return ""
    return text
