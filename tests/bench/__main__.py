"""`make bench`: the figures of docs/benchmarks.md, measured in one run. Never part of the tests."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from tests.bench import cli, cluster, counts, domain, downloads, growth, registry


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.bench")
    parser.add_argument(
        "--models",
        type=int,
        default=1_000,
        help="of the counts and of the control plane; of objects in the smallest size of the growth",
    )
    models = parser.parse_args().models
    for title, rows in (
        (f"B1, B3, B4, B10: what the operator does, counted ({models:,} models of 8 templates)", counts.rows(models)),
        ("B6: growth", growth.rows(models)),
        (f"B2, B4, B5: on a real control plane ({models:,} models of 8 templates)", cluster.rows(models)),
        ("B8: the domain, per core", domain.rows()),
        ("B9: the command line", cli.rows()),
        (f"B7: images from a registry ({registry.IMAGES} of them; in brackets, an image of ours)", registry.rows()),
        ("B11: weights of a hub and of a store", downloads.rows()),
    ):
        sys.stdout.write(f"\n{title}\n")
        for row in rows:
            sys.stdout.write(f"  {row}\n")
            sys.stdout.flush()


main()
