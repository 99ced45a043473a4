"""Taints of nodes, which keep pods out, and what pods tolerate of them, as Kubernetes has it (TMPL-8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["Taint", "Toleration", "is_tolerated", "keeps_out"]

_KEEP_OUT: Final = ("NoSchedule", "NoExecute")
_OF_A_NODE_AWAY: Final = frozenset(
    f"node.kubernetes.io/{word}" for word in ("not-ready", "unreachable", "unschedulable")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint:
    """One taint of a node: `effect` is `NoSchedule`, `PreferNoSchedule` or `NoExecute`."""

    key: str
    value: str = ""
    effect: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Toleration:
    """One entry of `tolerations`: `{key?, operator?, value?, effect?, tolerationSeconds?}`, as in a Pod."""

    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    toleration_seconds: int | None = None


def keeps_out(taint: Taint) -> bool:
    """Whether the taint keeps pods out, and says more than that the node is cordoned or not ready."""
    return taint.effect in _KEEP_OUT and taint.key not in _OF_A_NODE_AWAY


def is_tolerated(taint: Taint, tolerations: Iterable[Toleration]) -> bool:
    """Whether one of them tolerates the taint.

    >>> taint = Taint(key="amd.com/gpu", value="present", effect="NoSchedule")
    >>> is_tolerated(taint, [Toleration(key="amd.com/gpu", operator="Exists")])
    True
    >>> is_tolerated(taint, [Toleration(key="amd.com/gpu", value="absent")])
    False
    """
    return any(_tolerates(one, taint) for one in tolerations)


def _tolerates(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    return toleration.operator == "Exists" or (toleration.value or "") == taint.value
