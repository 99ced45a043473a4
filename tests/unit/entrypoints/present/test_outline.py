from __future__ import annotations

import io
from contextlib import redirect_stdout

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.entrypoints.present.outline import Entry, Section, plain_text
from aimcore.entrypoints.present.terminal import print_outline

NAME = "m" * 63

words = st.text(alphabet="ab -", min_size=1, max_size=120) | st.text(max_size=20)


def entries(children: st.SearchStrategy[tuple[Entry, ...]]) -> st.SearchStrategy[tuple[Entry, ...]]:
    entry = st.builds(
        Entry,
        label=st.sampled_from(["", "Ready", "NotAvailable"]),
        text=words,
        notes=st.lists(words, max_size=2).map(tuple),
        entries=children,
    )
    return st.lists(entry, max_size=3).map(tuple)


outlines = st.recursive(st.just(()), entries, max_leaves=8)


def test_on_a_terminal_a_blank_line_stands_between_sections_and_none_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    entry = Entry(label="Ready", text="llama")
    sections = [Section(title=title, entries=(entry,)) for title in ("Models", "Services")]
    print_outline([sections[0], Section(title="Caches", entries=()), sections[1]], 80, coloured=False)
    assert capsys.readouterr().out.splitlines() == ["Models", "Ready llama", "", "Services", "Ready llama"]


def test_labels_are_aligned_and_what_belongs_to_an_entry_stands_under_it() -> None:
    template = Entry(label="NotAvailable", text="llama-1x", notes=("no node has MI325X",))
    model = Entry(label="Degraded", text="llama", notes=("1 NotAvailable",), entries=(template,))
    other = Entry(label="Ready", text="mistral")
    assert plain_text([Section(title="Models", entries=(model, other))], 80).splitlines() == [
        "Models",
        "Degraded  llama",
        "          1 NotAvailable",
        "  NotAvailable  llama-1x",
        "                no node has MI325X",
        "Ready     mistral",
    ]


def test_the_longest_name_of_a_template_fits_80_columns_beside_the_longest_word() -> None:
    model = Entry(label="Ready", text="llama", entries=(Entry(label="NotAvailable", text=NAME),))
    assert plain_text([Section(title="Models", entries=(model,))], 80).splitlines()[-1] == f"  NotAvailable  {NAME}"


def test_a_long_reason_wraps_at_words_under_its_own_column() -> None:
    entry = Entry(label="Failed", text="a", notes=("word " * 30,))
    lines = plain_text([Section(title="Models", entries=(entry,))], 80).splitlines()
    assert len(lines) == 5
    assert all(line.startswith("        word") for line in lines[2:])


def test_sections_are_parted_by_a_blank_line_and_empty_ones_left_out() -> None:
    sections = [Section(title=title, entries=found) for title, found in (("A", ()), ("B", (Entry(text="b"),)))]
    assert plain_text([*sections, *sections], 80) == "B\nb\n\nB\nb"


@given(outlines, st.integers(min_value=60, max_value=120))
def test_no_line_is_wider_than_the_terminal(found: tuple[Entry, ...], width: int) -> None:
    depth_at_most = 40
    assert all(
        len(line) <= width or len(line) - len(line.lstrip()) > depth_at_most
        for line in plain_text([Section(title="T", entries=found)], width).splitlines()
    )


@given(outlines, st.integers(min_value=60, max_value=120))
def test_no_line_ends_with_a_blank(found: tuple[Entry, ...], width: int) -> None:
    sections = [Section(title="T", entries=found)]
    with redirect_stdout(io.StringIO()) as printed:
        print_outline(sections, width, coloured=False)
    for text in (plain_text(sections, width), printed.getvalue()):
        assert [line for line in text.split("\n") if line != line.rstrip()] == []
