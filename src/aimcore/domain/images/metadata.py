"""What is known of an image: its model, its OCI facts, and the labels both were read from (KIND-10)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from aimcore.domain.values.profile import Metric, Precision

__all__ = ["Deployment", "ImageMetadata", "ModelMetadata", "OciMetadata", "is_no_gpu", "storable", "without_no_gpu"]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    r"""`text` as a status can hold it: NUL and lone surrogates, which cannot be written everywhere, become U+FFFD.

    Other control characters stay; escaping them is for whoever shows them.

    >>> storable("a\0b") == "a\ufffdb"
    True
    """
    if "\0" not in text:
        try:
            text.encode()
        except UnicodeEncodeError:
            pass
        else:
            return text
    return _UNSTORABLE.sub("\ufffd", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One way to run its model that an image recommends. `None` is what the image does not say.

    Neither GPU model nor count is CPU-only and legal.
    """

    gpu_model: str | None = None
    gpu_count: int | None = None
    metric: Metric | None = None
    precision: Precision | None = None
    profile_id: str | None = None
    description: str | None = None

    @property
    def gpus(self) -> int:
        """How many GPUs it takes: a GPU model without a count means one, neither means none (TMPL-1).

        >>> Deployment(gpu_model="MI300X").gpus, Deployment().gpus
        (1, 0)
        """
        if self.gpu_count is None:
            return 0 if self.gpu_model is None else 1
        return self.gpu_count

    @property
    def identity(self) -> tuple[str | None, int, Metric | None, Precision | None, str | None]:
        """What tells it from the others of its image (LABEL-4): all but the description, the GPU count as it counts.

        >>> Deployment(gpu_model="MI300X").identity == Deployment(gpu_model="MI300X", gpu_count=1).identity
        True
        """
        return self.gpu_model, self.gpus, self.metric, self.precision, self.profile_id


_NO_GPU = frozenset({"none", "cpu"})


@lru_cache(maxsize=1024)
def is_no_gpu(gpu_model: str | None) -> bool:
    """Whether this is a word for "no GPU", as image builders write it where their schema asks for a model (LABEL-3).

    >>> is_no_gpu("NONE"), is_no_gpu("MI300X"), is_no_gpu(None)
    (True, False, False)
    """
    return gpu_model is not None and gpu_model.strip().lower() in _NO_GPU


def without_no_gpu(deployment: Deployment) -> Deployment:
    """The deployment without a GPU model that says "no GPU", where it takes none; also of metadata given by hand."""
    named = is_no_gpu(deployment.gpu_model) and not deployment.gpu_count
    return replace(deployment, gpu_model=None) if named else deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMetadata:
    """What an image says of its model."""

    canonical_name: str | None = None
    source: str | None = None
    title: str | None = None
    description_full: str | None = None
    release_notes: str | None = None
    tags: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    hf_token_required: bool | None = None
    recommended_deployments: tuple[Deployment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OciMetadata:
    """What an image says of itself in the standard `org.opencontainers.image.` labels."""

    title: str | None = None
    description: str | None = None
    licenses: str | None = None
    vendor: str | None = None
    authors: str | None = None
    source: str | None = None
    documentation: str | None = None
    created: str | None = None
    revision: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMetadata:
    """What is known of an image; `original_labels` are (name, value) pairs in the order of their names."""

    model: ModelMetadata = ModelMetadata()
    oci: OciMetadata = OciMetadata()
    original_labels: tuple[tuple[str, str], ...] = ()
