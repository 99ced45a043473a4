"""A stranger's plug-in: labels of the images of one registry from a table of their own, in place of asking the registry."""

from __future__ import annotations

from aimcore import Cause, ImageReference, Inspect, Inspected, InspectionFailed, Unchanged, load, plan, resolve

DEPLOYMENTS = '[{"gpuModel": "MI300X", "gpuCount": 1, "metric": "latency", "precision": "fp8"}]'
TABLE = {
    "acme/chat:1": Inspected(digest=f"sha256:{'1' * 64}", labels={"com.amd.aim.model.deployments": DEPLOYMENTS}),
}


class AcmeImages:
    """An `aimcore.ImageSource`."""

    def handles(self, image: ImageReference) -> bool:
        """Only those of our own registry."""
        return image.registry == "registry.acme.test"

    def inspect(self, want: Inspect) -> Inspected | InspectionFailed:
        """What the table says."""
        found = TABLE.get(f"{want.image.repository}:{want.image.tag}")
        return found or InspectionFailed(cause=Cause.NOT_FOUND, message=f"the table has no {want.image}")

    def recheck(self, want: Inspect, held: str) -> Inspected | InspectionFailed | Unchanged:
        """Unchanged while the table has the same digest."""
        found = self.inspect(want)
        return Unchanged(digest=held) if isinstance(found, Inspected) and found.digest == held else found


if __name__ == "__main__":
    service = {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMService",
        "metadata": {"name": "chat", "namespace": "ml-team"},
        "spec": {"model": {"image": "registry.acme.test/acme/chat:1"}},
    }
    print(resolve(plan(load(service), images=AcmeImages()), "ml-team/chat").template)
