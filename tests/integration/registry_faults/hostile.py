"""Hosts that say what a test wrote, under names of their own, and an inspector that is made to talk to them.

Every name leads to loopback, so that a host which must not be asked *could* be: it hears nothing only because nobody asks.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aimcore.adapters.egress import Answer, Deadline, Rules, Session
from aimcore.adapters.oci.registry import RegistryInspector
from aimcore.domain.images.inspection import Inspection, Unchanged
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from aimcore.ports.errors import NotFound
from aimcore.ports.secrets import PullSecret
from tests.integration.egress.server import Certificate, Heard, Server, Steps, answer
from tests.integration.registry.contents import Content, Piece, image
from tests.integration.registry_faults.canaries import Canary, docker_config

__all__ = [
    "CHAT",
    "GOOD",
    "HASTE",
    "PLANTED",
    "Host",
    "Reply",
    "Secrets",
    "Stage",
    "blob_path",
    "inspect",
    "manifest_path",
    "said",
    "stage",
]

Reply = Steps | Callable[[Heard], Steps]

HASTE: Final = 0.6  # seconds that an inspection may take where the test waits for the end of them
PLANTED: Final = "Pl4nt3d-c4n4ry-0f-4da"
CHAT: Final = image({"com.amd.aim.model.canonicalName": "acme/chat"})
GOOD: Final = image({"com.amd.aim.model.canonicalName": "acme/good"})


def manifest_path(reference: str = "1") -> str:
    """Where the registry has a manifest of acme/chat."""
    return f"/v2/acme/chat/manifests/{reference}"


def blob_path(piece: Piece) -> str:
    """Where the registry has a blob of acme/chat."""
    return f"/v2/acme/chat/blobs/{piece.digest}"


def said(piece: Piece, **headers: str) -> bytes:
    """The right answer for a manifest or a blob, but for the headers given."""
    right = {"content_type": piece.media_type, "docker_content_digest": piece.digest}
    return answer(200, piece.body, **(right | headers))


@dataclass(kw_only=True)
class Host:
    """A host called `name`; each path answers what stands for it in `replies`, in turn and the last one for ever."""

    name: str
    server: Server
    replies: dict[str, list[Reply]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{self.name}:{self.server.port}"

    @property
    def url(self) -> str:
        return self.server.url.replace("127.0.0.1", self.name)

    @property
    def heard(self) -> Sequence[Heard]:
        return self.server.heard

    def on(self, path: str, *replies: Reply) -> None:
        """What the path answers from now on; `HEAD /path` is only for HEAD."""
        self.replies[path] = list(replies)

    def holds(self, content: Content, tag: str = "1") -> None:
        """The image is here, as it should be."""
        for piece in content.manifests:
            self.on(manifest_path(piece.digest), said(piece))
        self.on(manifest_path(tag), said(content.top))
        for piece in content.blobs:
            self.on(blob_path(piece), said(piece, content_type="application/octet-stream"))

    def reply(self, heard: Heard) -> Steps:
        """The script of the server."""
        path = heard.target.partition("?")[0]
        for key in (f"{heard.method} {path}", path):
            if key in self.replies:
                held = self.replies[key]
                found = held.pop(0) if len(held) > 1 else held[0]
                steps = found(heard) if callable(found) else found
                if heard.method == "HEAD" and isinstance(steps, bytes):
                    return steps.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                return steps
        return answer(404, b'{"errors": []}', content_type="application/json")


class Secrets:
    """Pull secrets by namespace and name."""

    def __init__(self, held: dict[tuple[str, str], PullSecret]) -> None:
        self.held = held

    def read(self, namespace: str, name: str) -> PullSecret:
        if (namespace, name) not in self.held:
            raise NotFound(f"secret {namespace}/{name} is not there")
        return self.held[namespace, name]


class HastySession(Session):
    """A session for people in a hurry: whatever time it is given, it takes a second at most, or what `seconds` says."""

    seconds: float | None = None
    _ends: Deadline | None = None

    def request(self, *positional: Any, deadline: Deadline, **named: Any) -> Answer:
        if self.seconds is not None:
            self._ends = self._ends or Deadline.after(self.seconds)
            deadline = min(deadline, self._ends, key=lambda each: each.ends)
        return super().request(*positional, deadline=deadline, **named)


@dataclass(kw_only=True)
class Stage:
    """A registry with its token service and its store of blobs, all of one site; strangers; and who asks them.

    `inside` is nowhere allowed by the settings; every other host is.
    """

    registry: Host
    tokens: Host
    store: Host
    evil: Host
    inside: Host
    good: Host
    canary: Canary
    addresses: dict[str, Callable[[], Sequence[str]]]
    session: HastySession
    inspector: RegistryInspector
    secrets: Secrets
    opened: ExitStack
    reference: str = ""

    @property
    def hosts(self) -> tuple[Host, ...]:
        return self.registry, self.tokens, self.store, self.evil, self.inside, self.good

    @property
    def strangers(self) -> tuple[Host, ...]:
        """Those that the registry's password is none of the business of."""
        return self.store, self.evil, self.inside, self.good

    @property
    def requests(self) -> int:
        """How many were sent to all hosts but the good one."""
        return sum(len(host.heard) for host in self.hosts if host is not self.good)

    def want(self) -> Inspect:
        """The wish for the image of this stage, with the pull secret of the team."""
        text = self.reference or f"{self.registry.address}/acme/chat:1"
        return Inspect(parse_image(text), "team", ("pull",))

    def deaf_port(self) -> int:
        """A port on loopback that takes no connection and refuses none: its queue is full."""
        listening = self.opened.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(2):
            waiting = self.opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        return int(listening.getsockname()[1])


def inspect(stage: Stage) -> Inspection | Unchanged:
    """What the inspector says of the image of this stage."""
    return stage.inspector.inspect(stage.want())


@contextmanager
def stage(
    *, certificate: Certificate | None = None, ca_file: Path | None = None, refuse_private: bool = False
) -> Iterator[Stage]:
    """Everything well: an image in the registry, another in the good one. With a `certificate` the registry speaks TLS."""
    names = ("registry.acme.example", "auth.acme.example", "blobs.acme.example", "evil.example", "inside.example")
    addresses: dict[str, Callable[[], Sequence[str]]] = {}

    def resolve(host: str) -> Sequence[str]:
        if host in addresses:
            return addresses[host]()
        if host[-1].isdigit() or ":" in host:
            return (host,)
        raise socket.gaierror(socket.EAI_NONAME, "no such name on this stage")

    with ExitStack() as opened:
        hosts = []
        for name in (*names, "good.example"):
            server = opened.enter_context(Server(certificate=certificate if name == names[0] else None))
            host = Host(name=name, server=server)
            server.script = host.reply
            addresses[name] = lambda: ("127.0.0.1",)
            hosts.append(host)
        registry, tokens, store, evil, inside, good = hosts
        registry.holds(CHAT)
        good.holds(GOOD)
        plain = {host.address for host in (tokens, store, evil, good)}
        rules = Rules(
            allow_hosts=frozenset({registry.name}),
            plain_http=frozenset(plain if certificate else {*plain, registry.name}),
            refuse_private=refuse_private,
            ca_file=ca_file,
        )
        canary = Canary(home=registry.address, user="ada", password=PLANTED)
        secrets = Secrets({("team", "pull"): docker_config(canary)})
        session = opened.enter_context(HastySession(rules, resolve=resolve))
        yield Stage(
            registry=registry,
            tokens=tokens,
            store=store,
            evil=evil,
            inside=inside,
            good=good,
            canary=canary,
            addresses=addresses,
            session=session,
            inspector=RegistryInspector(session, secrets=secrets),
            secrets=secrets,
            opened=opened,
        )
