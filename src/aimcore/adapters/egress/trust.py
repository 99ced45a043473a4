"""Whom we believe over TLS, and how we say that we do not: the system's CAs, plus those a setting names (SEC-3).

The compiled-in places of the system's CAs are read, not those that `SSL_CERT_FILE` or `SSL_CERT_DIR` name, and where the
system has none, those of certifi. No keys are logged, whatever `SSLKEYLOGFILE` says.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

import certifi

from aimcore.adapters.egress.errors import Unreachable, Untrusted
from aimcore.adapters.egress.metering import MeteredTLSSocket

__all__ = ["distrust", "trust"]

_EXPIRED: Final = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_UNKNOWN: Final = frozenset({2, 18, 19, 20, 21})  # X509_V_ERR_*: self-signed, or an issuer that is not known
_OTHER_HOST: Final = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})
_OLD_TLS: Final = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "VERSION_TOO_LOW"})


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later, certificates required and compared with the host's name; `Untrusted` if `ca_file` holds none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = MeteredTLSSocket
    places = ssl.get_default_verify_paths()
    file, folder = Path(places.openssl_cafile), Path(places.openssl_capath)
    if file.is_file():
        context.load_verify_locations(cafile=file)
    if folder.is_dir() and any(folder.glob("*.0")):
        context.load_verify_locations(capath=folder)
    elif not file.is_file():
        context.load_verify_locations(cafile=certifi.where())
    if ca_file is not None:
        _add(context, ca_file)
    return context


def _add(context: ssl.SSLContext, ca_file: Path) -> None:
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise Untrusted(
            f"CA file {str(ca_file)!a} cannot be used; expected a readable file of certificates in PEM"
        ) from error


def distrust(host: str, error: ssl.SSLError) -> Untrusted | Unreachable:
    """What a failed handshake means, by the number OpenSSL gives it, and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Untrusted(f"{host} {_objection(host, error.verify_code)}")
    if error.reason in _NO_TLS:
        return Untrusted(
            f"{host} does not speak TLS; if it is meant to be plain HTTP, allow it with --plain-http {host}"
        )
    if error.reason in _OLD_TLS:
        return Untrusted(f"{host} speaks no TLS newer than 1.1; its operator must offer 1.2 or 1.3")
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Unreachable(f"{host} broke the TLS handshake off; try again")
    return Untrusted(
        f"{host} and this program agree on no TLS ({error.reason}); its operator must look at its TLS settings"
    )


def _objection(host: str, code: int) -> str:
    if code in _EXPIRED:
        return "has a certificate that is expired or not valid yet; its operator must renew it, or this clock is wrong"
    if code in _OTHER_HOST:
        return f"has a certificate for other names; expected one for {host.rpartition(':')[0] or host}"
    if code in _UNKNOWN:
        return "has a certificate of no CA known here; if that is right, name the CA with --ca FILE (the operator: AIM_CA_FILE)"
    return f"has a certificate that OpenSSL refuses (code {code}); its operator must renew it"
