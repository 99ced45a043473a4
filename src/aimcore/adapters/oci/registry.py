"""Labels of images in registries: an `ImageInspector` that spends few requests and trusts no answer (DISC-3, DISC-4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from aimcore.adapters.egress import Deadline, EgressError, Session
from aimcore.adapters.oci.conduct import Pauses, SingleFlight, Turns
from aimcore.adapters.oci.content import ContentError
from aimcore.adapters.oci.keyring import Credential, KeyringError, parse_keyring
from aimcore.adapters.oci.platforms import DEFAULT_PLATFORM, Platform
from aimcore.adapters.oci.reading import Configs, Reading
from aimcore.adapters.oci.tokens import Logins
from aimcore.adapters.oci.visit import Denied, Lobby, Place, RegistryError, Visit
from aimcore.domain.errors import quoted
from aimcore.domain.images.inspection import Cause, Inspected, Inspection, InspectionFailed, Unchanged
from aimcore.domain.values.image import ImageReference
from aimcore.domain.view.plan import Inspect
from aimcore.ports.errors import AccessDenied, NotFound, PortError
from aimcore.ports.secrets import PullSecret, PullSecrets, UnusableSecret

__all__ = ["RegistryInspector"]

T = TypeVar("T")

_SECONDS_IN_ALL: Final = 60.0  # SEC-4
_CONFIGS_AT_MOST: Final = 32 * 1024 * 1024

# What to do about content, beside what is wrong with it.
_ADVICE: Final = {
    Cause.MALFORMED: "push the image again, or report it to whoever runs the registry",  # schema 1 included
    Cause.TOO_LARGE: "build the image with less in it",
    Cause.NO_MATCHING_PLATFORM: "build it for that platform, or ask for another with --platform",
}

_OF_CREDENTIALS: Final = frozenset({Cause.UNAUTHORIZED, Cause.NOT_FOUND})
"""What another credential may mend."""

_Question = tuple[ImageReference, tuple[str, ...]]


class RegistryInspector:
    """An `ImageInspector` over registries, for several threads at once.

    An image is read with the pull secrets that are wished for, then with `own`, as far as they name its registry and
    repository; anonymously only where none does. At most `at_once` requests to a registry are under way at a time, and an
    inspection ends within 60 s. Raises `KeyringError` if one of `own` is no docker config.
    """

    def __init__(
        self,
        session: Session,
        *,
        secrets: PullSecrets,
        own: Sequence[PullSecret] = (),
        platform: Platform = DEFAULT_PLATFORM,
        at_once: int = 8,
    ) -> None:
        self._lobby = Lobby(session=session, turns=Turns(at_once), pauses=Pauses(), logins=Logins())
        self._secrets = secrets
        self._own = parse_keyring(own)
        self._platform = platform
        self._configs: Configs = Configs(_CONFIGS_AT_MOST, weight=len)
        self._readings: SingleFlight[_Question, Inspected] = SingleFlight()
        self._rereadings: SingleFlight[tuple[_Question, str], Inspected | Unchanged] = SingleFlight()

    def inspect(self, want: Inspect) -> Inspection:
        """The digest of what the image names, its index where it has one, and the labels of its child for the platform."""

        def ask(credentials: tuple[Credential, ...], deadline: Deadline) -> Inspected:
            return self._readings.join(
                _question(want, credentials),
                lambda: self._first_let_in(want.image, credentials, deadline, Reading.read),
                within=deadline.left(),
            )

        return self._answered(want, ask)

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        """`Unchanged` by one HEAD where the registry tells digests so; without any request if the image is a digest."""
        if want.image.digest == held:
            return Unchanged(digest=held)

        def ask(credentials: tuple[Credential, ...], deadline: Deadline) -> Inspected | Unchanged:
            return self._rereadings.join(
                (_question(want, credentials), held),
                lambda: self._first_let_in(want.image, credentials, deadline, lambda reading: reading.reread(held)),
                within=deadline.left(),
            )

        return self._answered(want, ask)

    def _answered(self, want: Inspect, ask: Callable[[tuple[Credential, ...], Deadline], T]) -> T | InspectionFailed:
        filed = self._filed(want)
        if isinstance(filed, InspectionFailed):
            return filed
        try:
            return ask(filed.credentials, Deadline.after(_SECONDS_IN_ALL))
        except Denied as error:
            return _failed(want, error.cause, f"{error.problem}; {_what_to_bring(want.image, filed)}")
        except RegistryError as error:
            beside = _where_it_may_hide(filed) if error.cause is Cause.NOT_FOUND else ""
            return _failed(want, error.cause, f"{error.problem}{beside}")
        except ContentError as error:
            return _failed(want, error.cause, f"{error.problem}; {_ADVICE[error.cause]}")
        except EgressError as error:
            return _failed(want, _cause(error), str(error))
        except TimeoutError:
            problem = f"registry {want.image.registry} did not answer within {_SECONDS_IN_ALL:g} s; try again later"
            return _failed(want, Cause.UNREACHABLE, problem)

    def _first_let_in(
        self,
        image: ImageReference,
        credentials: Sequence[Credential],
        deadline: Deadline,
        read: Callable[[Reading], T],
    ) -> T:
        """What the first credential reads that is let in, as the kubelet tries them.

        A registry may hide what one may not see, so that the next credential is tried after `NotFound` too; that is what is
        raised if any of them was let in so far, else the last denial.
        """
        refusals: list[RegistryError] = []
        for each in credentials or (None,):
            try:
                return self._read_as(each, image, deadline, read)
            except RegistryError as error:
                if error.cause not in _OF_CREDENTIALS:
                    raise
                refusals.append(error)
        raise next((each for each in refusals if each.cause is Cause.NOT_FOUND), refusals[-1])

    def _read_as(
        self, credential: Credential | None, image: ImageReference, deadline: Deadline, read: Callable[[Reading], T]
    ) -> T:
        from aimcore.adapters.oci.client import Client  # noqa: PLC0415 - oras, 0.2 s that only those pay who go online

        place = Place.of(image, self._lobby.session)
        visit = Visit(self._lobby, place, credential=credential, deadline=deadline)
        client = Client(visit, place)
        try:
            return read(Reading(image=image, client=client, platform=self._platform, configs=self._configs))
        except (ContentError, EgressError) as error:
            if visit.holds(str(error)):  # SEC-1
                problem = f"registry {image.registry} sends back a credential it was shown; its answer is not"
                raise RegistryError(problem, cause=_cause(error)) from None
            raise

    def _filed(self, want: Inspect) -> _Filed | InspectionFailed:
        """Those for the image; a secret that is named and cannot be read is a failure, even of a public image (DISC-7)."""
        found: list[PullSecret] = []
        for name in want.pull_secrets:
            called = f"pull secret {quoted(f'{want.namespace}/{name}' if want.namespace else name)}"
            try:
                found.append(self._secrets.read(want.namespace, name))
            except UnusableSecret as error:
                return _failed(want, Cause.SECRET_MISSING, f"{called} {error}")
            except NotFound:
                problem = f"{called} is missing; create it, or name another"
                return _failed(want, Cause.SECRET_MISSING, problem)
            except AccessDenied:
                return _failed(want, Cause.UNAUTHORIZED, f"{called} may not be read; allow `get` of it")
            except PortError:
                return _failed(want, Cause.UNREACHABLE, f"{called} cannot be read at the moment; try again later")
        try:
            theirs = parse_keyring(found)
        except KeyringError as error:
            return _failed(want, Cause.SECRET_MISSING, f"{error}; replace it")
        credentials = dict.fromkeys((*theirs.find(want.image), *self._own.find(want.image)))
        notes = (*theirs.notes(want.image), *self._own.notes(want.image))
        return _Filed(credentials=tuple(credentials), notes=notes)


class _Filed(NamedTuple):
    """What the secrets have for an image: credentials to try in order, and what was passed over."""

    credentials: tuple[Credential, ...]
    notes: tuple[str, ...]

    @property
    def tried(self) -> str:
        """The secrets that the credentials are from."""
        return ", ".join(quoted(name) for name in dict.fromkeys(each.secret for each in self.credentials))


def _question(want: Inspect, credentials: Sequence[Credential]) -> _Question:
    return want.image, tuple(each.fingerprint for each in credentials)


def _failed(want: Inspect, cause: Cause, problem: str) -> InspectionFailed:
    return InspectionFailed(cause=cause, message=f"image {want.image}: {problem}")


def _what_to_bring(image: ImageReference, filed: _Filed) -> str:
    """What to do about a refusal; never what was just done."""
    if not filed.credentials and not filed.notes:
        return f"check its name, and name an imagePullSecret for {image.registry}, or pass --registry-config FILE"
    if not filed.credentials:
        return f"no credential was shown: {'; '.join(filed.notes)}"
    return "; ".join((f"check the credentials in {filed.tried}, and their right to pull", *filed.notes))


def _where_it_may_hide(filed: _Filed) -> str:
    """What to look at beside the name of an image that is not found: a registry may hide it."""
    tried = f", and that the credentials in {filed.tried} may pull it" if filed.credentials else ""
    return "; ".join((tried, *filed.notes))


def _cause(error: ContentError | EgressError) -> Cause:
    return error.cause if isinstance(error, ContentError) else Cause(error.word)
