"""What storage classes are worth to the claims of caches."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.entrypoints.present.doctor import State
from aimcore.entrypoints.wiring.prerequisites import judged


def named(name: str, provisioner: str, *, default: bool = False) -> dict[str, Any]:
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return {"metadata": {"name": name, "annotations": annotations}, "provisioner": provisioner}


LOCAL = named("local", "rancher.io/local-path", default=True)
NFS = named("nfs", "nfs.csi.k8s.io")
OTHER = named("other", "example.com/other")


@pytest.mark.rule("CACHE-5")
@pytest.mark.parametrize(
    ("classes", "name", "mode", "state", "says"),
    [
        pytest.param([], None, "ReadWriteMany", State.WRONG, "no class is the default one, of none", id="no classes"),
        pytest.param([NFS], None, "ReadWriteMany", State.WRONG, "of nfs", id="no default class"),
        pytest.param(
            [LOCAL], "nfs", "ReadWriteMany", State.WRONG, "is not there, only local", id="one that is not there"
        ),
        pytest.param([LOCAL], None, "ReadWriteMany", State.WRONG, "class local", id="one node only"),
        pytest.param([LOCAL], None, "ReadWriteOnce", State.OK, "class local", id="one node is enough"),
        pytest.param([LOCAL, NFS], "nfs", "ReadWriteMany", State.OK, "class nfs", id="many nodes"),
        pytest.param([OTHER], "other", "ReadWriteMany", State.UNKNOWN, "is not known here", id="nobody knows"),
    ],
)
def test_a_class_is_judged_by_what_caches_want(
    classes: list[dict[str, Any]], name: str | None, mode: str, state: State, says: str
) -> None:
    check = judged(classes, name=name, mode=mode)
    assert check.state is state
    assert says in check.found
    assert bool(check.advice) == (state is State.WRONG)
