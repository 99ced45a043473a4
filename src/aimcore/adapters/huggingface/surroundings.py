"""What huggingface_hub and Xet keep for themselves goes to the volume, and nothing of this machine is read (FETCH-3, SEC-2)."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["prepare"]


def prepare(folder: Path) -> None:
    """Keep what huggingface_hub and Xet write for themselves below that folder; to be called before the first import."""
    os.environ.update(
        {
            "HF_HOME": str(folder),
            "HF_XET_CACHE": str(folder / "xet"),
            "HF_XET_CHUNK_CACHE_SIZE_BYTES": "0",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }
    )
