"""The composition root: the one place that knows every adapter, and hands out answers that know none."""

from __future__ import annotations

from aimcore.entrypoints.wiring.images import inspect
from aimcore.entrypoints.wiring.input import Inputs, check
from aimcore.entrypoints.wiring.world import plan

__all__ = ["Inputs", "check", "inspect", "plan"]
