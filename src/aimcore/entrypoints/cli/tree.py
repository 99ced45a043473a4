"""`aimcore tree`: what hangs together on a cluster."""

from __future__ import annotations

from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import finding, live, namespace_of, target_of
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.library.finding import find_target
from aimcore.entrypoints.present.tree import branch_data, branch_of, branch_outline

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Looks, finds the one thing, and shows what hangs on it."""
    target = target_of(call.words)
    namespace = namespace_of(call)
    seen = live(call, namespace)
    remark((), () if call.quiet else seen.notes)
    with finding():
        root = find_target(seen.cache, target, call.namespace if call.all_namespaces else namespace)
    branch = branch_of(seen.cache, root)
    answer(call.output, data=lambda: branch_data(branch), outline=lambda: branch_outline(branch))
    return Exit.WELL
