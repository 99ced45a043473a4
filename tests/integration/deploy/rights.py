"""Rights as roles grant them and as requests use them, to be compared."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

__all__ = ["Right", "granted", "of_the_operator", "recorded", "used"]

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_REQUEST = re.compile(rb"^(GET|POST|PUT|PATCH|DELETE) (/\S*) HTTP/1\.1\r$", re.MULTILINE)


class Right(NamedTuple):
    """What may be done with a resource: `Right("", "secrets", "get")`."""

    group: str
    resource: str
    verb: str


def granted(roles: Iterable[Mapping[str, Any]]) -> frozenset[Right]:
    """All that the rules of these roles allow."""
    return frozenset(
        Right(group, resource, verb)
        for role in roles
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    )


def of_the_operator(documents: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The roles that are bound to the operator's account; those for people are bound to nobody."""
    shipped = [one for one in documents if one]
    bound = {
        (binding["roleRef"]["kind"], binding["metadata"].get("namespace"), binding["roleRef"]["name"])
        for binding in shipped
        if binding["kind"] in ("RoleBinding", "ClusterRoleBinding")
        and {"kind": "ServiceAccount", "name": "aim-operator", "namespace": "aim-system"} in binding["subjects"]
    }
    return [one for one in shipped if (one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) in bound]


def used(method: str, path: str) -> Right:
    """The right that a request needs; anything else than a resource is a resource nobody is granted.

    >>> used("PATCH", "/apis/aim.silogen.ai/v1alpha1/namespaces/a/aimmodels/b/status?fieldManager=c")
    Right(group='aim.silogen.ai', resource='aimmodels/status', verb='patch')
    >>> used("GET", "/api/v1/nodes?watch=1")
    Right(group='', resource='nodes', verb='watch')
    """
    asked = urlsplit(path)
    root, *steps = [unquote(step) for step in asked.path.strip("/").split("/")]
    if root not in ("api", "apis"):
        return Right("", asked.path, method)
    group, steps = ("", steps[1:]) if root == "api" else (steps[0], steps[2:])
    if steps[0] == "namespaces" and len(steps) > 2:
        steps = steps[2:]
    resource, name, *further = *steps, *([""] if len(steps) == 1 else [])
    many = "watch" if "watch" in parse_qs(asked.query) else "list"
    verb = _VERBS.get(method) or ("get" if name else many)
    return Right(group, "/".join([resource, *further]), verb)


@contextmanager
def recorded(port: int, into: set[tuple[str, str]]) -> Iterator[int]:
    """A port on loopback that passes everything on to another, and notes the method and path of each request."""
    listener = socket.create_server(("127.0.0.1", 0))
    own = int(listener.getsockname()[1])
    opened: list[socket.socket] = [listener]

    def heard(piece: bytes) -> bytes:
        """A client sends the head of a request in one piece, and no body that looks like one."""
        into.update((method.decode(), path.decode()) for method, path in _REQUEST.findall(piece))
        return piece.replace(b"Host: 127.0.0.1:%d\r\n" % own, b"Host: 127.0.0.1:%d\r\n" % port)

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                opened.extend((near, far))
                threading.Thread(target=_pass, args=(near, far, heard), daemon=True).start()
                threading.Thread(target=_pass, args=(far, near, bytes), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield own
    finally:
        for one in opened:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _pass(source: socket.socket, target: socket.socket, through: Callable[[bytes], bytes]) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(through(piece))
        target.shutdown(socket.SHUT_WR)
