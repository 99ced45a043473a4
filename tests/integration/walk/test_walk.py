"""The document, walked through with kubectl as a new user would: `docs/walkthrough.md` is what a real cluster prints.

A `shell-session` block of that page is `$ `, a command, and everything it prints. With `AIMCORE_WALK=write` the page is
written anew from what is printed, for a maintainer to read and commit.
"""

from __future__ import annotations

import os
import re
from difflib import unified_diff
from pathlib import Path

from tests.integration.cluster.programs import missing as no_control_plane
from tests.integration.cluster.programs import no_kubectl, require
from tests.integration.registry.registries import missing as no_registry
from tests.integration.walk.stage import ROOT, Stage, stage

PAGE = ROOT / "docs" / "walkthrough.md"
BLOCK = re.compile(r"(?<=^```shell-session\n)(?:.*?\n)(?=```$)", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)$", re.MULTILINE)


def test_every_command_of_the_walk_prints_what_the_page_says(tmp_path: Path) -> None:
    require("the document on a real cluster", no_control_plane, no_kubectl)
    assert no_registry() is None, no_registry()
    page = PAGE.read_text()
    with stage(tmp_path) as scene:
        walked = BLOCK.sub(lambda block: "".join(_walked(scene, line) for line in COMMAND.findall(block[0])), page)
    if os.environ.get("AIMCORE_WALK") == "write":
        PAGE.write_text(walked)
    changed = list(
        unified_diff(page.splitlines(), walked.splitlines(), "the page", "what was printed", n=1, lineterm="")
    )
    assert not changed, "\n".join(changed)


def _walked(scene: Stage, command: str) -> str:
    return f"$ {command}\n{scene.run(command)}"
