"""`aimcore get`: what stands on a cluster, and how it is."""

from __future__ import annotations

from typing import Final

import click

from aimcore.domain.kinds.scope import Kind, Scope
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import live, namespace_of, where_words
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.library.finding import UnknownTypeError
from aimcore.entrypoints.present.objects import LISTED, list_data, list_names, list_outline
from aimcore.entrypoints.present.words import words_of

__all__ = ["run"]

KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    **dict.fromkeys(("all", "aim"), LISTED),
    **{word: (kind,) for kind in LISTED for word in words_of(kind, Scope.NAMESPACE)},
}
"""Which kinds each word lists."""


_EXPECTED: Final = ", ".join(f"{kind.word.lower()}s" for kind in LISTED)


def run(call: Call) -> Exit:
    """Looks and lists."""
    if call.target not in KINDS:
        raise click.UsageError(str(UnknownTypeError(call.target, KINDS, f"{_EXPECTED} or all")))
    seen = live(call, namespace_of(call))
    remark((), () if call.quiet else seen.notes)
    things = [thing for thing in seen.cache if thing.key.kind in KINDS[call.target]]
    if not things and not call.quiet:
        where = where_words(namespace_of(call))
        what = KINDS[call.target][0].word.lower() if len(KINDS[call.target]) == 1 else "model, template or service"
        remark((), [f"no {what}{'' if ' ' in what else 's'} in {where}"])
    if call.output == "name":
        click.echo(list_names(things), nl=False)
    elif things or call.output != "table":
        answer(call.output, data=lambda: list_data(things), outline=lambda: list_outline(things))
    return Exit.WELL
