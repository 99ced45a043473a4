"""What a deployment needs of a machine, and how an entry inherits it (KIND-5, CUST-3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from aimcore.domain.values.quantity import Quantity

__all__ = ["Cpu", "Gpu", "Hardware", "inherit", "required_gpu", "summary"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """`requests` GPUs of any of `models`, each with at least `min_vram` bytes. None means: not said."""

    requests: int | None = None
    models: tuple[str, ...] | None = None
    min_vram: Quantity | None = None
    resource_name: str | None = None

    @property
    def count(self) -> int | None:
        """How many are needed: as said, and one where models are listed without a count (TMPL-1)."""
        return 1 if self.requests is None and self.models else self.requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """CPU cores: `requests` always, `limits` if wanted. None means: not said."""

    requests: Quantity | None = None
    limits: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """GPUs, CPUs, or both."""

    gpu: Gpu | None = None
    cpu: Cpu | None = None


def inherit(entry: Hardware | None, base: Hardware | None) -> Hardware | None:
    """`entry` over `base`, field by field; a list counts as one field, an explicit 0 as said (CUST-3).

    A section in which nothing is said is left out, so that hardware differs only where its fields do: the name of a
    template is made of the fields, and two templates of one name must be one (TMPL-7).

    >>> inherit(Hardware(gpu=Gpu(requests=0)), Hardware(gpu=Gpu(requests=1, models=("MI300X",)))).gpu
    Gpu(requests=0, models=('MI300X',), min_vram=None, resource_name=None)
    >>> inherit(Hardware(gpu=Gpu()), None) is None
    True
    """
    near, far = entry or Hardware(), base or Hardware()
    merged = Hardware(
        gpu=_inherit_gpu(near.gpu or Gpu(), far.gpu or Gpu()), cpu=_inherit_cpu(near.cpu or Cpu(), far.cpu or Cpu())
    )
    return None if merged == Hardware() else merged


def _inherit_gpu(entry: Gpu, base: Gpu) -> Gpu | None:
    merged = Gpu(
        requests=_said(entry.requests, base.requests),
        models=_said(entry.models, base.models),
        min_vram=_said(entry.min_vram, base.min_vram),
        resource_name=_said(entry.resource_name, base.resource_name),
    )
    return None if merged == Gpu() else merged


def _inherit_cpu(entry: Cpu, base: Cpu) -> Cpu | None:
    merged = Cpu(requests=_said(entry.requests, base.requests), limits=_said(entry.limits, base.limits))
    return None if merged == Cpu() else merged


def _said(near: T | None, far: T | None) -> T | None:
    return far if near is None else near


def required_gpu(hardware: Hardware | None) -> Gpu | None:
    """The GPU that must be there: one is required when GPUs are requested or models are listed (TMPL-6)."""
    gpu = hardware.gpu if hardware else None
    return gpu if gpu and (gpu.requests or gpu.models) else None


def summary(hardware: Hardware | None) -> str | None:
    """The hardware in a few words, as a table shows it.

    >>> summary(Hardware(gpu=Gpu(requests=2, models=("MI300X",))))
    '2 x MI300X'
    >>> summary(Hardware(cpu=Cpu()))
    'CPU'
    """
    if hardware is None:
        return None
    gpu = required_gpu(hardware)
    if gpu is None:
        return "CPU"
    return f"{gpu.count} x {'/'.join(gpu.models or ()) or 'GPU'}"
