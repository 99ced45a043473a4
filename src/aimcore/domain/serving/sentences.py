"""What Kubernetes writes about pods, cut to the part that stays, and what a person can do about it.

Matched are short parts alone: the wording around them moves between versions of Kubernetes, containerd and registries.
"""

from __future__ import annotations

import re
from typing import Final

from aimcore.domain.serving.masking import masked

__all__ = [
    "config_sentence",
    "is_passing_pull",
    "is_quota",
    "pull_sentence",
    "refusal_sentence",
    "unschedulable_sentence",
]

Advice = tuple[tuple[str, str], ...]
"""A part of a message, and what to do where it occurs; the first that occurs counts."""


def _advised(text: str, advice: Advice) -> str:
    found = next((what for part, what in advice if part in text), None)
    return text if found is None else f"{text}; {found}"


# Pods that are not placed ---------------------------------------------------------------------------------------------

_TAIL = re.compile(r"\.? no new claims to deallocate|\.? preemption: ")
_VOLUMES: Final[Advice] = (
    ("being deleted", "wait until the claim is gone, or name another"),
    ("persistentvolumeclaim", "create the claim, or name another"),
    ("unbound immediate PersistentVolumeClaims", "look at the events of the claim: no volume was given to it"),
    ("ReadWriteOncePod", "another pod uses the volume; take ReadWriteMany, or wait until that pod has ended"),
    ("PersistentVolume's node affinity", "its volume is on another node; take ReadWriteMany, or free that node"),
    ("pod affinity rules", "its volume is ReadWriteOnce and on another node; take ReadWriteMany, or free that node"),
)
_BUSY: Final[Advice] = (("Insufficient", "what fits is taken; free it, add a node, or ask for less in resources"),)
_TOO_BIG: Final[Advice] = (("Insufficient", "no node is big enough; ask for less in resources, or add a node"),)
_NODES: Final[Advice] = (
    ("node affinity/selector", "no node is what template, pod.nodeSelector and pod.affinity ask for"),
    ("were unschedulable", "the nodes are cordoned; uncordon one"),
    ("untolerated taint", "set pod.tolerations"),
)
"""Where nodes fall short in several ways, those that only lack room matter most: most clusters have tainted ones too."""


def unschedulable_sentence(message: str) -> str:
    """Why a pod is not placed, without what the scheduler thought of preemption.

    >>> unschedulable_sentence("0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 ...")
    '0/1 nodes are available: 1 Insufficient cpu; what fits is taken; free it, add a node, or ask for less in resources'
    """
    why = _TAIL.split(message, maxsplit=1)[0].strip().removesuffix(".").removesuffix(". not found")
    nowhere = "Preemption is not helpful" in message and "No preemption victims" not in message
    return _advised(masked(why), (*_VOLUMES, *(_TOO_BIG if nowhere else _BUSY), *_NODES))


# Pods that are refused ------------------------------------------------------------------------------------------------

_POD_NAME = re.compile(r"^(?:Error creating: )?pods \"[^\"]*\" is forbidden: ")
_REFUSALS: Final[Advice] = (
    ("exceeded quota", "raise the quota, or ask for less in resources"),
    ("failed quota", "set resources, as the quota asks for them"),
    (
        "violates PodSecurity",
        "set pod.containerSecurityContext: {runAsNonRoot: true, runAsUser: ..., capabilities: {drop: [ALL]}}",
    ),
    ("usage per Container", "set resources within the LimitRange of the namespace"),
    ("usage per Pod", "set resources within the LimitRange of the namespace"),
    ("error looking up service account", "create the account, or set serviceAccountName"),
    ("no PriorityClass", "create it, or set pod.priorityClassName"),
    ("RuntimeClass", "create it, or set pod.runtimeClassName"),
)


def refusal_sentence(message: str) -> str:
    """Why the server makes no pod, without the random name of the first that it refused."""
    return _advised(masked(_POD_NAME.sub("", message)), _REFUSALS)


def is_quota(message: str) -> bool:
    """Whether a quota that is used up refuses the pod, so that one pod less makes room."""
    return "exceeded quota" in message


# Images ---------------------------------------------------------------------------------------------------------------

_PULL_PREFIX = re.compile(
    r"^Back-off pulling image \"[^\"]*\": (?:ErrImagePull: )?|^rpc error: code = [A-Za-z]+ desc = "
)
_PASSING = re.compile(r"429 Too Many|: 5[0-9][0-9] |[Tt]imeout|deadline exceeded|connection reset|\bEOF")
_SECRETS: Final = "check that imagePullSecrets name a secret that this registry takes"
_PULLS: Final[Advice] = (
    ("no basic auth credentials", _SECRETS),
    ("failed to authorize", _SECRETS),
    ("authorization failed", _SECRETS),
    ("401 Unauthorized", _SECRETS),
    ("403 Forbidden", _SECRETS),
    (": not found", "the registry has no such image; check its name and tag"),
    (
        "HTTP response to HTTPS client",
        "the registry speaks plain HTTP; the container runtime of the nodes has to allow it",
    ),
    ("no such host", "the nodes cannot find the registry; check its name"),
    ("connection refused", "the nodes cannot reach the registry"),
    ("pull policy of Never", "load the image onto the nodes"),
)


def pull_sentence(message: str) -> str:
    """Why an image is not pulled: one text for both spellings between which the kubelet changes for ever.

    >>> pull_sentence('Back-off pulling image "a/b:1": ErrImagePull: failed to resolve image: a/b:1: not found')
    'failed to resolve image: a/b:1: not found; the registry has no such image; check its name and tag'
    """
    text = _PULL_PREFIX.sub("", _PULL_PREFIX.sub("", message))
    return _advised(masked(text), _PULLS)


def is_passing_pull(message: str) -> bool:
    """Whether the registry only has a bad moment: rate limits, its own faults, timeouts."""
    return _PASSING.search(message) is not None


# Containers that cannot be configured ---------------------------------------------------------------------------------

_CONFIGS: Final[Advice] = (
    ("couldn't find key", "add the key, or change env"),
    ("secret ", "create the secret in this namespace, or change env"),
    ("configmap ", "create the config map in this namespace, or change env"),
    ("runAsNonRoot", "set pod.containerSecurityContext.runAsUser, or allow root"),
    ("no such file or directory", "check the model's image: it is not an AIM image"),
)


def config_sentence(message: str) -> str:
    """Why a container cannot be made, and what to change."""
    return _advised(masked(message), _CONFIGS)
