"""boto3 says where a bucket is asked, and botocore signs the question; nothing of them sends (decision 0005).

The session is sealed: no profile, file, variable or metadata service of this process has a say in it (SEC-2). The client
knows no keys, so that it can be shared by everybody who asks the same endpoint.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from threading import Lock
from typing import Any, Final, Literal

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.loaders import Loader

from aimcore.adapters.s3.keys import Keys
from aimcore.adapters.s3.settings import Settings

__all__ = ["signed", "transfer_client", "url_of"]

Operation = Literal["list_objects_v2", "head_object"]

_CLIENTS_AT_MOST: Final = 16  # endpoints and regions; another one takes 10 ms
_CONNECTIONS: Final = 14  # of a client that transfers: ten parts, and questions beside them
_building = Lock()  # a session is for one thread at a time, a client for all
_signing: ContextVar[bool] = ContextVar("signing", default=False)


class _Sealed(botocore.session.Session):  # type: ignore[misc]  # botocore ships no types
    """A session that knows what botocore brings, and nothing of its surroundings."""

    full_config: Mapping[str, Any] = {"profiles": {}}

    def __init__(self) -> None:
        defaults = {
            name: (None, None, default, conversion)
            for name, (_, _, default, conversion) in self.SESSION_VARIABLES.items()
        }
        super().__init__(session_vars=defaults)
        built_in = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
        self.register_component("data_loader", built_in)

    def get_scoped_config(self) -> Mapping[str, Any]:
        """Of no profile."""
        return {}


def url_of(operation: Operation, settings: Settings, parameters: Mapping[str, str], *, own_host: bool = False) -> str:
    """Where the question is asked: in path style of an endpoint of one's own, in virtual style of AWS.

    With `own_host` an endpoint is asked in virtual style too, at `BUCKET.ENDPOINT`; one that begins with the name of the bucket
    is taken for that. Raises `ValueError` or a `BotoCoreError` where botocore knows no such address.
    """
    endpoint, virtual = _place(settings, parameters["Bucket"], own_host=own_host)
    with _building:
        client = _client(endpoint, settings.region, virtual=virtual)
    url: str = client.generate_presigned_url(operation, Params=parameters)
    return url


def _place(settings: Settings, bucket: str, *, own_host: bool) -> tuple[str | None, bool]:
    """The endpoint without the bucket's name, and whether the bucket is asked for in virtual style."""
    endpoint = None if settings.endpoint is None else str(settings.endpoint)
    own = f"//{bucket}."
    if endpoint is not None and settings.has_name and own in endpoint:
        return endpoint.replace(own, "//", 1), True
    return endpoint, endpoint is None or own_host


def transfer_client(settings: Settings, bucket: str, *, own_host: bool, authorities: str | None) -> Any:
    """A client that sends: with the keys of the settings and no others, and through the proxies of this process.

    It asks where `url_of` says. `authorities` is a file of CAs to trust instead of those that botocore brings. Checksums
    are neither sent nor looked at unless the operation requires it: some stores know none, and a download verifies its
    files itself.
    """
    keys = settings.keys
    endpoint, virtual = _place(settings, bucket, own_host=own_host)
    config = Config(
        signature_version=UNSIGNED if keys is None else "s3v4",
        s3=_addressing(virtual=virtual),
        max_pool_connections=_CONNECTIONS,
        connect_timeout=10,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 5},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    known = {
        "aws_access_key_id": None if keys is None else keys.id,
        "aws_secret_access_key": None if keys is None else keys.secret,
        "aws_session_token": None if keys is None else keys.token or None,
    }
    with _building:
        return _session().client(
            "s3",
            region_name=settings.region,
            endpoint_url=endpoint,
            verify=authorities or True,
            config=config,
            **known,
        )


def _addressing(*, virtual: bool) -> dict[str, str]:
    # Virtual of AWS, for "auto" would ask the one endpoint of all regions; a name with dots, which fits no certificate, is in the path.
    return {"addressing_style": "virtual" if virtual else "path", "us_east_1_regional_endpoint": "regional"}


def signed(method: Literal["GET", "HEAD"], url: str, *, region: str, keys: Keys) -> tuple[str, dict[str, str]]:
    """The authorization of a request at this very moment, and the headers that belong to it (Signature Version 4)."""
    request = AWSRequest(method=method, url=url)
    token = _signing.set(True)
    try:
        S3SigV4Auth(Credentials(keys.id, keys.secret, keys.token or None), "s3", region).add_auth(request)
    finally:
        _signing.reset(token)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return headers.pop("authorization"), headers


@lru_cache(maxsize=_CLIENTS_AT_MOST)
def _client(endpoint: str | None, region: str, *, virtual: bool) -> Any:
    config = Config(proxies={}, signature_version=UNSIGNED, s3=_addressing(virtual=virtual))
    return _session().client("s3", region_name=region, endpoint_url=endpoint, verify=True, config=config)


@lru_cache(maxsize=1)
def _session() -> Any:
    return boto3.Session(botocore_session=_Sealed())


def _is_not_ours(_: logging.LogRecord) -> bool:
    return not _signing.get()


# It logs what it signs, and a session token is a part of that (SEC-1).
logging.getLogger("botocore.auth").addFilter(_is_not_ours)
