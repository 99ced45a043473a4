"""Every outgoing connection of the adapters goes through here: addresses, TLS, redirects and budgets (SEC-3, SEC-4)."""

from __future__ import annotations

from aimcore.adapters.egress.answers import Answer
from aimcore.adapters.egress.deadline import Deadline
from aimcore.adapters.egress.errors import EgressError, ProtocolError, Refused, TooLarge, Unreachable, Untrusted
from aimcore.adapters.egress.resolving import Resolve, system_resolve
from aimcore.adapters.egress.rules import Rules
from aimcore.adapters.egress.session import Exchange, Session

__all__ = [
    "Answer",
    "Deadline",
    "EgressError",
    "Exchange",
    "ProtocolError",
    "Refused",
    "Resolve",
    "Rules",
    "Session",
    "TooLarge",
    "Unreachable",
    "Untrusted",
    "system_resolve",
]
