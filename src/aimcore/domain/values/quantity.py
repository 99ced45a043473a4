"""A Kubernetes quantity: every text Kubernetes accepts, its exact value, and the one text Kubernetes would write (RES-4).

A quantity is a whole number of billionths; what is finer is rounded away from zero, so that whoever asks for something
gets something. Binary suffixes stop at the largest 64-bit number, decimal ones do not: that is how Kubernetes has it.

Three differences, each on purpose. A text has at most `TEXT_AT_MOST` characters and an amount stays below 1e100, so
that `1e999999999` is refused at no cost. `1000E` stays `1000E`, where Kubernetes loses the suffix and writes `1`.
`value` is exact where Kubernetes' own overflows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Self

from aimcore.domain.errors import ParseError

__all__ = ["Notation", "Quantity", "parse_quantity"]

TEXT_AT_MOST = 256
AMOUNT_BELOW = 10**100
BINARY_AT_MOST = 2**63 - 1

_BILLION = 10**9
_DECIMAL_EXPONENTS = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_SUFFIXES = {exponent: suffix for suffix, exponent in _DECIMAL_EXPONENTS.items()}
_BINARY_BITS = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_BINARY_SUFFIXES = {bits: suffix for suffix, bits in _BINARY_BITS.items()} | {0: ""}

_TEXT = re.compile(r"([+-]?)([0-9]*+)(?:\.([0-9]*+))?(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?[0-9]++))?")
_EXPECTED = (
    "a number with at most one suffix of n u m k M G T P E Ki Mi Gi Ti Pi Ei, or an exponent, such as 500m, 64Gi or 1e3"
)


class Notation(Enum):
    """How a quantity's author wrote it, which its canonical text keeps where it can."""

    DECIMAL = "500m, 64G"
    BINARY = "64Gi"
    EXPONENT = "64e9"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Quantity:
    """An exact amount: `nanos` billionths, and the notation it was written in.

    Equality, order and hash speak of the amount alone: `64Gi` equals `65536Mi`, and `1e3` equals `1k`, though their
    canonical texts differ. `str()` is the canonical text, and parsing it gives an equal quantity.

    >>> str(parse_quantity("0.5Mi")), str(parse_quantity("1.5"))
    ('512Ki', '1500m')
    >>> parse_quantity("64Gi") > parse_quantity("64G")
    True
    """

    nanos: int
    notation: Notation = field(default=Notation.DECIMAL, compare=False)

    @classmethod
    def of(cls, number: int) -> Self:
        """A whole number of units.

        >>> str(Quantity.of(4))
        '4'
        """
        return cls(nanos=number * _BILLION)

    @property
    def value(self) -> int:
        """The amount as a whole number, rounded away from zero.

        >>> parse_quantity("1500m").value, parse_quantity("-100m").value
        (2, -1)
        """
        return _divide_away_from_zero(self.nanos, _BILLION)

    def __add__(self, other: Quantity) -> Quantity:
        """The exact sum, in this quantity's notation; nothing plus something is written as the something is."""
        return Quantity(nanos=self.nanos + other.nanos, notation=self.notation if self.nanos else other.notation)

    def __mul__(self, times: int) -> Quantity:
        """So many of them, exactly."""
        return Quantity(nanos=self.nanos * times, notation=self.notation)

    def __str__(self) -> str:
        whole, fraction = divmod(self.nanos, _BILLION)
        # Below 1024, with a fraction, or beyond what a binary text can say, the decimal text is the exact one.
        if self.notation is Notation.BINARY and not fraction and 1024 <= abs(whole) <= BINARY_AT_MOST:
            mantissa, bits = _without_factors(whole, 1024, at_most=6)
            return f"{mantissa}{_BINARY_SUFFIXES[bits * 10]}"
        if self.notation is Notation.EXPONENT:
            mantissa, thousands = _without_factors(self.nanos, 1000, at_most=self.nanos.bit_length())
            exponent = thousands * 3 - 9
            return f"{mantissa}e{exponent}" if mantissa and exponent else f"{mantissa}"
        mantissa, thousands = _without_factors(self.nanos, 1000, at_most=9)
        return f"{mantissa}{_DECIMAL_SUFFIXES[thousands * 3 - 9]}" if mantissa else "0"


def parse_quantity(text: str) -> Quantity:
    """The quantity a text writes, or a `ParseError`; any text ends in one of the two, in time linear in its length.

    >>> parse_quantity("64Gi").value
    68719476736
    >>> parse_quantity("64GB")
    Traceback (most recent call last):
    ...
    aimcore.domain.errors.ParseError: quantity '64GB' cannot be read; expected a number with at most one suffix of n u m k \
M G T P E Ki Mi Gi Ti Pi Ei, or an exponent, such as 500m, 64Gi or 1e3
    """
    if len(text) > TEXT_AT_MOST:
        raise ParseError("quantity", text, problem="is too long", expected=f"at most {TEXT_AT_MOST} characters")
    return _parse(text)


@lru_cache(maxsize=4096)  # a view writes the same few amounts again and again
def _parse(text: str) -> Quantity:
    match = _TEXT.fullmatch(text)
    if not text or match is None:
        raise ParseError("quantity", text, problem="cannot be read" if text else "is empty", expected=_EXPECTED)
    sign, whole, fraction, suffix, power = match.groups(default="")
    bits = _BINARY_BITS.get(suffix, 0)
    exponent = int(power) if power else _DECIMAL_EXPONENTS.get(suffix, 0)
    digits = whole + fraction
    if not digits and (exponent < -9 or bits > 40):
        # Kubernetes reads `Gi` as zero, yet not where it needs big numbers for the suffix.
        raise ParseError("quantity", text, problem="has no digits", expected=_EXPECTED)
    nanos = _scaled(int(digits or "0") << bits, exponent - len(fraction) + 9)
    if bits:
        nanos = min(nanos, BINARY_AT_MOST * _BILLION)
    elif nanos >= AMOUNT_BELOW * _BILLION:
        raise ParseError("quantity", text, problem="is too large", expected="an amount below 1e100")
    notation = Notation.BINARY if bits else Notation.EXPONENT if power else Notation.DECIMAL
    return Quantity(nanos=-nanos if sign == "-" else nanos, notation=notation)


def _scaled(number: int, exponent: int) -> int:
    """`number` times a power of ten, in bounded time: beyond this bound a text's digits make no difference any more."""
    exponent = max(-TEXT_AT_MOST, min(exponent, TEXT_AT_MOST))
    return number * 10**exponent if exponent >= 0 else _divide_away_from_zero(number, 10**-exponent)


def _divide_away_from_zero(number: int, divisor: int) -> int:
    return -(-number // divisor) if number >= 0 else number // divisor


def _without_factors(number: int, factor: int, *, at_most: int) -> tuple[int, int]:
    """`number` without its factors `factor`, and how many there were (none in zero)."""
    times = 0
    while number and times < at_most and number % factor == 0:
        number //= factor
        times += 1
    return number, times
