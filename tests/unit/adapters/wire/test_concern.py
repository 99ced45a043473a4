"""Kinds of ours under another group or version are told of, and other people's kinds are not."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters import wire

OURS = "aim.silogen.ai/v1alpha1"


@pytest.mark.rule("KIND-1")
@pytest.mark.parametrize(
    ("version", "kind", "message"),
    [
        *(
            pytest.param(
                version,
                "AIMService",
                f"AIMService is known under {OURS} and left out under '{version}'; write apiVersion: {OURS}",
                id=f"under {version}",
            )
            for version in (
                "aim.silogen.io/v1alpha1",
                "aim.silogen.a/v1alpha1",
                "aims.silogen.ai/v1alpha1",
                "silogen.ai/v1alpha1",
                "serving.example.com/v1",
                "v1",
                "v1alpha1",
            )
        ),
        *(
            pytest.param(
                version,
                kind,
                f"AIMService is known under {OURS} and left out under '{version}'; rewrite it by aimcore convert",
                id=f"{kind} of the Go operator, under {version}",
            )
            for version in ("aim.eai.amd.com/v1alpha1", "aim.eai.amd.com/v1")
            for kind in ("AIMService", "aimService")
        ),
        pytest.param(
            "aim.silogen.io/v1alpha1",
            "aimClusterModel",
            f"AIMClusterModel is known under {OURS} and left out under 'aim.silogen.io/v1alpha1'; "
            f"write apiVersion: {OURS} and kind: AIMClusterModel",
            id="in other letters too",
        ),
        *(
            pytest.param(
                version,
                "AIMArtifact",
                f"'AIMArtifact' of '{version}' is left out: {OURS} has no such kind; expected one of AIMModel, "
                "AIMClusterModel, AIMServiceTemplate, AIMClusterServiceTemplate, AIMService, AIMRuntimeConfig, "
                "AIMClusterRuntimeConfig, AIMTemplateCache",
                id=f"a kind that is nobody's, under {version}",
            )
            for version in ("aim.eai.amd.com/v1alpha1", "aim.silogen.io/v1")
        ),
    ],
)
def test_it_looks_like_ours(version: str, kind: str, message: str) -> None:
    fault = wire.elsewhere({"apiVersion": version, "kind": kind})
    assert fault is not None
    assert (fault.message, fault.rule, fault.warning) == (message, "KIND-1", True)


@pytest.mark.rule("KIND-1")
@pytest.mark.parametrize(
    ("version", "kind"),
    [
        pytest.param(OURS, "AIMService", id="ours"),
        pytest.param("aim.silogen.ai/v2", "AIMService", id="another version of our group, an error already"),
        pytest.param("apps/v1", "Deployment", id="of Kubernetes"),
        pytest.param("v1", "Secret", id="of its core"),
        pytest.param("serving.kserve.io/v1beta1", "InferenceService", id="of another project"),
        pytest.param("a" * 300 + "/v1", "Thing", id="a group that is too long"),
        pytest.param(None, "AIMService", id="no version"),
        pytest.param("v1", 5, id="no kind"),
    ],
)
def test_it_does_not(version: Any, kind: Any) -> None:
    assert wire.elsewhere({"apiVersion": version, "kind": kind}) is None
