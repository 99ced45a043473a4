"""Volumes as a cluster with a driver gives them: whoever claims one gets a file system of that size, and it goes with the claim."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.e2e.node import NODE, Node

__all__ = ["ON_DEMAND", "provisioner"]

ON_DEMAND = "on-demand"
"""The class whose volumes are made when the first pod that mounts them has a node."""
_NAME = "e2e.aimcore.test/volumes"
_EVERY = 0.7
_SELECTED = "volume.kubernetes.io/selected-node"
_PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
_CLASSES = f"""\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: at-once
  annotations:
    storageclass.kubernetes.io/is-default-class: "true"
provisioner: {_NAME}
allowVolumeExpansion: true
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: {ON_DEMAND}
provisioner: {_NAME}
volumeBindingMode: WaitForFirstConsumer
"""


@contextlib.contextmanager
def provisioner(node: Node) -> Iterator[None]:
    """Two classes, one of them the default, and who makes their volumes. The first fault that it met is raised in the end."""
    node.kubectl("apply", "-f", "-", stdin=_CLASSES)
    over, faults = threading.Event(), list[Exception]()

    def serve() -> None:
        while not over.wait(_EVERY):
            try:
                _look(node)
            except (subprocess.SubprocessError, OSError) as error:
                faults.append(error)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=60)
    for fault in faults:
        raise fault


def _look(node: Node) -> None:
    """Make what is asked for, grow what asks to grow, and take away what nobody claims any more."""
    listed = json.loads(node.kubectl("get", "persistentvolumeclaims,persistentvolumes", "-A", "-o", "json"))["items"]
    volumes = {one["metadata"]["name"]: one for one in listed if one["kind"] == "PersistentVolume"}
    for one in listed:
        if one["kind"] == "PersistentVolumeClaim" and one["spec"].get("storageClassName") in ("at-once", ON_DEMAND):
            _serve(node, one, volumes)
    for name, one in volumes.items():
        if (
            one["metadata"].get("annotations", {}).get(_PROVISIONED_BY) == _NAME
            and one["status"]["phase"] == "Released"
        ):
            node.kubectl("delete", "persistentvolume", name, "--wait=false")
            _unmade(node, name)


def _serve(node: Node, claim: dict[str, Any], volumes: dict[str, Any]) -> None:
    meta, spec = claim["metadata"], claim["spec"]
    name, asked = f"pvc-{meta['uid']}", spec["resources"]["requests"]["storage"]
    waits = spec["storageClassName"] == ON_DEMAND and _SELECTED not in meta.get("annotations", {})
    if name not in volumes:
        if not waits and "deletionTimestamp" not in meta:
            _make(node, claim, name, asked)
    elif claim["status"].get("phase") == "Bound" and claim["status"]["capacity"]["storage"] != asked:
        _mounted(node, name, f"remount,size={_bytes(asked)}")
        told = {"status": {"capacity": {"storage": asked}, "conditions": None}}
        node.kubectl("patch", "pv", name, "--type=merge", "-p", json.dumps({"spec": {"capacity": {"storage": asked}}}))
        place = ("-n", meta["namespace"], "--subresource=status", "--type=merge")
        node.kubectl("patch", "pvc", meta["name"], *place, "-p", json.dumps(told))


def _make(node: Node, claim: dict[str, Any], name: str, size: str) -> None:
    meta, spec = claim["metadata"], claim["spec"]
    _mounted(node, name, f"size={_bytes(size)},mode=0755")
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE]}
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {_PROVISIONED_BY: _NAME}},
        "spec": {
            "capacity": {"storage": size},
            "accessModes": spec["accessModes"],
            "storageClassName": spec["storageClassName"],
            "persistentVolumeReclaimPolicy": "Delete",
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": meta["namespace"],
                "name": meta["name"],
                "uid": meta["uid"],
            },
            "local": {"path": str(_folder(node, name))},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        },
    }
    node.kubectl("apply", "-f", "-", stdin=json.dumps(volume))


def _folder(node: Node, name: str) -> Path:
    return node.folder / "volumes" / name


def _mounted(node: Node, name: str, options: str) -> None:
    """A file system in memory: it takes no more than it is filled with, and is full when it says so."""
    folder = _folder(node, name)
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "volume", str(folder)], check=True, timeout=20)


def _unmade(node: Node, name: str) -> None:
    folder = _folder(node, name)
    subprocess.run(["umount", "--lazy", str(folder)], check=False, timeout=20, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def _bytes(size: str) -> int:
    units = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
    return int(size[:-2]) * units[size[-2:]] if size[-2:] in units else int(size)
