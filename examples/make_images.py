"""Write the images of the examples as one OCI image layout: labels, no layers worth pulling, the same bytes every time.

    python examples/make_images.py [FOLDER]      (FOLDER is examples/quickstart/images if left out)

The images are made up and small, their labels are not: between them they show both prefixes (`com.amd.aim.` and the older
`org.amd.silogen.`), both keys (`model.deployments` and `model.recommendedDeployments`) and both spellings of their value
(JSON, and the Python literals that real images carry). Any tool reads the layout:

    skopeo inspect --config oci:examples/quickstart/images:ghcr.io/example/my-model:v1.0.0

Only the standard library is needed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

NEW = "com.amd.aim."
OLD = "org.amd.silogen."
CREATED = "2025-11-01T00:00:00Z"

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"

EMPTY_TAR = bytes(1024)  # two blocks of zeros end a tar file; without compression no zlib has a say in the bytes


def deployment(gpus: str, metric: str, precision: str, **more: Any) -> dict[str, Any]:
    """One way to run the model that an image recommends; `gpus` reads `2x MI300X`."""
    count, gpu = gpus.split("x ")
    return {"gpuModel": gpu, "gpuCount": int(count), "precision": precision, "metric": metric, **more}


def python_objects(deployments: list[dict[str, Any]]) -> str:
    """Objects side by side without a list around them, as Python prints them; a text with an apostrophe gets double quotes."""
    return ", ".join(map(repr, deployments))


def prefixed(prefix: str, labels: dict[str, str]) -> dict[str, str]:
    """The labels under their prefix."""
    return {prefix + key: value for key, value in labels.items()}


# The older prefix, and deployments as Python literals, one text holding an apostrophe. MI325X is there to be passed over
# where a cluster has none.
LLAMA_SILOGEN = prefixed(
    OLD,
    {
        "title": "Llama 3.1 8B Instruct",
        "description.full": "An instruction-tuned language model of eight billion parameters for dialogue in several languages.",
        "release.notes": "",
        "hfToken.required": "True",
        "model.canonicalName": "meta-llama/Llama-3.1-8B-Instruct",
        "model.source": "https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct",
        "model.tags": "text-generation, chat, instruction",
        "model.versions": "0.7.0",
        "model.variants": "meta-llama/Llama-3.1-8B-Instruct, amd/Llama-3.1-8B-Instruct-FP8-KV",
        "model.recommendedDeployments": python_objects(
            [
                deployment("1x MI325X", "latency", "fp8", description="Lowest latency on MI325X"),
                deployment("1x MI300X", "latency", "fp8", description="The vendor's choice for low latency on MI300X"),
                deployment("1x MI300X", "throughput", "fp8", description="Highest throughput on MI300X"),
            ]
        ),
    },
)

# The newer prefix, and deployments as a JSON list.
LLAMA_EXAMPLE = prefixed(
    NEW,
    {
        "title": "Llama 3.1 8B Instruct",
        "hfToken.required": "true",
        "model.canonicalName": "meta-llama/Llama-3.1-8B-Instruct",
        "model.source": "https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct",
        "model.tags": "text-generation,chat",
        "model.versions": "v1.1.0,v1.2.0",
        "model.recommendedDeployments": json.dumps(
            [
                deployment("1x MI300X", "latency", "fp16", profileId="vllm-mi300x-fp16-tp1-latency"),
                deployment("2x MI300X", "throughput", "fp16", profileId="vllm-mi300x-fp16-tp2-throughput"),
            ]
        ),
    },
)

# Both prefixes at once: an empty label counts as absent, so the older prefix speaks. One object, without a list.
LLAMA_DEV = {
    **prefixed(NEW, {"model.canonicalName": "ml-team/llama-dev", "model.deployments": ""}),
    **prefixed(
        OLD,
        {
            "model.canonicalName": "ml-team/llama",
            "model.deployments": json.dumps(deployment("1x MI300X", "latency", "bf16")),
        },
    ),
}

# A list of Python literals under the shorter key; None is what was left out.
PROPRIETARY = prefixed(
    OLD,
    {
        "title": "A model of our own",
        "hfToken.required": "False",
        "model.canonicalName": "ml-team/proprietary",
        "model.deployments": repr(
            [
                deployment("4x MI300X", "latency", "bf16", profileId=None, description="The team's default"),
                deployment("8x MI300X", "throughput", "bf16", profileId=None, description=None),
            ]
        ),
    },
)

# JSON objects side by side, without a list around them.
MY_MODEL = prefixed(
    NEW,
    {
        "model.canonicalName": "example/my-model",
        "model.tags": "text-generation",
        "model.deployments": ", ".join(
            map(json.dumps, [deployment("1x MI300X", "latency", "fp8"), deployment("1x MI300X", "throughput", "fp8")])
        ),
    },
)

# What no node of examples/cluster can run.
LLAMA_405B = prefixed(
    NEW,
    {
        "title": "Llama 3.1 405B Instruct",
        "hfToken.required": "true",
        "model.canonicalName": "meta-llama/Llama-3.1-405B-Instruct",
        "model.recommendedDeployments": json.dumps(
            [
                deployment("8x MI355X", "latency", "fp4"),
                deployment("8x MI325X", "throughput", "fp8"),
            ]
        ),
    },
)

# reference -> its labels, and the platforms it is built for (one: a manifest; several: an index of manifests)
IMAGES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "ghcr.io/silogen/aim-meta-llama-llama-3-1-8b-instruct:0.7.0": (LLAMA_SILOGEN, ("amd64",)),
    "ghcr.io/example/llama-3.1-8b-instruct:v1.2.0": (LLAMA_EXAMPLE, ("arm64", "amd64")),
    "ghcr.io/example/llama-3.1-405b-instruct:v1.0.0": (LLAMA_405B, ("amd64",)),
    "ghcr.io/example/my-model:v1.0.0": (MY_MODEL, ("amd64",)),
    "ghcr.io/ml-team/llama-dev:latest": (LLAMA_DEV, ("amd64",)),
    "private.registry/models/proprietary:v1": (PROPRIETARY, ("amd64",)),
}


def text(document: Any) -> bytes:
    """JSON as everybody writes it for a blob: one spelling for one value."""
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


class Layout:
    """An OCI image layout in the making."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"oci-layout": text({"imageLayoutVersion": "1.0.0"})}

    def blob(self, media_type: str, content: bytes) -> dict[str, Any]:
        """File the content under its digest; the descriptor that points to it."""
        digits = hashlib.sha256(content).hexdigest()
        self.files[f"blobs/sha256/{digits}"] = content
        return {"mediaType": media_type, "digest": f"sha256:{digits}", "size": len(content)}

    def image(self, reference: str, labels: dict[str, str], architecture: str) -> dict[str, Any]:
        """A manifest with a config that holds the labels, and one layer with nothing in it."""
        layer = self.blob(LAYER, EMPTY_TAR)
        name, _, version = reference.rpartition(":")
        standard = {
            "title": name.rpartition("/")[2],
            "version": version,
            "created": CREATED,
            "vendor": name.split("/")[1],
        }
        config = {
            "created": CREATED,
            "architecture": architecture,
            "os": "linux",
            "config": {
                "Entrypoint": ["/usr/bin/serve"],
                "ExposedPorts": {"8000/tcp": {}},
                "Labels": {**prefixed("org.opencontainers.image.", standard), **labels},
            },
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
            "history": [{"created": CREATED, "created_by": "examples/make_images.py", "comment": "no files"}],
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.blob(CONFIG, text(config)),
            "layers": [layer],
        }
        return self.blob(MANIFEST, text(manifest))

    def named(self, reference: str, labels: dict[str, str], architectures: tuple[str, ...]) -> dict[str, Any]:
        """The descriptor of a reference: an image, or an index of images where it is built for several platforms."""
        images = [(each, self.image(reference, labels, each)) for each in architectures]
        if len(images) == 1:
            return images[0][1]
        children = [{**image, "platform": {"os": "linux", "architecture": each}} for each, image in images]
        return self.blob(INDEX, text({"schemaVersion": 2, "mediaType": INDEX, "manifests": children}))


def layout_files() -> dict[str, bytes]:
    """Every file of the layout, by its path within it."""
    layout = Layout()
    entries = [
        {
            **layout.named(reference, labels, architectures),
            "annotations": {"org.opencontainers.image.ref.name": reference},
        }
        for reference, (labels, architectures) in IMAGES.items()
    ]
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}, indent=2) + "\n"
    return {**layout.files, "index.json": index.encode()}


def main(arguments: list[str]) -> None:
    """Write the layout, and nothing but it, into its folder."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent / "quickstart" / "images"
    shutil.rmtree(folder / "blobs", ignore_errors=True)
    files = layout_files()
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    print(f"{len(IMAGES)} images in {folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
