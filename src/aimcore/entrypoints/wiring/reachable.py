"""Whether the registries that images are in answer, from where the caller is; nobody's credentials are sent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Final

from aimcore.adapters.egress import Deadline, Session
from aimcore.domain.errors import ParseError
from aimcore.domain.values.image import parse_image
from aimcore.entrypoints.present.doctor import Check, State
from aimcore.entrypoints.settings import Registries
from aimcore.entrypoints.wiring.rules import rules_of
from aimcore.ports.errors import PortError

__all__ = ["registry_checks"]

REGISTRIES_AT_MOST: Final = 8
SECONDS: Final = 10.0
ANSWER_AT_MOST: Final = 65_536
DOCKER: Final = {"docker.io": "registry-1.docker.io"}
"""Registries that are called otherwise than their host."""


def registry_checks(images: Iterable[str]) -> Iterator[Check]:
    """One check for each registry, of the first few."""
    hosts = sorted({host for image in images if (host := _host(image))})
    if not hosts:
        return
    rules = rules_of(Registries.of(os.environ))
    with Session(rules) as session:
        for host in hosts[:REGISTRIES_AT_MOST]:
            plain = host in rules.plain_http
            yield _asked(session, host, f"{'http' if plain else 'https'}://{DOCKER.get(host, host)}/v2/")
    left = len(hosts) - REGISTRIES_AT_MOST
    if left > 0:
        yield Check(name="registries", state=State.UNKNOWN, found=f"{left} more were not asked")


def _host(image: str) -> str:
    try:
        return parse_image(image).registry
    except ParseError:
        return ""


def _asked(session: Session, host: str, url: str) -> Check:
    name = f"registry {host}"
    try:
        answer = session.request("GET", url, at_most=ANSWER_AT_MOST, deadline=Deadline.after(SECONDS), follow=False)
    except PortError as error:
        advice = "look at names, routes and proxies from here; the operator asks from its own pod"
        return Check(name=name, state=State.WRONG, found=str(error), advice=advice)
    state = State.OK if answer.status in (200, 401, 403) else State.UNKNOWN
    return Check(name=name, state=state, found=f"answers with {answer.status}")
