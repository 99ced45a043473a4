"""The Job that fills a claim, or looks at one: `aimcore download` with its plan in a file (CACHE-6, CACHE-9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aimcore.domain.caching.content import Content, check_name, job_name, sources_digest
from aimcore.domain.caching.env import SourceEnv, job_env
from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.naming import label_value
from aimcore.domain.kinds.ownership import CLAIM_LABEL, CONTENT_LABEL, MANAGED_BY, MANAGER, Owner
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import GROUP, Key, Kind
from aimcore.domain.kinds.workload import ExistingClaim, PodSettings
from aimcore.domain.serving.bodies import Body, said
from aimcore.domain.serving.placement import placement
from aimcore.domain.weights.fetchplan import FetchRequest, FetchSource, request_text
from aimcore.domain.weights.outcome import FetchExit

__all__ = [
    "ATTEMPT",
    "AUTHORITIES",
    "CONTAINER",
    "IDS",
    "TRIED_WITH",
    "JobVolume",
    "JobWanted",
    "job_of",
    "job_place",
    "job_pod",
    "volume_filled",
    "volume_looked_at",
]

CONTAINER: Final = "download"
PLAN: Final = f"{GROUP}/plan"
"""The annotation of the Job's pod that has the plan; a volume shows it to the program as a file."""
AUTHORITIES: Final = f"{GROUP}/authorities"
"""The annotation of the Job's pod that has the certificates of a setting; the volume of the plan shows them, too."""
TRIED_WITH: Final = f"{GROUP}/tried-with"
"""The annotation of a Job that tells which secrets and which `retry` it was made with."""
ATTEMPT: Final = f"{GROUP}/attempt"

IDS: Final = 65532
"""The user and group that Jobs run as."""
_TTL: Final = 3600
_BACKOFF_LIMIT: Final = 6
_ENDS_THE_JOB: Final = [int(FetchExit.PERMANENT), int(FetchExit.DISK_FULL), int(FetchExit.CHECKSUM)]
_WEIGHTS, _PLAN_AT, _PLAN_FILE, _CA_FILE = "/weights", "/plan", "plan.json", "ca.pem"
_RESOURCES: Final = {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobVolume:
    """The claim that a Job works on, and a digest of the `content` that is to be on it; `size` is what it asks for.

    One that is `looked_at` is somebody else's: the Job reads the folder `sub_path` of it and writes nothing (CACHE-6).
    """

    key: Key
    content: str
    uid: str = ""
    size: str = ""
    bound: bool = True
    looked_at: bool = False
    sub_path: str | None = None

    @property
    def label(self) -> str:
        """What the label of its Jobs says."""
        return label_value(self.key.name)

    def job(self, attempt: int) -> str:
        """The name of that attempt."""
        if self.looked_at:
            return check_name(self.key.name, self.sub_path, self.content, attempt)
        return job_name(self.key.name, self.uid, attempt)


def volume_filled(claim: Child, *, size: str = "", bound: bool = True) -> JobVolume:
    """A claim of ours that is to be filled; `bound` tells that it has its volume."""
    content = claim.meta.labels.get(CONTENT_LABEL, "")
    return JobVolume(key=claim.key, uid=claim.meta.uid, content=content, size=size, bound=bound)


def volume_looked_at(namespace: str, existing: ExistingClaim, content: Content) -> JobVolume:
    """A claim that somebody else filled."""
    key = Key(Kind.CLAIM, namespace, existing.name)
    return JobVolume(key=key, content=sources_digest(content), looked_at=True, sub_path=existing.sub_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWanted:
    """An attempt to fill a claim, or to look at one.

    `env` has, for each source of `content`, what it is read with. `nodes` is where the template may run: a volume of one node
    must come to be there (None: anywhere). `settings` are the pod settings, of which a Job takes those that place it.
    `ids` is off where a cluster gives user ids of its own. `hosts` are variables that say which hosts are spoken to, and how, `authorities` certificates that are trusted beside those of
    the public.
    """

    volume: JobVolume
    content: Content
    env: tuple[SourceEnv, ...]
    attempt: int
    tried_with: str
    image: str
    nodes: tuple[NodeLabel, ...] | None = None
    settings: PodSettings = PodSettings()
    pull_secrets: tuple[str, ...] = ()
    account: str | None = None
    ids: bool = True
    hosts: tuple[tuple[str, str], ...] = ()
    authorities: str = ""


def job_of(wanted: JobWanted, owner: Owner) -> Child:
    """The Job, owned by the cache that makes it."""
    volume = wanted.volume
    labels = {MANAGED_BY: MANAGER, CLAIM_LABEL: volume.label}
    return Child(
        key=Key(Kind.JOB, volume.key.namespace, volume.job(wanted.attempt)),
        meta=Meta(
            labels=labels,
            annotations={ATTEMPT: str(wanted.attempt), TRIED_WITH: wanted.tried_with},
            owners=(owner,),
        ),
        spec={
            "backoffLimit": _BACKOFF_LIMIT,
            "ttlSecondsAfterFinished": _TTL,
            "podFailurePolicy": {"rules": _rules()},
            "template": {
                "metadata": {"labels": labels, "annotations": _annotations(wanted)},
                "spec": _pod(wanted),
            },
        },
    )


def _rules() -> list[Body]:
    """What somebody has to mend ends the Job at once; a pod that was evicted does not count."""
    codes = {"containerName": CONTAINER, "operator": "In", "values": _ENDS_THE_JOB}
    disrupted = {"type": "DisruptionTarget", "status": "True"}
    return [{"action": "FailJob", "onExitCodes": codes}, {"action": "Ignore", "onPodConditions": [disrupted]}]


def _annotations(wanted: JobWanted) -> dict[str, str]:
    authorities = {AUTHORITIES: wanted.authorities} if wanted.authorities else {}
    return {PLAN: _plan(wanted), **authorities}


def _plan(wanted: JobWanted) -> str:
    names = job_env(wanted.env).names
    sources = tuple(
        FetchSource(model_id=one.model_id, uri=one.uri, files=wanted.content.files, env=pairs)
        for one, pairs in zip(wanted.content.sources, names, strict=True)
    )
    return request_text(FetchRequest(target=_WEIGHTS, sources=sources, content=wanted.volume.content))


def _pod(wanted: JobWanted) -> Body:
    ids: Body = {"runAsUser": IDS, "runAsGroup": IDS}
    if not wanted.volume.looked_at:  # for the kubelet writes to give a volume its group
        ids |= {"fsGroup": IDS, "fsGroupChangePolicy": "OnRootMismatch"}
    place = job_place(wanted.nodes, wanted.settings, account=wanted.account, pull_secrets=wanted.pull_secrets)
    volumes = _volumes(wanted)
    return {**place, **job_pod(ids if wanted.ids else {}, _container(wanted), volumes)}


def job_place(
    nodes: tuple[NodeLabel, ...] | None, settings: PodSettings, *, account: str | None, pull_secrets: tuple[str, ...]
) -> Body:
    """Where the pod of a Job goes, and in whose name; `nodes` as of a serving pod."""
    secrets = _named(pull_secrets) or None
    return {
        **placement(nodes, _placing(settings)).fields,
        **said({"serviceAccountName": account, "imagePullSecrets": secrets}),
    }


def job_pod(ids: Body, container: Body, volumes: list[Body]) -> Body:
    """The pod of a Job, which meets Pod Security `restricted`; `ids` are those it runs with, empty where a cluster gives its own."""
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}, **ids},
        "containers": [container],
        "volumes": volumes,
    }


def _placing(settings: PodSettings) -> PodSettings:
    """Of pod settings what a Job takes: those that say where and when its pods are placed (RUN-8)."""
    return PodSettings(
        tolerations=settings.tolerations,
        node_selector=settings.node_selector,
        priority_class_name=settings.priority_class_name,
        scheduler_name=settings.scheduler_name,
    )


def _named(names: Iterable[str]) -> list[Body]:
    """References to these secrets, each once."""
    return [{"name": name} for name in dict.fromkeys(names)]


def _container(wanted: JobWanted) -> Body:
    return {
        "name": CONTAINER,
        "image": wanted.image,
        "args": ["download", "--plan", f"{_PLAN_AT}/{_PLAN_FILE}", *(("--check",) if wanted.volume.looked_at else ())],
        "env": [*_environment(wanted), *job_env(wanted.env).body],
        "resources": _RESOURCES,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            _mount(wanted.volume),
            {"name": "plan", "mountPath": _PLAN_AT, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - likewise
        ],
    }


def _environment(wanted: JobWanted) -> list[Body]:
    said_of_all = (("HOME", "/tmp"), *wanted.hosts)  # noqa: S108 - a path in the container
    if wanted.authorities:
        said_of_all = (*said_of_all, ("AIM_CA_FILE", f"{_PLAN_AT}/{_CA_FILE}"))
    return [{"name": name, "value": value} for name, value in said_of_all]


def _mount(volume: JobVolume) -> Body:
    read_only = {"readOnly": True, **said({"subPath": volume.sub_path})} if volume.looked_at else {}
    return {"name": "weights", "mountPath": _WEIGHTS, **read_only}


def _volumes(wanted: JobWanted) -> list[Body]:
    shown = [(_PLAN_FILE, PLAN), *([(_CA_FILE, AUTHORITIES)] if wanted.authorities else [])]
    items = [
        {"path": path, "fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.annotations['{annotation}']"}}
        for path, annotation in shown
    ]
    return [
        {"name": "weights", "persistentVolumeClaim": {"claimName": wanted.volume.key.name}},
        {"name": "plan", "downwardAPI": {"items": items}},
        {"name": "tmp", "emptyDir": {}},
    ]
