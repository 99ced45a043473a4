"""The labels of an image become its metadata: whatever they say there is an answer, and it fits into a status (LABEL).

Each key is looked for under `com.amd.aim.`, then under `org.amd.silogen.`; a blank value counts as absent (LABEL-1).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import accumulate, takewhile

from aimcore.domain.errors import ParseError, quoted
from aimcore.domain.images.deployments import parse_deployments
from aimcore.domain.images.metadata import Deployment, ImageMetadata, ModelMetadata, OciMetadata, storable

__all__ = ["LabelProblem", "ReadLabels", "read_labels"]

MOST_BYTES = 1024 * 1024  # all names and values together (LABEL-5)
MOST_ORIGINAL_BYTES = 32 * 1024  # those kept as `originalLabels` (LABEL-2)
MOST_ORIGINAL_JSON = 36 * 1024  # the same as JSON writes them: quotes double, a control character takes six bytes
MOST_FIELDS_JSON = 16 * 1024  # all other metadata; with the originals it leaves a status of 64 KiB room for the rest
CHARACTER_JSON = 6  # the most a character takes in JSON: `\u0001`
PAIR_JSON = 6  # what JSON adds to a name and its value: quotes, colon, comma
ITEM_JSON = 3  # ... and to a text in a list
DEPLOYMENT_JSON = 128  # ... and to the texts of a deployment: field names, count, metric, precision

PREFIXES = ("com.amd.aim.", "org.amd.silogen.")
_KEYS = (
    *("model.canonicalName", "model.source", "model.tags", "model.versions", "model.variants"),
    *("title", "description.full", "release.notes", "hfToken.required"),
)
_NAMES = {key: tuple(prefix + key for prefix in PREFIXES) for key in _KEYS}
"""The labels a key may stand in, the one that counts first."""
_DEPLOYMENTS = tuple(
    prefix + key for prefix in PREFIXES for key in ("model.deployments", "model.recommendedDeployments")
)
_OCI_FIELDS = {f"org.opencontainers.image.{field.name}": field.name for field in fields(OciMetadata)}
_KNOWN = frozenset(name for names in (*_NAMES.values(), _DEPLOYMENTS, _OCI_FIELDS) for name in names)

_FLAGS = {
    **dict.fromkeys(("1", "t", "true", "y", "yes", "on"), True),
    **dict.fromkeys(("0", "f", "false", "n", "no", "off"), False),
}

_MISSING = f"required labels missing: neither model.canonicalName nor model.deployments under {' or '.join(PREFIXES)}"
_NO_ROOM = f"a status has room for {MOST_FIELDS_JSON} bytes of metadata"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelProblem:
    """What of a label could not be read or kept. `str()` is one line, fit for a condition's message."""

    label: str
    message: str

    def __str__(self) -> str:
        return f"{self.label}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLabels:
    """What labels say. `failure` is `None` if they could be read, else the message of the failed extraction (DISC-5).

    A failure begins with `required labels missing:` or `Malformed:`, keeps the fields that could be read (LABEL-4), and
    only another image heals it. `problems` are worth telling either way.
    """

    metadata: ImageMetadata
    problems: tuple[LabelProblem, ...] = ()
    failure: str | None = None


def read_labels(labels: Mapping[str, str]) -> ReadLabels:
    """Everything `labels` say, and what of it could not be read or kept. Never raises, whatever they hold.

    >>> read = read_labels({"com.amd.aim.model.canonicalName": "acme/chat", "com.amd.aim.hfToken.required": "perhaps"})
    >>> read.metadata.model.canonical_name, read.failure
    ('acme/chat', None)
    >>> print(read.problems[0])
    com.amd.aim.hfToken.required: 'perhaps' says neither yes nor no
    >>> read_labels({}).failure[:24]
    'required labels missing:'
    """
    problems: list[LabelProblem] = []
    everything = "".join((*labels, *labels.values()))
    if storable(everything) != everything:
        labels = _stored(labels, problems)
        everything = storable(everything)
    size = len(everything.encode())
    if size > MOST_BYTES:
        failure = f"Malformed: labels of {size} bytes together; expected at most {MOST_BYTES}"
        return ReadLabels(metadata=ImageMetadata(), problems=tuple(problems), failure=failure)
    plenty = _fits(everything, len(labels), MOST_FIELDS_JSON)
    reader = _Reader(labels, problems, plenty=plenty)
    originals = labels if plenty else _originals(labels, problems)
    metadata = ImageMetadata(model=reader.model(), oci=reader.oci(), original_labels=tuple(sorted(originals.items())))
    if metadata.model.canonical_name is None and reader.find(_DEPLOYMENTS) is None:
        reader.failure = _MISSING
    return ReadLabels(metadata=metadata, problems=tuple(problems), failure=reader.failure)


def _stored(labels: Mapping[str, str], problems: list[LabelProblem]) -> Mapping[str, str]:
    """The labels as a status can hold them, and the problem that says so."""
    stored = {name: (storable(name), storable(value)) for name, value in labels.items()}
    changed = [name for name, value in labels.items() if stored[name] != (name, value)]
    more = f" (so do {len(changed) - 1} more labels)" if len(changed) > 1 else ""
    message = f"holds NUL or half of a surrogate pair, replaced by U+FFFD{more}"
    problems.append(LabelProblem(label=changed[0] if changed[0] in _KNOWN else quoted(changed[0]), message=message))
    return dict(stored.values())


def _originals(labels: Mapping[str, str], problems: list[LabelProblem]) -> Mapping[str, str]:
    """The labels kept as they are: all of them, else the known ones, else as many of these as fit, the smallest first."""
    if _fit_originals(labels):
        return labels
    kept = {name: value for name, value in labels.items() if name in _KNOWN}
    if not _fit_originals(kept):
        smallest = sorted(kept.items(), key=lambda pair: (_written(*pair), pair))
        fitting = _fitting((_written(*pair) + PAIR_JSON for pair in smallest), MOST_ORIGINAL_BYTES)
        kept = dict(smallest[:fitting])
    message = (
        f"{len(labels) - len(kept)} of {len(labels)} labels are left out; expected at most {MOST_ORIGINAL_BYTES} bytes"
    )
    problems.append(LabelProblem(label="originalLabels", message=message))
    return kept


def _fit_originals(labels: Mapping[str, str]) -> bool:
    everything = "".join((*labels, *labels.values()))
    return len(everything.encode()) <= MOST_ORIGINAL_BYTES and _fits(everything, len(labels), MOST_ORIGINAL_JSON)


class _Reader:
    """Reads one set of labels. Where there is not `plenty` of room, what is read first finds room first."""

    def __init__(self, labels: Mapping[str, str], problems: list[LabelProblem], *, plenty: bool) -> None:
        self.present = {name: text for name, value in labels.items() if name in _KNOWN and (text := value.strip())}
        self.problems = problems
        self.plenty = plenty
        self.room = MOST_FIELDS_JSON
        self.failure: str | None = None

    def model(self) -> ModelMetadata:
        """What the labels say of the model, identities before prose."""
        return ModelMetadata(
            canonical_name=self.text(_NAMES["model.canonicalName"]),
            recommended_deployments=self.deployments(),
            hf_token_required=self.flag(_NAMES["hfToken.required"]),
            source=self.text(_NAMES["model.source"]),
            title=self.text(_NAMES["title"]),
            tags=self.words(_NAMES["model.tags"]),
            versions=self.words(_NAMES["model.versions"]),
            variants=self.words(_NAMES["model.variants"]),
            description_full=self.text(_NAMES["description.full"]),
            release_notes=self.text(_NAMES["release.notes"]),
        )

    def oci(self) -> OciMetadata:
        present = self.present
        return OciMetadata(
            **{field: self.fit(name, present[name]) for name, field in _OCI_FIELDS.items() if name in present}
        )

    def find(self, names: tuple[str, ...]) -> tuple[str, str] | None:
        """The first of `names` that is present, and its text (LABEL-1)."""
        for name in names:
            if name in self.present:
                return name, self.present[name]
        return None

    def text(self, names: tuple[str, ...]) -> str | None:
        for name in names:
            if name in self.present:
                return self.fit(name, self.present[name])
        return None

    def words(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """A comma list: its items trimmed, the empty ones dropped (LABEL-2)."""
        found = self.find(names)
        if found is None:
            return ()
        name, value = found
        words = tuple([word for part in value.split(",") if (word := part.strip())])
        if self.plenty:
            return words
        kept = words[: _fitting((_written(word) + ITEM_JSON for word in words), self.room)]
        self.room -= sum(_written(word) + ITEM_JSON for word in kept)
        if len(kept) < len(words):
            self.tell(name, f"{len(words) - len(kept)} of {len(words)} items are left out, {_NO_ROOM}")
        return kept

    def flag(self, names: tuple[str, ...]) -> bool | None:
        found = self.find(names)
        if found is None:
            return None
        name, value = found
        flag = _FLAGS.get(value.lower())
        if flag is None:
            self.tell(name, f"{quoted(value)} says neither yes nor no")
        return flag

    def deployments(self) -> tuple[Deployment, ...]:
        """The recommended deployments; a value that cannot be read is the failure of the whole (LABEL-4)."""
        found = self.find(_DEPLOYMENTS)
        if found is None:
            return ()
        name, value = found
        try:
            deployments, bad = parse_deployments(value)
        except ParseError as error:
            self.failure = f"Malformed: {name}: {error}"
            return ()
        for element in bad:
            self.tell(name, f"element {element.index}: {element.reason}")
        if self.plenty:
            return deployments
        kept = tuple(fitted for deployment in deployments if (fitted := self.fit_deployment(name, deployment)))
        if len(kept) < len(deployments):
            self.tell(
                name, f"{len(deployments) - len(kept)} of {len(deployments)} deployments are left out, {_NO_ROOM}"
            )
        return kept

    def fit(self, name: str, text: str) -> str:
        """`text`, cut where the room ends."""
        if self.plenty:
            return text
        written = _written(text)
        if written > self.room:
            self.tell(name, f"is cut, {_NO_ROOM}")
            text = text[: _fitting(map(_written, text), self.room - len("…".encode()))] + "…"
            written = min(_written(text), self.room)
        self.room -= written
        return text

    def fit_deployment(self, name: str, deployment: Deployment) -> Deployment | None:
        """`deployment` if there is room for what identifies it, its description cut where the room ends."""
        identity = DEPLOYMENT_JSON + _written(deployment.gpu_model or "", deployment.profile_id or "")
        if identity > self.room:
            return None
        self.room -= identity
        if deployment.description is None:
            return deployment
        return replace(deployment, description=self.fit(name, deployment.description))

    def tell(self, label: str, message: str) -> None:
        self.problems.append(LabelProblem(label=label, message=message))


_as_json = json.JSONEncoder(ensure_ascii=False).encode


def _written(*texts: str) -> int:
    """The bytes the texts take in a JSON document, their quotes aside."""
    return len(_as_json("".join(texts)).encode()) - 2


def _fits(everything: str, labels: int, room: int) -> bool:
    """Whether so many labels, `everything` their names and values, fit into `room` as JSON; small ones are not measured."""
    room -= PAIR_JSON * labels
    return CHARACTER_JSON * len(everything) <= room or _written(everything) <= room


def _fitting(sizes: Iterable[int], room: int) -> int:
    """How many of `sizes`, from the first, fit into `room` together."""
    return sum(1 for _ in takewhile(lambda used: used <= room, accumulate(sizes)))
