"""What the environment of a source says of S3: where, in which region, as whom; nothing is read from anywhere else (SIZE-1, SEC-2).

A value may come from a secret, and the wrong one at that, so no message here repeats one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aimcore.adapters.egress import EgressError
from aimcore.adapters.egress.origins import Url, parse_url
from aimcore.adapters.s3.keys import Keys
from aimcore.adapters.s3.refusals import S3Error
from aimcore.domain.weights.probing import ProbeCause

__all__ = ["Settings", "parse_settings"]

_REGION: Final = re.compile(
    r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)  # as boto3 has it: NL, RegionOne, eu-west-1
_REGIONS: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")  # the former counts; boto3 and the AWS tools read the latter
_REGION_OF_NOBODY: Final = "us-east-1"  # what every store takes where it has no regions
_SENDABLE: Final = re.compile(r"[!-~]+")
_ID, _SECRET, _TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`endpoint` is None for AWS; without `keys` nobody in particular asks."""

    endpoint: Url | None
    region: str
    keys: Keys | None

    @property
    def has_name(self) -> bool:
        """Whether the endpoint is known by a name, so that a bucket may have a host of its own below it."""
        if self.endpoint is None:
            return False
        host = self.endpoint.origin.host
        return not host.startswith("[") and not host[-1].isdigit()


def parse_settings(environment: Mapping[str, str]) -> Settings:
    """The settings, or an `S3Error` that says which variable is wrong; an empty variable counts as absent."""
    name = next((each for each in _REGIONS if environment.get(each)), "")
    region = environment.get(name) or _REGION_OF_NOBODY
    if not _REGION.fullmatch(region):
        problem = f"{name} is the name of no region; expected at most 63 letters, digits and '-', such as eu-west-1"
        raise S3Error(problem, cause=ProbeCause.MALFORMED)
    return Settings(endpoint=_endpoint(environment.get("AWS_ENDPOINT_URL")), region=region, keys=_keys(environment))


def _endpoint(text: str | None) -> Url | None:
    if not text:
        return None
    try:
        url = parse_url(text)
    except EgressError:  # it quotes the text
        url = None
    if url is None or url.query:
        problem = (
            "AWS_ENDPOINT_URL is no address of a store; expected http or https, a host, and neither user nor query"
        )
        raise S3Error(problem, cause=ProbeCause.MALFORMED)
    return url


def _keys(environment: Mapping[str, str]) -> Keys | None:
    given = {name: environment[name] for name in (_ID, _SECRET, _TOKEN) if environment.get(name)}
    if not given:
        return None
    for name in (_ID, _SECRET):
        if name not in given:
            raise S3Error(
                f"{name} is missing beside {' and '.join(given)}; give both keys, or none",
                cause=ProbeCause.UNAUTHORIZED,
            )
    for name, value in given.items():
        if not _SENDABLE.fullmatch(value):
            problem = f"{name} has characters that no key has; is there a line break at its end?"
            raise S3Error(problem, cause=ProbeCause.UNAUTHORIZED)
    return Keys(id=given[_ID], secret=given[_SECRET], token=given.get(_TOKEN, ""))
