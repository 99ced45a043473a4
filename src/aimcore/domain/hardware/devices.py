"""AMD's GPUs as nodes name them: device ids, models, memory; and one spelling for every GPU's name (TMPL-6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aimcore.domain.values.quantity import Quantity, parse_quantity

__all__ = ["DEVICES", "MAKERS", "Device", "device_ids", "gpu_model", "model_of_device", "vram", "words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A GPU model, the PCI device ids it answers to (lower-case hexadecimal), and the memory of one."""

    model: str
    ids: tuple[str, ...]
    vram: Quantity


def _device(model: str, memory: str, *ids: str) -> Device:
    return Device(model=model, ids=ids, vram=parse_quantity(memory))


DEVICES = (
    _device("MI100", "32Gi", "738c", "738e"),
    _device("MI250X", "128Gi", "7408", "740c"),
    _device("MI210", "64Gi", "740f", "7410"),
    _device("MI300A", "128Gi", "74a0"),
    _device("MI300X", "192Gi", "74a1", "74a9", "74b5", "74bd"),
    _device("MI308X", "128Gi", "74a2", "74a8", "74b6"),
    _device("MI325X", "256Gi", "74a5", "74b9"),
    _device("MI350X", "288Gi", "75a0", "75b0"),
    _device("MI355X", "288Gi", "75a3", "75b3"),
    _device("V710", "32Gi", "7460", "7461"),
    _device("W7900", "48Gi", "7448", "744a"),
    _device("W7800", "32Gi", "7449", "745e"),
    _device("W6900X", "32Gi", "73a2"),
    _device("W6800", "32Gi", "73a3"),
    _device("W6800X", "32Gi", "73ab"),
    _device("V620", "32Gi", "73a1", "73ae"),
    _device("RX9070", "16Gi", "7550"),
    _device("RX7900", "24Gi", "744c"),
    _device("RX6900", "16Gi", "73af"),
    _device("RX6800", "16Gi", "73bf"),
)

_BY_MODEL = {device.model: device for device in DEVICES}
_BY_ID = {device_id: device for device in DEVICES for device_id in device.ids}
# One device id (740c) serves both, so no node can tell them apart.
_SAME = {"MI250": "MI250X"}
MAKERS = frozenset({"AMD", "NVIDIA", "INSTINCT", "RADEON", "PRO"})
"""Words of a GPU's name that tell whose it is, in upper case."""

_BETWEEN_WORDS = re.compile(r"[\s_/()-]+")


def words(text: str) -> list[str]:
    """The words of a GPU's name, whatever stands between them.

    >>> words("AMD Instinct_MI300X (OAM)")
    ['AMD', 'Instinct', 'MI300X', 'OAM']
    """
    return [word for word in _BETWEEN_WORDS.split(text) if word]


def gpu_model(text: str) -> str:
    """The one spelling of a GPU's name, under which names compare.

    A name that contains a model of the table is that model; any other is its words in upper case without the maker's.
    Normalising twice changes nothing, and only a text without any word comes out empty.

    >>> gpu_model("AMD-Instinct-MI300X-OAM"), gpu_model("Instinct MI250"), gpu_model("AMD_Radeon_RX_7900_XTX")
    ('MI300X', 'MI250X', 'RX7900')
    >>> gpu_model("NVIDIA-H100-80GB-HBM3")
    'H100-80GB-HBM3'
    """
    if text in _BY_MODEL:
        return text
    said = words(text.upper())
    for first, second in zip(said, [*said, ""][1:], strict=True):
        for model in (_SAME.get(first, first), first + second):
            if model in _BY_MODEL:
                return model
    while len(said) > 1 and said[0] in MAKERS:
        del said[0]
    return "-".join(said)


def vram(model: str) -> Quantity | None:
    """The memory of one GPU of this model, by the table; None for a model that is not in it.

    >>> str(vram("Instinct MI300X")), vram("H100")
    ('192Gi', None)
    """
    device = _BY_MODEL.get(gpu_model(model))
    return None if device is None else device.vram


def device_ids(model: str) -> tuple[str, ...]:
    """The device ids that mean this model; none for a model that is not in the table.

    >>> device_ids("MI325X")
    ('74a5', '74b9')
    """
    device = _BY_MODEL.get(gpu_model(model))
    return () if device is None else device.ids


def model_of_device(device_id: str) -> str | None:
    """The model behind a PCI device id, with or without `0x`, in either case; None for an id that is not in the table.

    >>> model_of_device("0x74A1"), model_of_device("ffff")
    ('MI300X', None)
    """
    device = _BY_ID.get(device_id.lower().removeprefix("0x"))
    return None if device is None else device.model
