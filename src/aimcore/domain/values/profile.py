"""The words a serving profile is described with (KIND-4): what it optimises for, in which number format, how well tried."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Metric", "Precision", "TemplateType"]


class Metric(StrEnum):
    """What a profile optimises for."""

    LATENCY = "latency"
    THROUGHPUT = "throughput"


class Precision(StrEnum):
    """The number format a profile computes in; `auto` leaves it to the engine."""

    AUTO = "auto"
    FP4 = "fp4"
    FP8 = "fp8"
    FP16 = "fp16"
    FP32 = "fp32"
    BF16 = "bf16"
    INT4 = "int4"
    INT8 = "int8"


class TemplateType(StrEnum):
    """How well tried a profile is on its hardware."""

    OPTIMIZED = "optimized"
    PREVIEW = "preview"
    UNOPTIMIZED = "unoptimized"
