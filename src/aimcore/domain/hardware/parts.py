"""What the name of a resource says of the GPUs that a node gives under it: whole ones, parts, shares, virtual functions (TMPL-6).

AMD's device plugin names whole GPUs `amd.com/gpu`; its strategy `mixed` names them by their partition mode, as
`amd.com/cpx_nps4`, and those passed through to virtual machines `amd.com/gpu_vf` or `amd.com/gpu_pf`. NVIDIA's names a MIG
part `nvidia.com/mig-3g.40gb` and a GPU shared by time `nvidia.com/gpu.shared`. Either may be told to name GPUs otherwise, as
`nvidia.com/gpu-64g`.
"""

from __future__ import annotations

import re

from aimcore.domain.values.quantity import Notation, Quantity, parse_quantity

__all__ = [
    "SHARED_RESOURCE",
    "gives_whole_gpus",
    "is_gpu_resource",
    "is_part",
    "memory_in_name",
    "mode_of",
    "share",
    "whole_product",
]

SHARED_RESOURCE = "nvidia.com/gpu.shared"

_GPU_RESOURCE = re.compile(
    r"[^/]+/gpu|(?:amd|nvidia)\.com/gpu[._-](?!mem|core)[^/]+|amd\.com/[a-z]px_nps[0-9]+|nvidia\.com/mig-[^/]+"
)
_MODE = re.compile(r"([a-z]px)_nps[0-9]+")
_MIG = "nvidia.com/mig-"
_MIG_MEMORY = re.compile(r"([0-9]{1,6}+)gb")
_PART_OF_PRODUCT = re.compile(r"[-_ ](?:MIG-.*|SHARED)\Z", re.IGNORECASE | re.DOTALL)

_WHOLE = "spx"
_PARTS = {"spx": 1, "dpx": 2, "tpx": 3, "qpx": 4}
# `cpx` makes a part of each compute die.
_DIES = {"MI300A": 6, "MI300X": 8, "MI325X": 8, "MI350X": 8, "MI355X": 8}


def is_gpu_resource(name: str) -> bool:
    """Whether this is a name under which GPUs are known to be given.

    >>> [is_gpu_resource(name) for name in ("amd.com/cpx_nps4", "nvidia.com/gpu-64g", "nvidia.com/gpu-memory", "cpu")]
    [True, True, False, False]
    """
    return _GPU_RESOURCE.fullmatch(name) is not None


def is_part(resource: str) -> bool:
    """Whether a GPU under this name may be less than a whole one."""
    return not resource.endswith("/gpu")


def gives_whole_gpus(resource: str) -> bool:
    """Whether a GPU under this name is known to be a whole one, by the name alone.

    >>> [gives_whole_gpus(name) for name in ("amd.com/gpu", "amd.com/spx_nps1", "amd.com/cpx_nps4", "nvidia.com/gpu.shared")]
    [True, True, False, False]
    """
    return not is_part(resource) or mode_of(resource) == _WHOLE


def mode_of(text: str) -> str | None:
    """The partition mode that the name of a resource, or a label of AMD's, ends in; None where it tells none.

    >>> mode_of("amd.com/cpx_nps4"), mode_of("spx_nps1"), mode_of("amd.com/gpu_vf")
    ('cpx', 'spx', None)
    """
    told = _MODE.fullmatch(text.rpartition("/")[2].lower())
    return told and told[1]


def share(whole: Quantity | None, model: str, mode: str) -> Quantity | None:
    """The memory of one part, when all parts of the GPU are in use; None where the size or the number of parts is not known.

    >>> str(share(parse_quantity("192Gi"), "MI300X", "cpx"))
    '24Gi'
    """
    parts = _DIES.get(model) if mode == "cpx" else _PARTS.get(mode)
    return None if whole is None or parts is None else Quantity(nanos=whole.nanos // parts, notation=Notation.BINARY)


def memory_in_name(resource: str) -> Quantity | None:
    """The memory that the name of a MIG part promises, in units of 10**9 bytes: it has that at least.

    >>> str(memory_in_name("nvidia.com/mig-3g.40gb"))
    '40G'
    """
    told = _MIG_MEMORY.search(resource, len(_MIG)) if resource.startswith(_MIG) else None
    return told and parse_quantity(f"{told[1]}G")


def whole_product(product: str) -> str:
    """The product without what NVIDIA's labeller adds for a part or a share of it.

    >>> whole_product("NVIDIA-A100-SXM4-40GB-SHARED"), whole_product("NVIDIA-H100-80GB-HBM3-MIG-3g.40gb-SHARED")
    ('NVIDIA-A100-SXM4-40GB', 'NVIDIA-H100-80GB-HBM3')
    """
    return _PART_OF_PRODUCT.sub("", product)
