"""`aimcore cache warm`: the weights of a template come to a namespace before a service asks for them."""

from __future__ import annotations

import click

from aimcore.domain.kinds.scope import Kind
from aimcore.domain.kinds.workload import CachingMode
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import finding, live, namespace_of_context, target_of
from aimcore.entrypoints.cli.output import CommandFailed, Exit, remark
from aimcore.entrypoints.library.finding import find_target
from aimcore.entrypoints.library.warming import NoSourcesError, warming_cache
from aimcore.entrypoints.present.data import yaml_text
from aimcore.entrypoints.present.verdicts import about, verdict
from aimcore.ports.errors import PortError

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Finds the template, and makes the cache that services of it would make, or says that it is there."""
    target = target_of(call.words if len(call.words) > 1 or "/" in call.words[0] else ("template", *call.words))
    if target.kind is not Kind.TEMPLATE:
        raise click.UsageError("only templates have weights to fetch ahead; expected TEMPLATE or template/NAME")
    namespace = call.namespace or namespace_of_context(call)
    seen = live(call, namespace)
    remark((), () if call.quiet else seen.notes)
    with finding():
        template = find_target(seen.cache, target, namespace)
    try:
        cache = warming_cache(seen.cache, template.key, namespace, CachingMode(call.mode))
    except NoSourcesError as error:
        raise CommandFailed(str(error)) from error
    from aimcore.entrypoints.wiring.caching import make_cache, manifest_of  # noqa: PLC0415 - with a package that files never need

    stands = seen.cache.find(cache.key)
    if stands is not None:
        click.echo(f"{cache.key} is there: {verdict(stands.status)}, {about(stands)}")
        return Exit.WELL
    if call.dry_run:
        click.echo(yaml_text(manifest_of(cache)), nl=False)
        return Exit.WELL
    try:
        make_cache(cache, kubeconfig=call.kubeconfig, context=call.context)
    except PortError as error:
        raise CommandFailed(str(error)) from error
    click.echo(f"{cache.key} created; aimcore cache -n {namespace} tells how far it is")
    return Exit.WELL
