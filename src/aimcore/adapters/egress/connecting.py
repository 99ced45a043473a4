"""Connections that are made only to addresses that were checked: found, judged and connected to in one place (SEC-3).

The name is looked up once. If any of its addresses is forbidden, none is used, since a name with a public and an internal
address is how a rebinding begins. The socket is connected to an address, not to the name, so nobody can answer the second
lookup differently; the name goes into the TLS handshake, the certificate's check and the Host header.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from functools import cached_property
from ipaddress import IPv6Address, ip_address
from typing import Final

from urllib3.connection import HTTPConnection, HTTPSConnection

from aimcore.adapters.egress.addresses import Address, forbidden
from aimcore.adapters.egress.answers import FinalResponse
from aimcore.adapters.egress.deadline import TIMEOUT, Deadline
from aimcore.adapters.egress.errors import Refused, Unreachable
from aimcore.adapters.egress.metering import Meter, MeteredSocket, MeteredTLSSocket
from aimcore.adapters.egress.origins import Origin
from aimcore.adapters.egress.resolving import Resolve, resolved
from aimcore.adapters.egress.rules import Rules
from aimcore.adapters.egress.trust import distrust, trust

__all__ = ["Connection", "Guard", "GuardedConnection", "GuardedTLSConnection", "connection_to"]

_ADDRESSES_AT_MOST: Final = 16  # tried; each gets its share of the patience


class Guard:
    """Which addresses a host may be connected to, and the connecting."""

    def __init__(self, rules: Rules, resolve: Resolve) -> None:
        self._rules = rules
        self._resolve = resolve
        if rules.ca_file is not None:
            self.context  # noqa: B018 - a file that cannot be used is told before the first request

    @cached_property
    def context(self) -> ssl.SSLContext:
        """Whom TLS believes; made when it is first needed, for reading the system's CAs takes a while."""
        return trust(self._rules.ca_file)

    def connect(self, origin: Origin, meter: Meter, *, told: bool) -> MeteredSocket:
        """A socket to one of the addresses of the origin, `Refused`, or `Unreachable`.

        `told` is a host that another host named: private addresses are not for it, unless a setting names it.
        """
        addresses = self._checked(origin, meter, told=told)[:_ADDRESSES_AT_MOST]
        connecting = Deadline.after(TIMEOUT)
        refusal: OSError | None = None
        for number, address in enumerate(addresses):
            try:
                share = min(connecting.retry_policy(), meter.deadline.retry_policy()) / (len(addresses) - number)
                return _connected(address, origin.port, meter, share)
            except OSError as error:
                refusal = error
        raise _unconnected(origin, meter, refusal) from refusal

    def _checked(self, origin: Origin, meter: Meter, *, told: bool) -> Sequence[Address]:
        texts = resolved(origin.host.strip("[]"), self._resolve, meter.deadline)
        addresses = [ip_address(text) for text in texts]
        if self._rules.allows(origin.host, origin.port):
            return addresses
        refuse_private = told or self._rules.refuse_private
        for address in addresses:
            reason = forbidden(address, refuse_private=refuse_private)
            if reason is not None:
                named = ", which another host named," if told else ""
                raise Refused(
                    f"{origin}{named} has an address that is not connected to ({reason}); "
                    f"if that is right, allow it with --allow-host {origin}"
                )
        return addresses


def _connected(address: Address, port: int, meter: Meter, share: float) -> MeteredSocket:
    opened = MeteredSocket(socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET)
    try:
        opened.meter = meter
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(share)
        opened.connect((str(address), port))
        opened.settimeout(meter.deadline.retry_policy())  # of the handshake, if there is one
    except BaseException:
        opened.close()
        raise
    return opened


def _unconnected(origin: Origin, meter: Meter, error: OSError | None) -> Unreachable:
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"{origin} refuses connections at port {origin.port}; is it the right port?")
    if isinstance(error, TimeoutError):
        waited = "in the time allowed" if meter.deadline.spent() else "in time"
        return Unreachable(f"{origin} does not take connections {waited}; is a firewall between?")
    reason = error.strerror if error is not None and error.strerror else "no route"
    return Unreachable(f"{origin} cannot be connected to ({reason.lower()}); try again, or look at the network")


class GuardedConnection(HTTPConnection):
    """A plain connection of urllib3 to `origin` that the guard makes; one exchange at a time, each under its meter."""

    response_class = FinalResponse

    def __init__(self, origin: Origin, guard: Guard, meter: Meter, *, told: bool) -> None:
        super().__init__(origin.host.strip("[]"), origin.port)
        self.meter = meter
        self._guard, self._origin, self._told = guard, origin, told

    def _new_conn(self) -> socket.socket:
        return self._guard.connect(self._origin, self.meter, told=self._told)

    def renew(self, meter: Meter) -> None:
        """Put what follows under another meter."""
        self.meter = meter
        if isinstance(self.sock, MeteredSocket):
            self.sock.meter = meter


class GuardedTLSConnection(HTTPSConnection):
    """As `GuardedConnection`, over TLS: the certificate must be for the name of the origin, whatever its address."""

    response_class = FinalResponse

    def __init__(self, origin: Origin, guard: Guard, meter: Meter, *, told: bool) -> None:
        super().__init__(origin.host.strip("[]"), origin.port, ssl_context=guard.context)
        self.meter = meter
        self._guard, self._origin, self._told = guard, origin, told

    def _new_conn(self) -> socket.socket:
        return self._guard.connect(self._origin, self.meter, told=self._told)

    def connect(self) -> None:
        """Connect and shake hands; raises `Untrusted` where the peer cannot prove that it is the origin."""
        try:
            super().connect()
        except ssl.SSLError as error:
            raise distrust(str(self._origin), error) from error
        self.renew(self.meter)

    def renew(self, meter: Meter) -> None:
        """Put what follows under another meter."""
        self.meter = meter
        if isinstance(self.sock, MeteredTLSSocket):
            self.sock.meter = meter


Connection = GuardedConnection | GuardedTLSConnection


def connection_to(origin: Origin, guard: Guard, meter: Meter, *, told: bool) -> Connection:
    """An open connection to the origin, in its scheme; raises `Refused`, `Untrusted` or `Unreachable`."""
    kind = GuardedTLSConnection if origin.scheme == "https" else GuardedConnection
    connection = kind(origin, guard, meter, told=told)
    try:
        connection.connect()
    except OSError as error:
        connection.close()
        raise _unshaken(meter, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _unshaken(meter: Meter, error: OSError) -> Unreachable:
    if isinstance(error, TimeoutError):
        return Unreachable(f"{meter.host} has not finished the TLS handshake in the time allowed; try again")
    return Unreachable(f"{meter.host} broke the TLS handshake off; try again")
