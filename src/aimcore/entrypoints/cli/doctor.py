"""`aimcore doctor`: what is installed, which plug-ins work, and whether a cluster has all that is needed."""

from __future__ import annotations

from aimcore.entrypoints.cli.asking import settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import looks_at_a_cluster, namespace_of_context
from aimcore.entrypoints.cli.output import CommandFailed, Exit, answer, progress
from aimcore.entrypoints.present.doctor import Check, checks_data, checks_section, doctor_data, doctor_outline, is_sound
from aimcore.entrypoints.wiring.plugins import installed

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Looks at what is installed and, where there is one, at the cluster; prints it, and says whether all is well."""
    found = installed()
    checks = _checked(call) if looks_at_a_cluster(call) else ()
    answer(
        call.output,
        data=lambda: {**doctor_data(found), "cluster": checks_data(checks)},
        outline=lambda: (*doctor_outline(found), checks_section(checks)),
    )
    return Exit.WELL if found.is_sound and is_sound(checks) else Exit.ILL


def _checked(call: Call) -> tuple[Check, ...]:
    try:
        from aimcore.entrypoints.wiring.checkup import check_cluster  # noqa: PLC0415 - with packages that files never need
    except ModuleNotFoundError as error:
        message = f"package {error.name} is missing: pip install 'aimcore[cli,operator]' brings it"
        raise CommandFailed(message) from error
    settings = settings_of(call)
    with progress() as tell:
        return check_cluster(
            kubeconfig=call.kubeconfig,
            context=call.context,
            namespace=settings.namespace or namespace_of_context(call),
            settings=settings,
            progress=tell,
        )
