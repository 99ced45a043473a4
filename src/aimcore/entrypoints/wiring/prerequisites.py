"""Whether what a cluster leans on is there: storage that can hold weights (CACHE-5), and registries that answer from where the caller is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from aimcore.adapters.egress import Deadline, Session
from aimcore.adapters.kubernetes.connection import Connection
from aimcore.domain.errors import ParseError
from aimcore.domain.kinds.config import ResolvedConfig
from aimcore.domain.values.image import parse_image
from aimcore.entrypoints.present.doctor import Check, State
from aimcore.entrypoints.settings import Registries
from aimcore.entrypoints.wiring.rules import rules_of
from aimcore.ports.errors import PortError

__all__ = ["judged", "registry_checks", "storage_check"]

CLASSES: Final = "/apis/storage.k8s.io/v1/storageclasses"
DEFAULT: Final = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
MANY: Final = "ReadWriteMany"
OF_ONE_NODE: Final = frozenset(
    {
        "rancher.io/local-path",
        "kubernetes.io/no-provisioner",
        "kubernetes.io/aws-ebs",
        "kubernetes.io/gce-pd",
        "kubernetes.io/azure-disk",
        "ebs.csi.aws.com",
        "pd.csi.storage.gke.io",
        "disk.csi.azure.com",
        "cinder.csi.openstack.org",
        "topolvm.io",
        "openebs.io/local",
        "microk8s.io/hostpath",
        "k8s.io/minikube-hostpath",
    }
)
"""Provisioners whose volumes with a file system no second node can write to."""
OF_MANY_NODES: Final = frozenset(
    {
        "efs.csi.aws.com",
        "fsx.csi.aws.com",
        "file.csi.azure.com",
        "filestore.csi.storage.gke.io",
        "nfs.csi.k8s.io",
        "driver.longhorn.io",
        "cephfs.csi.ceph.com",
        "rook-ceph.cephfs.csi.ceph.com",
        "weka.io",
        "csi.vastdata.com",
    }
)


def storage_check(connection: Connection, config: ResolvedConfig) -> Iterator[Check]:
    """Whether claims of caches will get a volume. Raises a `PortError` where classes may not be read."""
    mode = str(config.value("storage.accessMode") or MANY)
    said = config.value("storage.defaultStorageClassName")
    name = str(said) if said else None
    yield judged(connection.send("GET", CLASSES).get("items") or (), name=name, mode=mode)


def judged(classes: Iterable[Mapping[str, Any]], *, name: str | None, mode: str) -> Check:
    """What these classes are worth to claims of that class, None for the default one, and access mode."""
    listed = list(classes)
    there = {str(one["metadata"]["name"]): one for one in listed}
    if name is None:
        name = next((key for key, one in there.items() if _is_default(one)), None)
        if name is None:
            found = f"no class is the default one, of {', '.join(sorted(there)) or 'none'}"
            return _wrong(found, "name one: storage.defaultStorageClassName of the runtime config default")
    if name not in there:
        found = f"class {name} of the runtime config is not there, only {', '.join(sorted(there)) or 'none'}"
        return _wrong(found, "name one that is: storage.defaultStorageClassName of the runtime config default")
    provisioner = str(there[name].get("provisioner", ""))
    found = f"class {name} ({provisioner}), access mode {mode}"
    if mode == MANY and provisioner in OF_ONE_NODE:
        advice = "its volumes are of one node: set storage.accessMode: ReadWriteOnce in the runtime config default, or take another class"
        return _wrong(found, advice)
    if mode == MANY and provisioner not in OF_MANY_NODES:
        return Check(name="storage", state=State.UNKNOWN, found=f"{found}; whether it gives that is not known here")
    return Check(name="storage", state=State.OK, found=found)


def _is_default(one: Mapping[str, Any]) -> bool:
    annotations = one["metadata"].get("annotations") or {}
    return any(annotations.get(name) == "true" for name in DEFAULT)


def _wrong(found: str, advice: str) -> Check:
    return Check(name="storage", state=State.WRONG, found=found, advice=advice)


REGISTRIES_AT_MOST: Final = 8
SECONDS: Final = 10.0
ANSWER_AT_MOST: Final = 65_536
DOCKER: Final = {"docker.io": "registry-1.docker.io"}
"""Registries that are called otherwise than their host."""


def registry_checks(images: Iterable[str]) -> Iterator[Check]:
    """One check for each registry, of the first few."""
    hosts = sorted({host for image in images if (host := _host(image))})
    if not hosts:
        return
    rules = rules_of(Registries.of(os.environ))
    with Session(rules) as session:
        for host in hosts[:REGISTRIES_AT_MOST]:
            plain = host in rules.plain_http
            yield _asked(session, host, f"{'http' if plain else 'https'}://{DOCKER.get(host, host)}/v2/")
    left = len(hosts) - REGISTRIES_AT_MOST
    if left > 0:
        yield Check(name="registries", state=State.UNKNOWN, found=f"{left} more were not asked")


def _host(image: str) -> str:
    try:
        return parse_image(image).registry
    except ParseError:
        return ""


def _asked(session: Session, host: str, url: str) -> Check:
    name = f"registry {host}"
    try:
        answer = session.request("GET", url, at_most=ANSWER_AT_MOST, deadline=Deadline.after(SECONDS), follow=False)
    except PortError as error:
        advice = "look at names, routes and proxies from here; the operator asks from its own pod"
        return Check(name=name, state=State.WRONG, found=str(error), advice=advice)
    state = State.OK if answer.status in (200, 401, 403) else State.UNKNOWN
    return Check(name=name, state=state, found=f"answers with {answer.status}")
