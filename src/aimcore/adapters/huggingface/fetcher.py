"""Files of an `hf://` source at one commit, by huggingface_hub: over Xet where both sides have it, else over HTTP (FETCH-1, FETCH-3).

`hf_hub_download` begins a file anew after each interruption; the functions that it is made of do not need to, and a part
is gone on from where it ends (decision 0010).
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Self

import httpx2
from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url, set_client_factory
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.file_download import http_get, xet_get
from huggingface_hub.utils import build_hf_headers
from huggingface_hub.utils._http import default_client_factory

from aimcore import __version__
from aimcore.adapters.egress import Answer
from aimcore.adapters.huggingface.refusals import HubError, refusal
from aimcore.adapters.huggingface.settings import Settings, parse_settings
from aimcore.domain.errors import quoted
from aimcore.domain.weights.files import Digest, DigestKind, RemoteFile
from aimcore.domain.weights.outcome import FetchCause, FetchError
from aimcore.domain.weights.sources import HuggingFaceUri
from aimcore.ports.fetching import Activity, Fetcher

__all__ = ["hub_fetcher"]

_PIECE: Final = 256 * 1024
"""Bytes that are written at once. What did not fill a piece is lost when a connection breaks, and a slow one that takes
long to fill it looks as if it had stalled; huggingface_hub has 10 MB."""
_WAIT_AT_MOST: Final = 120  # seconds that a host may put us off for within one attempt
_SECONDS: Final = re.compile(r"[0-9]{1,6}")


@contextmanager
def hub_fetcher(
    source: HuggingFaceUri,
    environment: Mapping[str, str],
    *,
    commit: str,
    context: ssl.SSLContext,
    activity: Activity,
) -> Iterator[Fetcher]:
    """A `Fetcher` of that commit. While it is open, huggingface_hub uses a client of ours in the whole process."""
    settings = parse_settings(environment)
    logger = logging.getLogger("huggingface_hub")
    before = logger.level, constants.DOWNLOAD_CHUNK_SIZE
    logger.setLevel(logging.CRITICAL + 1)  # its warnings show URLs with their signatures (SEC-1)
    constants.DOWNLOAD_CHUNK_SIZE = _PIECE
    set_client_factory(_Factory(context=context, activity=activity))
    try:
        yield _HubFetcher(source=source, settings=settings, commit=commit, activity=activity)
    finally:
        set_client_factory(default_client_factory)
        level, constants.DOWNLOAD_CHUNK_SIZE = before
        logger.setLevel(level)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Factory:
    context: ssl.SSLContext
    activity: Activity

    def __call__(self) -> httpx2.Client:
        """A client that follows redirects, and gives the token to the hub alone, as httpx2 does."""
        return httpx2.Client(
            event_hooks={"response": [self._heard]},
            follow_redirects=True,
            timeout=None,
            verify=self.context,
        )

    def _heard(self, response: httpx2.Response) -> None:
        """Whoever asks to be left alone is: huggingface_hub waits so long, or this attempt ends."""
        if response.status_code not in {429, 503}:
            return
        said = response.headers.get("retry-after", "").strip()
        seconds = int(said) if _SECONDS.fullmatch(said) else 0
        if seconds > _WAIT_AT_MOST:
            message = f"the hub asks to be left alone for {seconds} s"
            raise FetchError(FetchCause.RATE_LIMITED, message, retry_after=seconds)
        self.activity.waits(seconds + 1)


class _HubFetcher:
    def __init__(self, *, source: HuggingFaceUri, settings: Settings, commit: str, activity: Activity) -> None:
        self._repository, self._settings, self._commit = source.repository, settings, commit
        self._bar = _bar_of(activity)
        self._token: str | bool = settings.token or False  # None would be that of this machine
        self._headers = build_hf_headers(token=self._token, library_name="aimcore", library_version=__version__)
        self._headers["accept-encoding"] = "identity"

    def digest(self, file: RemoteFile) -> Digest | None:
        """What is listed."""
        return file.digest

    def disputed(self, file: RemoteFile) -> Digest | None:
        """What is listed: a commit does not change."""
        return file.digest

    def fetch(self, file: RemoteFile, part: str) -> None:
        """Go on where the part ends; over Xet, which writes in no order, begin anew."""
        url = hf_hub_url(self._repository, file.key, revision=self._commit, endpoint=self._settings.endpoint)
        with self._told(file):
            if not self._by_xet(file, url, part):
                with Path(part).open("ab") as out:
                    http_get(
                        url,
                        out,
                        resume_size=out.tell(),
                        headers=dict(self._headers),
                        expected_size=file.size,
                        displayed_filename=file.path,
                        tqdm_class=self._bar,
                    )

    def _by_xet(self, file: RemoteFile, url: str, part: str) -> bool:
        """Whether the file came over Xet; only large files are asked for it, as no other is kept there."""
        if file.digest is None or file.digest.kind is not DigestKind.SHA256 or not _has_xet():
            return False
        found = get_hf_file_metadata(
            url,
            token=self._token,
            timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT,
            headers={"accept-encoding": "identity"},
            endpoint=self._settings.endpoint,
            retry_on_errors=True,
        )
        if found.xet_file_data is None:
            return False
        beside = Path(f"{part}.open")
        xet_get(
            incomplete_path=beside,
            xet_file_data=found.xet_file_data,
            headers=dict(self._headers),
            expected_size=file.size,
            displayed_filename=file.path,
            tqdm_class=self._bar,
        )
        beside.rename(part)
        return True

    @contextmanager
    def _told(self, file: RemoteFile) -> Iterator[None]:
        """What a hub or the way to it does, as a `FetchError` that repeats nothing of it (SEC-1)."""
        failure: FetchError
        try:
            yield
        except FetchError:
            raise
        except HfHubHTTPError as error:
            failure = self._refused(file, error)
        except (ConnectionError, TimeoutError):
            failure = self._error(FetchCause.UNREACHABLE, file, "broke off; try again")
        except OSError as error:
            if error.errno is not None:  # of the disk
                raise
            failure = self._error(FetchCause.UNREACHABLE, file, "sent another number of bytes than it said; try again")
        except httpx2.ConnectError as error:
            failure = self._unconnected(file, error)
        except ValueError:
            problem = f"gives no files above {constants.MAX_HTTP_DOWNLOAD_SIZE} bytes without Xet; leave HF_HUB_DISABLE_XET unset"
            failure = self._error(FetchCause.TOO_LARGE, file, problem)
        except Exception as error:  # noqa: BLE001 - httpx2's and hf_xet's own, whose words may quote
            failure = self._error(FetchCause.UNREACHABLE, file, f"broke off ({type(error).__name__}); try again")
        else:
            return
        raise failure

    def _refused(self, file: RemoteFile, error: HfHubHTTPError) -> FetchError:
        response = error.response
        headers = {name.lower(): value for name, value in response.headers.items()}
        if headers.get("x-error-code") == "EntryNotFound":
            return self._error(FetchCause.CHANGED, file, "has it no more; it is listed anew at the next try")
        told: HubError = refusal(
            Answer(status=response.status_code, headers=headers, body=b"", url=""), self._settings.token
        )
        return self._error(FetchCause(told.cause.value), file, told.problem)

    def _unconnected(self, file: RemoteFile, error: httpx2.ConnectError) -> FetchError:
        if any(isinstance(one, ssl.SSLCertVerificationError) for one in _chain(error)):
            problem = "cannot prove who it is; name its CA with --ca FILE (the operator: AIM_CA_FILE)"
            return self._error(FetchCause.UNTRUSTED, file, problem)
        return self._error(FetchCause.UNREACHABLE, file, "cannot be connected to; try again")

    def _error(self, cause: FetchCause, file: RemoteFile, problem: str) -> FetchError:
        return FetchError(cause, f"file {quoted(file.path)} of hf://{self._repository}: the hub {problem}")


def _has_xet() -> bool:
    return not constants.HF_HUB_DISABLE_XET and find_spec("hf_xet") is not None


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _bar_of(activity: Activity) -> Any:
    """A class with the face of tqdm, which huggingface_hub makes one of for each file: it tells how many bytes came."""

    class Bar:
        def __init__(self, *_: object, **__: object) -> None:
            self.total: int | None = None

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing is shown, so nothing is to be ended."""

        def update(self, count: float | None = 1) -> None:
            activity.received(int(count or 0))

        def update_transfer(self, _count: float | None = 1) -> None:
            activity.worked()

        def set_postfix_str(self, *_: object, **__: object) -> None:
            """Nobody looks."""

        set_transfer_postfix_str = set_postfix_str

    return Bar
