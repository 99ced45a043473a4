"""The commands and their options, as the command line declares them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import click

from aimcore.entrypoints.cli.commands_on_clusters import operator

__all__ = ["variables"]

_VARIABLE = re.compile(r"\s*\[env: (AIM_\w+)\]")


def variables() -> Mapping[str, str]:
    """Every AIM_* variable that the operator reads, with what it means."""
    told = {"AIM_BASE_IMAGE": "What custom models run in that name no image."}
    for option in operator.params:
        if isinstance(option, click.Option) and (found := _VARIABLE.search(option.help or "")):
            told[found[1]] = _VARIABLE.sub("", option.help or "")
    return told
