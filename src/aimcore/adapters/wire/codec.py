"""Codecs: how one kind of value is read strictly, written, and described, so that the three cannot part.

A codec reads twice over. `read` is fast, takes null for a value, and stops at the first thing wrong without a word on it;
`examine` takes null for absent, goes on, and raises all of them.
`schema` is what it admits, in the words of a structural schema: a test holds it against the CustomResourceDefinitions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from sys import intern
from typing import Any, Generic, TypeVar, get_origin

from cattrs import ClassValidationError, Converter, IterableValidationError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from aimcore.adapters.wire.problem import MISSING_SAID, Spelling, UnreadableError, found, without_nulls
from aimcore.adapters.wire.rule import Rule
from aimcore.domain.errors import quoted

__all__ = ["SPELLINGS", "UNBOUNDED", "Codec", "described", "field", "many", "mapping", "record", "via"]

T = TypeVar("T")
U = TypeVar("U")
Reader = Callable[[Any, Any], T]
Schema = Mapping[str, Any]

SPELLINGS: dict[type, Spelling] = {}
"""How each class that a record codec reads is spelt; errors carry the class, paths need the spelling."""

_CONVERTER = Converter()
UNBOUNDED = 2**63
WRONG = "something is wrong; examine tells"


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec(Generic[T]):
    """Reads, examines, writes and describes one kind of value."""

    read: Reader[T]
    examine: Reader[T]
    write: Callable[[T], Any]
    schema: Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One attribute that is not simply its codec: spelt in its own way, written even at its default, or needed."""

    codec: Codec[Any]
    name: str | None = None
    always: bool = False
    needed: bool = False


def field(
    codec: Codec[Any], *, name: str | None = None, always: bool = False, needed: bool = False, describe: str = ""
) -> Field:
    """An attribute with its API `name`, and what people read of it there.

    `needed` says that the API asks for it where the record has a default.
    """
    said = described(codec, description=describe) if describe else codec
    return Field(codec=said, name=name, always=always, needed=needed)


def described(codec: Codec[T], **words: Any) -> Codec[T]:
    """The same codec, whose schema says `words` too, to people or to an API server; a word that is None is not said."""
    said = {**codec.schema, **words}
    return replace(codec, schema={name: value for name, value in said.items() if value is not None})


def _camel(attribute: str) -> str:
    first, *others = attribute.split("_")
    return first + "".join(map(str.capitalize, others))


def _spell(attribute: str, member: Codec[Any] | Field) -> Field:
    one = member if isinstance(member, Field) else Field(codec=member)
    return replace(one, name=one.name or _camel(attribute))


def record(
    cls: type[T],
    rule: str,
    *,
    rules: tuple[Rule, ...] = (),
    unspelt: tuple[str, ...] = (),
    describe: str = "",
    **members: Codec[Any] | Field,
) -> Codec[T]:
    """An object with exactly these fields; null is absent, an unknown field is an error.

    `rule` is the rule that lists the fields, `rules` what must hold between them; attributes that the API does not have
    are `unspelt`. `describe` says what the object is, where the field it stands in does not.
    """
    spelt = {attribute: _spell(attribute, member) for attribute, member in members.items()}
    names = {attribute: str(one.name) for attribute, one in spelt.items()}
    before, _ = SPELLINGS.get(cls, ({}, rule))  # one kind may leave out what another spells
    SPELLINGS[cls] = SPELLINGS[get_origin(cls) or cls] = ({**before, **names}, rule)  # a generic record goes by either
    make = _Maker(cls=cls, spelt=spelt, unspelt=unspelt)
    return Codec(
        read=_reader(make, rules),
        examine=_examiner(make, rules),
        write=_writer(make),
        schema={**({"description": describe} if describe else {}), **_object_schema(cls, rules, spelt)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker(Generic[T]):
    """Has cattrs generate the functions of one class, each when it is first called: most commands need few of them."""

    cls: type[T]
    spelt: Mapping[str, Field]
    unspelt: tuple[str, ...]

    @property
    def needed(self) -> frozenset[str]:
        """The fields that the API asks for where the record has a default."""
        return frozenset(str(one.name) for one in self.spelt.values() if one.needed)

    def reader(self) -> Reader[T]:
        hooks = {name: override(rename=one.name, struct_hook=one.codec.read) for name, one in self.spelt.items()}
        return make_dict_structure_fn(self.cls, _CONVERTER, **self._options(hooks, _cattrs_detailed_validation=False))

    def examiner(self) -> Reader[T]:
        hooks = {name: override(rename=one.name, struct_hook=one.codec.examine) for name, one in self.spelt.items()}
        return make_dict_structure_fn(
            self.cls,
            _CONVERTER,
            **self._options(hooks, _cattrs_detailed_validation=True, _cattrs_forbid_extra_keys=True),
        )

    def writer(self) -> Callable[[T], Any]:
        hooks = {
            name: override(rename=one.name, unstruct_hook=one.codec.write, omit_if_default=not one.always)
            for name, one in self.spelt.items()
        }
        return make_dict_unstructure_fn(self.cls, _CONVERTER, **self._options(hooks, _cattrs_omit_if_default=True))

    def _options(self, hooks: Mapping[str, Any], **options: bool) -> Any:
        return {**options, **hooks, **dict.fromkeys(self.unspelt, override(omit=True))}


def _reader(make: _Maker[T], rules: tuple[Rule, ...]) -> Reader[T]:
    cls, needed, known = make.cls, make.needed, frozenset(str(one.name) for one in make.spelt.values())
    structure: Reader[T] | None = None

    def read(value: Any, _type: Any) -> T:
        nonlocal structure
        if structure is None:
            structure = make.reader()
        if not isinstance(value, dict) or not known.issuperset(value) or not needed.issubset(value):
            raise UnreadableError(WRONG)
        made = structure(value, cls)
        for one in rules:
            if not one.is_met(value):
                raise UnreadableError(WRONG)
        return made

    return read


def _examiner(make: _Maker[T], rules: tuple[Rule, ...]) -> Reader[T]:
    cls, needed = make.cls, make.needed
    structure = cache(make.examiner)

    def examine(value: Any, _type: Any) -> T:
        given = _present(value)
        problems: list[Exception] = [
            UnreadableError(MISSING_SAID, at=(name,)) for name in sorted(needed - given.keys())
        ]
        problems += filter(None, (one.broken(given) for one in rules))
        try:
            made = structure()(given, cls)
        except ClassValidationError as error:
            raise ClassValidationError(cls.__name__, [*error.exceptions, *problems], cls) from error
        if problems:
            raise ClassValidationError(cls.__name__, problems, cls)
        return made

    return examine


def _writer(make: _Maker[T]) -> Callable[[T], Any]:
    unstructure = cache(make.writer)

    def write(made: T) -> Any:
        return unstructure()(made)

    return write


def _present(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise found(value, expected="an object")
    return without_nulls(value)


def _object_schema(cls: type, rules: tuple[Rule, ...], spelt: Mapping[str, Field]) -> Schema:
    bare = {
        one.name for one in fields(get_origin(cls) or cls) if one.default is MISSING and one.default_factory is MISSING
    }
    required = sorted(str(one.name) for attribute, one in spelt.items() if attribute in bare or one.needed)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {str(one.name): one.codec.schema for one in spelt.values()},
    }
    if required:
        schema["required"] = required
    if any(one.cel for one in rules):
        schema["x-kubernetes-validations"] = [one.validation for one in rules if one.cel]
    return schema


def many(
    codec: Codec[T], *, key: str | None = None, at_least: int = 0, at_most: int | None = None
) -> Codec[tuple[T, ...]]:
    """A list; with a `key`, one in which no two entries have the same, as a list-map of Kubernetes."""
    read_one, examine_one = codec.read, codec.examine
    most = at_most if at_most is not None else UNBOUNDED

    def read(value: Any, _type: Any) -> tuple[T, ...]:
        if not isinstance(value, list) or not at_least <= len(value) <= most:
            raise UnreadableError(WRONG)
        entries = tuple([read_one(one, None) for one in value])
        if key is not None and len(value) > 1 and len({one[key] for one in value}) < len(value):
            raise UnreadableError(WRONG)
        return entries

    def examine(value: Any, _type: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise found(value, expected="a list")
        if not at_least <= len(value) <= most:
            limit = f"at most {at_most}" if len(value) > most else f"at least {at_least}"
            raise UnreadableError(f"has {len(value)} entries; expected {limit}")
        return tuple(_each(list(enumerate(value)), examine_one, _repeats(value, key)))

    schema: dict[str, Any] = {"type": "array", "items": codec.schema}
    schema |= (
        {"x-kubernetes-list-type": "atomic"}
        if key is None
        else {
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [key],
        }
    )
    schema |= {"minItems": at_least} if at_least else {}
    schema |= {"maxItems": at_most} if at_most is not None else {}
    return Codec(read=read, examine=examine, write=lambda entries: [codec.write(one) for one in entries], schema=schema)


def _repeats(value: list[Any], key: str | None) -> list[Exception]:
    seen: set[str] = set()
    repeats: list[Exception] = []
    for index, one in enumerate(value):
        name = one.get(key) if key is not None and isinstance(one, dict) else None
        if isinstance(name, str):
            if name in seen:
                repeats.append(
                    UnreadableError(f"repeats the {key} of an entry before it; expected each {key} once", at=(index,))
                )
            seen.add(name)
    return repeats


def _each(items: list[tuple[Any, Any]], examine: Reader[T], problems: list[Exception]) -> list[T]:
    """All of `items` examined, each error noted with its index or key."""
    made: list[T] = []
    for at, one in items:
        try:
            made.append(examine(one, None))
        except (UnreadableError, ClassValidationError, IterableValidationError) as error:
            error.add_note(IterableValidationNote(f"at {at}", at, object))
            problems.append(error)
    if problems:
        raise IterableValidationError("entries", problems, list)
    return made


def mapping(
    codec: Codec[T], *, at_most: int | None = None, named: tuple[Callable[[str], bool], str] | None = None
) -> Codec[Mapping[str, T]]:
    """An object whose keys are free, or `named` as a test and what it expects ask; null is absent."""
    read_one, examine_one = codec.read, codec.examine
    most = at_most if at_most is not None else UNBOUNDED
    fitting, expected = named or (None, "text")

    def fits(name: object) -> bool:
        return isinstance(name, str) and (fitting is None or fitting(name))

    def read(value: Any, _type: Any) -> Mapping[str, T]:
        if not isinstance(value, dict) or len(value) > most or not all(map(fits, value)):
            raise UnreadableError(WRONG)
        return {intern(name): read_one(one, None) for name, one in value.items()}

    def examine(value: Any, _type: Any) -> Mapping[str, T]:
        given = _present(value)
        if len(given) > most:
            raise UnreadableError(f"has {len(given)} entries; expected at most {at_most}")
        misnamed: list[Exception] = [
            UnreadableError(f"key {quoted(str(name))} is no name; expected {expected}", at=(str(name),))
            for name in given
            if not fits(name)
        ]
        return dict(zip(given, _each(list(given.items()), examine_one, misnamed), strict=True))

    schema: dict[str, Any] = {"type": "object", "additionalProperties": codec.schema}
    schema |= {"maxProperties": at_most} if at_most is not None else {}
    return Codec(
        read=read,
        examine=examine,
        write=lambda entries: {name: codec.write(one) for name, one in entries.items()},
        schema=schema,
    )


def via(codec: Codec[T], make: Callable[[T], U], unmake: Callable[[U], T]) -> Codec[U]:
    """The same text for another value: what the API nests and the record does not, or the other way round."""
    read, examine, write = codec.read, codec.examine, codec.write
    return Codec(
        read=lambda value, _type: make(read(value, None)),
        examine=lambda value, _type: make(examine(value, None)),
        write=lambda made: write(unmake(made)),
        schema=codec.schema,
    )
