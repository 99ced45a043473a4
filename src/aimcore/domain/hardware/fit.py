"""Whether a node can give what one replica needs, how often, and what is missing where it cannot (TMPL-6).

There is one order of questions, from the model of a GPU down to memory, and two tellings of the first that fails: of one
node, and of all nodes together. So `capacity` and the health of a template cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from aimcore.domain.hardware.devices import gpu_model
from aimcore.domain.hardware.nodes import AMD_RESOURCE, NodeGpu
from aimcore.domain.hardware.parts import is_gpu_resource, is_part, whole_product
from aimcore.domain.hardware.requirements import Gpu
from aimcore.domain.hardware.supply import PODS, Supply
from aimcore.domain.hardware.taints import Taint, Toleration, is_tolerated
from aimcore.domain.values.quantity import Quantity

__all__ = ["Lack", "Need", "lack_of", "replicas_on"]

_ONE_POD = Quantity.of(1)
_WORDS = {"cpu": "cores", "memory": "of memory", "pods": "pods"}
# In thousandths: 2**30 is 7.4 % more than 10**9, so what differs by no more was rounded, or written in the other unit.
_ROUNDED = 1074


@dataclass(frozen=True, kw_only=True)
class Need:
    """What one replica takes: `amounts` above zero by resource name, and of the resources in `gpus`, GPUs such as `gpu` lists.

    `tolerations` are those of its pod, None where no pod is meant and taints are not looked at.
    """

    amounts: Mapping[str, Quantity] = field(default_factory=dict)
    gpus: tuple[str, ...] = ()
    gpu: Gpu = field(default_factory=Gpu)
    tolerations: tuple[Toleration, ...] | None = None

    @cached_property
    def word(self) -> str:
        """All of it in one word, notations included: two needs of one word are told the same."""
        return repr(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is missing: told of one node, and of all nodes together."""

    node: str
    nodes: str


def lack_of(need: Need, supplies: Iterable[Supply]) -> Lack | None:
    """What none of the supplies has of it; None where one of them has everything."""
    questions = tuple(_questions(need))
    refused: dict[int, list[Supply]] = {}
    for supply in supplies:
        at = next((at for at, question in enumerate(questions) if not question.passes(supply)), None)
        if at is None:
            return None
        refused.setdefault(at, []).append(supply)
    furthest = max(refused, default=0)
    return questions[furthest].tell(refused.get(furthest, ()))


def replicas_on(need: Need, supply: Supply) -> int:
    """How many replicas fit on a node that gives this and runs nothing else."""
    most = [_most(need, resource, supply) for resource in need.gpus]
    for resource, amount in {**need.amounts, PODS: _ONE_POD}.items():
        there = supply.amount(resource)
        if there is not None:
            most.append(there.nanos // amount.nanos)
    return min(most)


# The questions, in their order ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    passes: Callable[[Supply], bool]
    tell: Callable[[Sequence[Supply]], Lack]


def _questions(need: Need) -> Iterator[_Question]:
    for resource in need.gpus:
        yield from _Gpus(need, resource).questions()
    for resource, amount in {**need.amounts, PODS: _ONE_POD}.items():
        if resource not in need.gpus:
            yield _enough(need, resource, amount)
    if need.tolerations is not None:
        yield _tolerated(need, need.tolerations)


class _Gpus:
    """The questions about GPUs under one name of a resource."""

    def __init__(self, need: Need, resource: str) -> None:
        self._need = need
        self._resource = resource
        self._asked = " or ".join({_model(name, resource): name for name in need.gpu.models or ()}.values())
        self._as = "" if resource == AMD_RESOURCE else f" as {resource}"

    def questions(self) -> Iterator[_Question]:
        yield _Question(passes=lambda supply: bool(self._alike(supply)), tell=self._other_models)
        yield _Question(passes=lambda supply: bool(self._given(supply)), tell=self._other_names)
        yield _Question(passes=lambda supply: bool(_roomy(self._need, self._resource, supply)), tell=self._small)
        yield _Question(passes=self._are_enough, tell=self._few)

    def _there(self, supply: Supply) -> list[NodeGpu]:
        names = [(gpu, gpu.resource_name or "") for gpu in supply.gpus]
        return [gpu for gpu, name in names if name == self._resource or is_gpu_resource(name)]

    def _alike(self, supply: Supply) -> list[NodeGpu]:
        return [gpu for gpu in self._there(supply) if _is_wanted(self._need, gpu, self._resource)]

    def _given(self, supply: Supply) -> list[NodeGpu]:
        return _wanted(self._need, self._resource, supply)

    def _other_models(self, supplies: Sequence[Supply]) -> Lack:
        there = {gpu.model or "GPUs of unknown model" for supply in supplies for gpu in self._there(supply)}
        found = ", ".join(sorted(there)) or "no GPU"
        return Lack(
            node=f"no {self._asked or 'GPU'}{self._as}; has {found}",
            nodes=f"no node has {self._asked or 'a GPU'}{self._as}; found {found}",
        )

    def _other_names(self, supplies: Sequence[Supply]) -> Lack:
        there = sorted({(gpu.resource_name or "", gpu.model) for supply in supplies for gpu in self._alike(supply)})
        found = ", ".join(f"{model or 'GPUs of unknown model'} as {name}" for name, model in there)
        hint = "" if self._as else "; name the one that is meant in hardware.gpu.resourceName"
        return Lack(
            node=f"no {self._asked or 'GPU'} as {self._resource}; has {found}{hint}",
            nodes=f"no node has {self._asked or 'a GPU'} as {self._resource}; found {found}{hint}",
        )

    def _small(self, supplies: Sequence[Supply]) -> Lack:
        need = self._need.gpu.min_vram or Quantity.of(0)
        most = max(gpu.vram for supply in supplies for gpu in self._given(supply) if gpu.vram is not None)
        near = need.nanos * 1000 <= most.nanos * _ROUNDED
        hint = f"; the two differ by a rounding, and minVram {most} asks for this very GPU" if near else ""
        return Lack(
            node=f"{self._asked or 'GPU'} has {most} of memory; needs {need}{hint}",
            nodes=f"no node has {self._asked or 'a GPU'} with {need} of memory; the largest has {most}{hint}",
        )

    def _are_enough(self, supply: Supply) -> bool:
        return _most(self._need, self._resource, supply) > 0

    def _few(self, supplies: Sequence[Supply]) -> Lack:
        need = self._need.amounts[self._resource]
        most = max(_count(self._need, self._resource, supply) for supply in supplies)
        name = f"{self._asked or 'GPU'}{self._as}"
        return Lack(
            node=f"{most} {name}; needs {need}",
            nodes=f"no node has {need} {name}; the largest has {most}",
        )


def _enough(need: Need, resource: str, amount: Quantity) -> _Question:
    def passes(supply: Supply) -> bool:
        there = supply.amount(resource)
        return there is None or there >= amount

    def tell(supplies: Sequence[Supply]) -> Lack:
        most = max((supply.amount(resource) or Quantity.of(0) for supply in supplies), default=Quantity.of(0))
        word = _WORDS.get(resource, resource)
        such = f" with {' or '.join(need.gpu.models or ()) or 'such a GPU'}" if need.gpus else ""
        return Lack(
            node=f"{most} {word}; needs {amount}",
            nodes=f"no node{such} has {amount} {word}; the largest has {most}",
        )

    return _Question(passes=passes, tell=tell)


def _tolerated(need: Need, tolerations: tuple[Toleration, ...]) -> _Question:
    def missing(supply: Supply) -> list[Taint]:
        """A taint named as a resource that the pod asks for is for such pods: clusters tolerate it for them."""
        return [one for one in supply.taints if one.key not in need.amounts and not is_tolerated(one, tolerations)]

    def tell(supplies: Sequence[Supply]) -> Lack:
        taints = ", ".join(sorted({str(taint) for supply in supplies for taint in missing(supply)}))
        cure = "which the pod does not tolerate; set pod.tolerations"
        return Lack(node=f"is tainted {taints}, {cure}", nodes=f"the nodes that fit are tainted {taints}, {cure}")

    return _Question(passes=lambda supply: not missing(supply), tell=tell)


# GPUs -------------------------------------------------------------------------------------------------------------------


def _model(name: str, resource: str) -> str:
    """The listed name as models compare, of the whole GPU where parts are asked for."""
    return gpu_model(whole_product(name) if is_part(resource) else name)


def _is_wanted(need: Need, gpu: NodeGpu, resource: str) -> bool:
    models = need.gpu.models or ()
    return not models or (bool(gpu.model) and gpu.model in {_model(name, resource) for name in models})


def _wanted(need: Need, resource: str, supply: Supply) -> list[NodeGpu]:
    return [gpu for gpu in supply.gpus if gpu.resource_name == resource and _is_wanted(need, gpu, resource)]


def _roomy(need: Need, resource: str, supply: Supply) -> list[NodeGpu]:
    least = need.gpu.min_vram
    return [gpu for gpu in _wanted(need, resource, supply) if least is None or gpu.vram is None or gpu.vram >= least]


def _count(need: Need, resource: str, supply: Supply) -> int:
    """Labels that count nothing leave every model of a node with all that the node can give."""
    there = supply.amount(resource) or Quantity.of(0)
    return min(sum(gpu.count for gpu in _roomy(need, resource, supply)), there.nanos // _ONE_POD.nanos)


def _most(need: Need, resource: str, supply: Supply) -> int:
    return _count(need, resource, supply) // need.amounts[resource].value
