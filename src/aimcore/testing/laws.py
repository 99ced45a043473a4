"""All the laws by name, so that a world can be held to every one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from aimcore.testing.choice_laws import check_same_choice
from aimcore.testing.confluence import check_confluent, check_forgets
from aimcore.testing.convergence_laws import (
    check_converges,
    check_deterministic,
    check_idempotent,
    check_minimal,
    check_quiescent,
)
from aimcore.testing.ownership_laws import check_hands_off, check_isolated, check_owned_legally
from aimcore.testing.serving_laws import check_serving_is_sacred
from aimcore.testing.status_laws import check_honest, check_names, check_secrets_stay_secret
from aimcore.testing.world import World

__all__ = ["LAWS"]

LAWS: Mapping[str, Callable[[World], None]] = MappingProxyType(
    {
        "determinism": check_deterministic,
        "convergence": check_converges,
        "idempotence": check_idempotent,
        "confluence": check_confluent,
        "same choice": check_same_choice,
        "serving is sacred": check_serving_is_sacred,
        "forgetting": check_forgets,
        "minimality": check_minimal,
        "quiescence": check_quiescent,
        "legal ownership": check_owned_legally,
        "hands off": check_hands_off,
        "isolation": check_isolated,
        "honest status": check_honest,
        "names": check_names,
        "secrets stay secret": check_secrets_stay_secret,
    }
)
"""Each takes a world and raises an `AssertionError` that tells what in it breaks the law."""
