"""`aimcore doctor`: what is installed, and which plug-ins work."""

from __future__ import annotations

from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import Exit, answer
from aimcore.entrypoints.present.doctor import doctor_data, doctor_outline
from aimcore.entrypoints.wiring.installed import installed

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Looks at what is installed, prints it, and says whether every plug-in could be loaded."""
    found = installed()
    answer(call.output, data=lambda: doctor_data(found), outline=lambda: doctor_outline(found))
    return Exit.WELL if found.is_sound else Exit.ILL
