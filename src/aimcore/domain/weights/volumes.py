"""How big a volume has to be to hold weights (SIZE-4)."""

from __future__ import annotations

from typing import Final

from aimcore.domain.values.quantity import Notation, Quantity

__all__ = ["HEADROOM_PERCENT", "volume_size"]

HEADROOM_PERCENT: Final = 10
"""Where the runtime configuration says nothing."""
_GIB: Final = 2**30


def volume_size(weights: Quantity, headroom_percent: int | None = None) -> Quantity:
    """The bytes of the weights and so many percent of them, rounded up to whole GiB.

    The headroom is that of the runtime configuration (`storage.pvcHeadroomPercent`), None where it says nothing.

    >>> from aimcore.domain.values.quantity import parse_quantity
    >>> str(volume_size(parse_quantity("16Gi")))
    '18Gi'
    """
    headroom = HEADROOM_PERCENT if headroom_percent is None else headroom_percent
    hundredths = weights.value * (100 + headroom)
    whole = -(-hundredths // (100 * _GIB))
    return Quantity(nanos=Quantity.of(whole * _GIB).nanos, notation=Notation.BINARY)
