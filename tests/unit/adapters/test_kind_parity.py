"""Every kind of the registry has all its pieces, and whoever adds one is told which are missing."""

from __future__ import annotations

from collections.abc import Container, Mapping

import pytest

from aimcore.adapters.schemas import definitions
from aimcore.adapters.wire.kinds import CODECS
from aimcore.domain.decide import DECISIONS
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.view.keys import INDEXES
from aimcore.entrypoints.cli.wanting import KINDS
from aimcore.entrypoints.present.objects import LISTED

OURS = tuple(kind for kind in Kind if kind.is_aim)
UNLISTED = (Kind.RUNTIME_CONFIG,)
"""Nothing is said of a configuration in a status, so there is no word to list."""


def pieces() -> Mapping[str, Container[Kind]]:
    """Which kinds have each piece, by what the piece is and where it belongs."""
    defined = {plural for plural, _ in definitions()}
    with_columns = {
        kind
        for kind, row in CODECS.items()
        if [column.name for column in row.columns if not column.wide][-1:] == ["Age"]
    }
    with_twins = {kind for kind, row in CODECS.items() if bool(row.describe_twin) == kind.has_twin and row.describe}
    return {
        "a row in adapters/wire/kinds.CODECS": CODECS,
        "printed columns in its row of adapters/wire/kinds.CODECS, Age last": with_columns,
        "what an object is, in its row of adapters/wire/kinds.CODECS": with_twins,
        "a decision in domain/decide.DECISIONS": DECISIONS,
        "indexes in domain/view/keys.INDEXES": INDEXES,
        "its definitions in adapters/schemas/crds (make generate)": {
            kind for kind in OURS if {spelling.plural for _, spelling in kind.spellings} <= defined
        },
        "words for aimcore get": {kind for kind, _ in KINDS.values()},
        "a title in aimcore get": {*LISTED, *UNLISTED},
    }


def missing(of: Mapping[str, Container[Kind]]) -> list[str]:
    """Every piece that a kind of ours does not have."""
    return [f"{kind.api_name} lacks {piece}" for kind in OURS for piece, there in of.items() if kind not in there]


@pytest.mark.rule("KIND-2")
def test_every_kind_has_every_piece() -> None:
    assert missing(pieces()) == []


@pytest.mark.parametrize("piece", pieces())
def test_a_piece_that_is_left_out_is_named(piece: str) -> None:
    without = {**pieces(), piece: {kind for kind in OURS if kind is not Kind.SERVICE}}
    assert missing(without) == [f"AIMService lacks {piece}"]


def test_no_table_knows_a_kind_that_is_none_of_ours() -> None:
    assert [*CODECS] == [kind for kind in CODECS if kind.is_aim]
    assert set(DECISIONS) == set(OURS)
    plurals = {spelling.plural for kind in OURS for _, spelling in kind.spellings}
    assert {plural for plural, _ in definitions()} == plurals
