"""The operator on a cluster: every adapter it needs, put together."""

from __future__ import annotations

import logging
import os
import random
import secrets as randomness
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.server import ThreadingHTTPServer
from shlex import quote
from typing import Final

from attrs import evolve

from aimcore import __version__
from aimcore.adapters.egress import Exchange, Session
from aimcore.adapters.kubernetes.cluster import KubernetesCluster
from aimcore.adapters.kubernetes.connection import Timeouts, connect
from aimcore.adapters.kubernetes.diagnostics import KubernetesEvents, KubernetesLogs
from aimcore.adapters.kubernetes.events import EventWriter
from aimcore.adapters.kubernetes.lease import Election, Terms
from aimcore.adapters.kubernetes.reflector import Backoff
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.secrets import KubernetesSecrets
from aimcore.adapters.kubernetes.store import ReadWarning
from aimcore.adapters.oci.layout import LayoutInspector
from aimcore.adapters.oci.platforms import Platform
from aimcore.adapters.oci.registry import RegistryInspector
from aimcore.domain.kinds.core import Secret, ServiceAccount
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Look
from aimcore.engine.engine import Context, Engine
from aimcore.engine.handlers import Sources
from aimcore.engine.questions import Asking
from aimcore.entrypoints.operator.health import Health, serve
from aimcore.entrypoints.operator.metrics import Counters, metrics_of
from aimcore.entrypoints.operator.options import Options
from aimcore.entrypoints.operator.process import collect_seldom
from aimcore.entrypoints.operator.recorder import EventRecorder
from aimcore.entrypoints.operator.service import Operator, World
from aimcore.entrypoints.settings import Registries, Settings
from aimcore.entrypoints.wiring.embedded import embedded
from aimcore.entrypoints.wiring.plugins import PluggedInspector, image_sources
from aimcore.entrypoints.wiring.probers import host_prober
from aimcore.entrypoints.wiring.rules import authorities_of, rules_of
from aimcore.entrypoints.wiring.sizes import Sizer
from aimcore.ports.errors import AccessDenied, NotFound, PortError, Unavailable
from aimcore.ports.images import ImageInspector

__all__ = ["operate"]

LOG: Final = logging.getLogger("aimcore.operator")
Begun = Callable[[Callable[[], None]], object]

LEASE: Final = "aim-operator"
LEASE_ANSWER: Final = 5.0
"""Seconds; a leader gives up twice as long after its last renewal."""


def operate(options: Options, settings: Settings, registries: Registries, *, begun: Begun) -> None:
    """Runs an operator until the function that `begun` is told is called.

    Raises `NotFound` where there is no way to a cluster, `Unavailable` where a port cannot be listened on, `EgressError` for
    registry settings that cannot be used.
    """
    if not options.embedded:
        _operate(options, settings, registries, begun)
        return
    with embedded(options.embedded, _now, os.environ) as cluster:
        LOG.info("kubectl finds the cluster with KUBECONFIG=%s", quote(str(cluster.kubeconfig)))
        if not cluster.has_nodes:
            LOG.warning(
                "no Node is in the folders: templates with GPUs wait for one; give a folder that has nodes, or apply some"
            )
        alone = evolve(options, kubeconfig=str(cluster.kubeconfig), context=None, elect=False)
        _operate(alone, settings, registries, begun)


def _operate(options: Options, settings: Settings, registries: Registries, begun: Begun) -> None:
    reach = partial(connect, kubeconfig=options.kubeconfig, context=options.context)
    requests = Requests(reach())
    counters = Counters()
    election = _election(Requests(reach(timeouts=Timeouts(read=LEASE_ANSWER, whole=LEASE_ANSWER))), settings)
    rules = rules_of(registries)
    with (
        Session(rules, observe=partial(_count, counters, "registry")) as session,
        Session(rules, observe=partial(_count, counters, "source")) as sources,
        closing(_recorder(requests, counters)) as recorder,
    ):
        lookups = _Lookups(requests)
        leads: Callable[[], bool] = (lambda: election.leads) if options.elect else (lambda: True)
        world = World(
            cluster=KubernetesCluster(
                requests,
                backoff=_backoff(),
                namespaces=options.namespaces,
                workloads=settings.workloads,
                report=_report,
            ),
            sources=Sources(
                inspector=_inspector(options, registries, session, lookups),
                lookups=lookups,
                size=Sizer(host_prober(sources), lookups.secrets).size,
                logs=KubernetesLogs(requests),
                events=KubernetesEvents(requests),
            ),
            tell=recorder.tell,
            leads=leads,
        )
        operator = Operator(world, workers=options.workers, counters=counters)
        policy = replace(
            settings.policy,
            unseen=Unseen.ASKED,
            hosts=registries.of_hosts,
            authorities=authorities_of(registries.ca_file),
            cluster_objects=not options.namespaces,
        )
        engine = _engine(operator, options, policy)
        health = Health(
            idle=lambda: time.monotonic() - operator.turned,
            ready=lambda: world.cluster.synced,
            metrics=metrics_of(engine, counters, leads),
        )
        with _serving(health, options), _electing(election, enabled=options.elect):
            LOG.info("starting aimcore %s", __version__)
            collect_seldom()
            begun(operator.stop)
            operator.run(engine)


def _inspector(options: Options, registries: Registries, session: Session, lookups: _Lookups) -> ImageInspector:
    if options.images:
        return LayoutInspector(options.images)
    system, _, architecture = registries.platform.partition("/")
    platform = Platform(os=system, architecture=architecture)
    built_in = RegistryInspector(session, secrets=lookups.secrets, platform=platform)
    return PluggedInspector(built_in, image_sources())


def _engine(operator: Operator, options: Options, policy: Policy) -> Engine:
    in_scope = frozenset(options.namespaces)
    context = Context(
        policy=policy,
        now=_now,
        clock=time.monotonic,
        chance=random.random,
        failed=_decision_failed,
        in_scope=(lambda key: key.namespace in in_scope) if in_scope else (lambda _: True),
        asking=Asking(interval=options.recheck),
    )
    return Engine(cache=ObjectCache(), driver=operator, context=context)


class _Lookups:
    """Looks at one secret or account."""

    def __init__(self, requests: Requests) -> None:
        self.secrets = KubernetesSecrets(requests)

    def look(self, look: Look) -> Secret | ServiceAccount:
        find = self.secrets.look if look.kind == "Secret" else self.secrets.account
        try:
            return find(look.namespace, look.name)
        except NotFound:
            raise
        except PortError as error:
            said = {"object": f"{look.kind} {look.namespace}/{look.name}", "error": str(error)}
            LOG.warning("lookup forbidden" if isinstance(error, AccessDenied) else "lookup failed", extra=said)
            raise


def _count(counters: Counters, host: str, exchange: Exchange) -> None:
    status = "none" if exchange.status is None else f"{exchange.status // 100}xx"
    counters.count(f"{host}_requests", exchange.method, status)
    counters.count(f"{host}_bytes", by=exchange.received)


def _backoff() -> Backoff:
    return Backoff(chance=random.random, clock=time.monotonic)


def _decision_failed(key: Key, error: Exception) -> None:
    LOG.error("decision failed", exc_info=error, extra={"object": str(key)})


def _report(warning: ReadWarning) -> None:
    LOG.warning("request failed", extra={"object": warning.where, "error": str(warning.error)})


def _recorder(requests: Requests, counters: Counters) -> EventRecorder:
    events = EventWriter(requests, instance=socket.gethostname(), token=lambda: randomness.token_hex(8), report=_report)
    return EventRecorder(lambda key, uid, event, at: events.write(key, uid, event, at=at), counters=counters)


def _election(requests: Requests, settings: Settings) -> Election:
    return Election(
        requests,
        at=(settings.operator_namespace, LEASE),
        identity=f"{socket.gethostname()}_{os.getpid()}_{randomness.token_hex(4)}",
        terms=Terms(wall=lambda: datetime.now(UTC), clock=time.monotonic, chance=random.random),
        report=_report,
    )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _electing(election: Election, *, enabled: bool) -> Iterator[None]:
    stopping = threading.Event()
    candidate = threading.Thread(target=election.run, args=(stopping,), name="candidate")
    if enabled:
        candidate.start()
    try:
        yield
    finally:
        stopping.set()
        if enabled:
            candidate.join(timeout=10)


def _served(health: Health, port: int) -> ThreadingHTTPServer:
    try:
        return serve(health, "", port)
    except OSError as error:
        message = f"port {port} cannot be listened on: {error.strerror}; --metrics-port and --health-port choose others"
        raise Unavailable(message) from error


@contextmanager
def _serving(health: Health, options: Options) -> Iterator[None]:
    servers: list[ThreadingHTTPServer] = []
    try:
        servers += [_served(health, port) for port in sorted({options.metrics_port, options.health_port} - {0})]
        yield
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
