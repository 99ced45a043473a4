"""What a scenario wants to happen: the fate of each pod, claim and route by the name of the object that it comes of.

Names are glob patterns; the rule that was added last and fits counts. Without a rule everything succeeds at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, TypeVar

from aimcore.adapters.memory.controllers.fates import Fate, ends, runs
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.ports.errors import AccessDenied

__all__ = ["ClaimFate", "GatewayAnswer", "Script"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFate:
    """What becomes of a claim: bound after so many seconds, or never (None); until then an event says why, if anything.

    With `grows` its class lets it ask for more; the volume is bigger when the claim is `grown_after` seconds old.
    """

    bound_after: int | None = 0
    grows: bool = False
    grown_after: int = 0
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAnswer:
    """What a gateway says of a route: nothing yet (`silent`), or whether it accepts it and finds what it refers to."""

    silent: bool = False
    accepted: bool = True
    resolved: bool = True
    reason: str = ""
    message: str = ""


T = TypeVar("T")

_BOUND: Final = ClaimFate()
_ACCEPTS: Final = GatewayAnswer()
_SERVES: Final = (runs(),)
_COMPLETES: Final = (ends(0),)


@dataclass(slots=True, kw_only=True)
class Script:
    """The rules of a scenario; they may be changed at any time, and count for what is made from then on.

    `grace` is the time in seconds that a deleted pod takes to end. With `at_once` a pod that is ready is available, whatever
    `minReadySeconds` says. Without `strangers` only workloads that the operator made come to life.

    >>> script = Script()
    >>> script.pods("get-*", ends(1), ends(1), ends(28, message="disk full"))
    >>> [script.fate(Address("Job", "ml", "get-1"), made)(0).ended.exit_code for made in range(4)]
    [1, 1, 28, 28]
    """

    grace: int = 0
    at_once: bool = True
    strangers: bool = True
    node: str = "node-1"
    _pods: dict[str, tuple[Fate, ...]] = field(default_factory=dict)
    _refusals: dict[str, str] = field(default_factory=dict)
    _claims: dict[str, ClaimFate] = field(default_factory=dict)
    _gateways: dict[str, GatewayAnswer] = field(default_factory=dict)
    _forbidden: dict[str, str] = field(default_factory=dict)
    _logs: dict[str, Callable[[int], str]] = field(default_factory=dict)
    _dry_runs: dict[str, str] = field(default_factory=dict)

    @classmethod
    def without_logs(cls) -> Script:
        """For a cluster whose pods write nothing: a dry run of an image does not end there, and all else of the operator
        succeeds at once. What others bring along stands there as it was written, however incomplete, and does nothing.
        """
        script = cls(strangers=False)
        script.pods("discover-*", runs())
        return script

    # --- said by a scenario ---

    def pods(self, owner: str, *fates: Fate) -> None:
        """The pods of a Deployment or Job of that name: the first has the first fate, and the last goes on for all later ones."""
        self._pods = {**{name: old for name, old in self._pods.items() if name != owner}, owner: fates}

    def refuse(self, owner: str, message: str) -> None:
        """No pod of a Deployment or Job of that name is let in: a quota, a LimitRange, Pod Security. `message` begins after
        `pods "…" is forbidden: `.
        """
        self._refusals[owner] = message

    def allow(self, owner: str) -> None:
        """Takes back what `refuse` and `forbid` said of this pattern."""
        self._refusals.pop(owner, None)
        self._forbidden.pop(owner, None)

    def log(self, owner: str, *lines: str, every: int = 0) -> None:
        """What each pod of a Deployment or Job of that name writes: all lines at once, or one `every` so many seconds."""

        def written(age: int) -> str:
            count = len(lines) if not every else age // every
            return "".join(f"{line}\n" for line in lines[:count])

        self._logs = {**{name: old for name, old in self._logs.items() if name != owner}, owner: written}

    def dry_run(self, image: str, text: str) -> None:
        """What containers of that image write, where `log` says nothing of their owner: its answer to a dry run."""
        self._dry_runs[image] = text

    def claim(self, name: str, fate: ClaimFate) -> None:
        """What becomes of claims of that name."""
        self._claims = {**{old: one for old, one in self._claims.items() if old != name}, name: fate}

    def forbid(self, name: str, message: str) -> None:
        """The server refuses to make a claim of that name; the store must be made with `admit`."""
        self._forbidden[name] = message

    def gateway(self, name: str, answer: GatewayAnswer) -> None:
        """What a gateway of that name says of every route that names it as a parent."""
        self._gateways = {**{old: one for old, one in self._gateways.items() if old != name}, name: answer}

    # --- asked by the controllers ---

    def fate(self, owner: Address, made: int) -> Fate:
        """The fate of the pod of this owner before which so many were made."""
        fates = _found(self._pods, owner.name) or (_COMPLETES if owner.kind == "Job" else _SERVES)
        return fates[min(made, len(fates) - 1)]

    def written(self, pod: Manifest, age: int) -> str:
        """What a pod has written at that age; it is called after its owner."""
        told = _found({f"{name}-*": one for name, one in self._logs.items()}, pod["metadata"]["name"])
        images = [one.get("image", "") for one in pod["spec"].get("containers", ())]
        return told(age) if told else "".join(self._dry_runs.get(image, "") for image in images)

    def refusal(self, owner: Address) -> str | None:
        """Why no pod of this owner is let in."""
        refusal: str | None = _found(self._refusals, owner.name)
        return refusal

    def claim_fate(self, name: str) -> ClaimFate:
        """What becomes of that claim."""
        return _found(self._claims, name) or _BOUND

    def answer(self, gateway: str) -> GatewayAnswer:
        """What that gateway says."""
        return _found(self._gateways, gateway) or _ACCEPTS

    def admit(self, old: Manifest | None, new: Manifest) -> None:
        """For `MemoryStore(admit=…)`: raises `AccessDenied` for a claim that is forbidden, or that may not grow."""
        if new["kind"] != "PersistentVolumeClaim":
            return
        name = new["metadata"]["name"]
        message = _found(self._forbidden, name) if old is None else None
        if old is not None and _asked(new) != _asked(old) and not self.claim_fate(name).grows:
            message = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
        if message is not None:
            raise AccessDenied(f'persistentvolumeclaims "{name}" is forbidden: {message}')


def _asked(claim: Manifest) -> object:
    return ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage")


def _found(rules: Mapping[str, T], name: str) -> T | None:
    return next((rule for pattern, rule in reversed(list(rules.items())) if fnmatchcase(name, pattern)), None)
