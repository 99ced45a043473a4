"""A stranger's program: print what a folder of manifests yields, one object a line, and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from aimcore import contents, load, plan


def main(folders: Sequence[str]) -> int:
    """Prints the listing; 1 where a manifest is wrong."""
    catalogue = load(*folders)
    for problem in catalogue.problems:
        print(f"{problem.file}:{problem.line}: {problem.message}", file=sys.stderr)
    for item in contents(plan(catalogue, images={"acme/chat:1": LABELS})):
        print(item.key, item.status, item.about, sep="\t")
    return 0 if catalogue.is_sound else 1


LABELS = {
    "com.amd.aim.model.canonicalName": "acme/chat",
    "com.amd.aim.model.deployments": '[{"gpuModel": "MI300X", "gpuCount": 1, "metric": "latency", "precision": "fp8"}]',
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
