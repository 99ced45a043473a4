"""What a store may say, byte by byte, and one that says it to a prober whose keys are planted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from aimcore.adapters.egress import Rules
from aimcore.adapters.s3.prober import S3Prober
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed
from aimcore.domain.weights.sources import S3Uri
from tests.integration.egress.server import Certificate, Heard, Server, Steps, answer
from tests.integration.registry_faults.hostile import HastySession

__all__ = ["LLAMA", "PLANTED", "Stage", "error", "leaks", "listing", "refused", "stage"]

LLAMA: Final = S3Uri(bucket="weights", key="models/llama")
PLANTED: Final = {
    "AWS_ACCESS_KEY_ID": "AKIACANARY0OF0THE0ID",
    "AWS_SECRET_ACCESS_KEY": "c4n4ry-0f-the-s3cret/key",
    "AWS_SESSION_TOKEN": "c4n4ry-0f-the-t0ken//1",
}


def listing(*contents: tuple[str, object], following: str | None = None) -> bytes:
    """A page of keys and sizes."""
    entries = "".join(f"<Contents><Key>{key}</Key><Size>{size}</Size></Contents>" for key, size in contents)
    more = "" if following is None else f"<NextContinuationToken>{following}</NextContinuationToken>"
    head = f"<IsTruncated>{'true' if following is not None else 'false'}</IsTruncated>{more}"
    return f"<ListBucketResult>{head}{entries}</ListBucketResult>".encode()


def error(status: int, code: str, more: str = "", **headers: str) -> bytes:
    """A refusal as S3 words it."""
    return answer(status, f"<Error><Code>{code}</Code><Message>no</Message>{more}</Error>".encode(), **headers)


@dataclass(kw_only=True)
class Stage:
    """A store that answers `replies` in turn, the last one for ever, and who asks it."""

    server: Server
    session: HastySession
    replies: list[Steps | Callable[[Heard], Steps]] = field(default_factory=list)

    def script(self, heard: Heard) -> Steps:
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        steps = reply(heard) if callable(reply) else reply
        if heard.method == "HEAD" and isinstance(steps, bytes):
            return steps.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        return steps

    def probe(self, source: S3Uri = LLAMA, /, **environment: str) -> ProbeAnswer:
        asked = {"AWS_ENDPOINT_URL": self.server.url, **PLANTED, **environment}
        return S3Prober(self.session).probe(source, asked)


@contextmanager
def stage(
    *replies: Steps | Callable[[Heard], Steps], certificate: Certificate | None = None, allowed: bool = True
) -> Iterator[Stage]:
    """A store that the settings allow, unless it is said otherwise."""
    with Server(certificate=certificate) as server:
        hosts = frozenset({server.host} if allowed else ())
        rules = Rules(allow_hosts=hosts) if certificate else Rules(plain_http=hosts)
        with HastySession(rules) as session:
            opened = Stage(server=server, session=session, replies=list(replies))
            server.script = opened.script
            yield opened


def refused(found: ProbeAnswer, cause: ProbeCause) -> str:
    """The message of a failure of this cause, if it is one short line for a terminal that names the source."""
    assert isinstance(found, ProbeFailed), found
    assert found.cause is cause, found
    assert found.message.isascii()
    assert found.message.isprintable()
    assert found.message.startswith("source 's3://weights/models/llama': ")
    assert len(found.message) < 500
    return found.message


def leaks(*texts: str | bytes, planted: Mapping[str, str] = PLANTED) -> list[str]:
    """Which of the planted keys stand in `texts`."""
    everything = b"\n".join(text if isinstance(text, bytes) else text.encode() for text in texts)
    return [name for name, value in planted.items() if value.encode() in everything]
