"""`make bench`: the figures of docs/benchmarks.md, measured in one run on one core. Never part of the tests."""

from __future__ import annotations

import sys

from tests.bench import cli, domain


def main() -> None:
    for title, rows in (("B8: the domain, per core", domain.rows()), ("B9: the command line", cli.rows())):
        sys.stdout.write(f"\n{title}\n")
        for row in rows:
            sys.stdout.write(f"  {row}\n")


main()
