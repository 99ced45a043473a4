"""How the tests ask: sessions in which names lead to loopback, short deadlines, and what an error gives away."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import Any

from aimcore.adapters.egress import Answer, Deadline, Rules, Session
from tests.integration.egress.server import Server

__all__ = ["allowing", "get", "named", "resolving", "told_by"]


def resolving(**addresses: Sequence[str]) -> Callable[[str], Sequence[str]]:
    """Names of the domain `.test`, each with its addresses; any other is on loopback."""
    return lambda host: addresses.get(host.removesuffix(".test"), ["127.0.0.1"])


def allowing(*servers: Server, **more: Any) -> Rules:
    """Rules under which these servers may be asked, in plain HTTP where that is what they speak."""
    hosts = {server: {server.host, *(f"{name}.test:{server.port}" for name in ("a", "b", "c"))} for server in servers}
    plain = frozenset(host for server in servers if server.url.startswith("http:") for host in hosts[server])
    secure = frozenset(host for server in servers if server.url.startswith("https:") for host in hosts[server])
    return Rules(plain_http=plain, allow_hosts=secure, **more)


def named(name: str, server: Server, path: str = "/") -> str:
    """A URL by which the server has a name instead of its address."""
    return f"{server.url.partition(':')[0]}://{name}.test:{server.port}{path}"


def get(session: Session, url: str, *, seconds: float = 2.0, at_most: int = 1000, **more: Any) -> Answer:
    """The answer to a small question."""
    return session.request("GET", url, at_most=at_most, deadline=Deadline.after(seconds), **more)


def told_by(error: BaseException) -> str:
    """Everything an error could give away: its texts, those of all it is chained to, and the traceback."""
    texts = ["".join(traceback.format_exception(error))]
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.append(one)
            texts += [repr(one), str(one), repr(one.args), repr(vars(one))]
            waiting += [each for each in (one.__cause__, one.__context__) if each is not None]
    return "\n".join(texts)
