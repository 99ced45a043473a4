"""What is read of the hub's surroundings: the environment of a source, and nothing of this machine (SIZE-1, FETCH-3, SEC-2).

A value may come from a secret, and the wrong one at that, so no message here repeats one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aimcore.adapters.egress import EgressError
from aimcore.adapters.egress.origins import parse_url
from aimcore.adapters.huggingface.refusals import HubError
from aimcore.domain.weights.probing import ProbeCause

__all__ = ["Settings", "parse_settings", "prepare"]

_HUB: Final = "https://huggingface.co"
_SENDABLE: Final = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the hub is, without a slash at the end; whom to ask as, nobody in particular where `token` is empty (SEC-1)."""

    endpoint: str
    token: str = field(repr=False)


def parse_settings(environment: Mapping[str, str]) -> Settings:
    """The settings, or a `HubError` that says which variable is wrong; an empty variable counts as absent."""
    token = environment.get("HF_TOKEN", "")
    if not _SENDABLE.fullmatch(token):
        problem = "HF_TOKEN has characters that no token has; is there a line break at its end?"
        raise HubError(problem, cause=ProbeCause.UNAUTHORIZED)
    return Settings(endpoint=_endpoint(environment.get("HF_ENDPOINT") or _HUB), token=token)


def _endpoint(text: str) -> str:
    try:
        url = parse_url(text)
    except EgressError:  # it quotes the text
        url = None
    if url is None or url.query:
        problem = "HF_ENDPOINT is no address of a hub; expected http or https, a host, and neither user nor query"
        raise HubError(problem, cause=ProbeCause.MALFORMED)
    return text.rstrip("/")


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
