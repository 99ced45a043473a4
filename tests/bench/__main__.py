"""`make bench`: the figures of docs/benchmarks.md, measured in one run. Never part of the tests."""

from __future__ import annotations

import sys

from tests.bench import cli, domain, registry


def main() -> None:
    for title, rows in (
        ("B8: the domain, per core", domain.rows()),
        ("B9: the command line", cli.rows()),
        (f"B7: images from a registry ({registry.IMAGES} of them; in brackets, an image of ours)", registry.rows()),
    ):
        sys.stdout.write(f"\n{title}\n")
        for row in rows:
            sys.stdout.write(f"  {row}\n")


main()
