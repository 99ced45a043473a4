"""What a scalar of YAML means to Kubernetes: kubectl reads YAML 1.1 as go-yaml does, and keeps only what JSON can say.

So `yes`, `on` and `y` are booleans, `0o14` and `014` are twelve, `1_000` is a thousand, `1e3` is an integer, `12:30` and
`2024-01-01` are text. Integers have 64 bits; beyond them a number is a float, as on the API server.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from aimcore.domain.errors import ParseError

__all__ = ["MERGE", "TAGS", "Scalar", "is_plain_text", "plain", "tagged"]

Scalar = str | float | bool | None

MERGE: Final = "<<"
TAGS: Final = "tag:yaml.org,2002:"

WORDS: Final[dict[str, bool | None]] = (
    dict.fromkeys(("", "~", "null", "Null", "NULL"))
    | dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True)
    | dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False)
)
NUMERIC: Final = frozenset("+-.0123456789")
INTEGER: Final = re.compile(
    r"[-+]?(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))"
)
BASES: Final = {"hex": 16, "bin": 2, "oct": 8, "dec": 10}
FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# Where the dot comes first, go-yaml takes an underscore only between digits.
DOTTED: Final = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
BEYOND_JSON: Final = frozenset(sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")) | {
    ".nan",
    ".NaN",
    ".NAN",
}
KINDS: Final[dict[str, tuple[type, ...]]] = {
    "null": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
}
DIGITS_AT_MOST: Final = 400
EXACT_BELOW: Final = 2**53
INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1


def is_plain_text(text: str) -> bool:
    """Whether an unquoted `text` is simply itself: no word, no number, no merge key.

    >>> is_plain_text("docker.io/x"), is_plain_text("on"), is_plain_text("<<")
    (True, False, False)
    """
    return text not in WORDS and text[0] not in NUMERIC and text != MERGE


def plain(text: str) -> Scalar:
    """The value of a scalar written without quotes or tag; ParseError for the numbers that JSON lacks.

    >>> plain("off"), plain("089"), plain("1.5"), plain("12:30"), plain("tRUE")
    (False, 89, 1.5, '12:30', 'tRUE')
    """
    if text in WORDS:
        return WORDS[text]
    return _number(text) if text[0] in NUMERIC else text


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag of YAML's own; ParseError for a text that does not fit it, and for any other tag.

    >>> tagged("tag:yaml.org,2002:int", "0x10"), tagged("tag:yaml.org,2002:str", "on")
    (16, 'on')
    """
    name = tag.removeprefix(TAGS) if tag.startswith(TAGS) else ""
    if tag == "!" or name == "str":
        return text
    if name == "binary":
        return _binary(text)
    if name == "timestamp":
        return text
    if name not in KINDS:
        raise ParseError("tag", tag, problem="is not allowed", expected="none, or one of YAML's own for JSON values")
    value = plain(text)
    if type(value) not in KINDS[name]:
        raise ParseError("text", text, problem=f"does not fit its tag !!{name}", expected=f"a value of type {name}")
    return value


def _number(text: str) -> str | float:
    if text in BEYOND_JSON:
        raise ParseError(
            "number", text, problem="has no form in JSON", expected="a finite number, or quotes around a text"
        )
    if len(text) > DIGITS_AT_MOST or (text[0] == "." and not DOTTED.fullmatch(text)):
        return text
    bare = text.replace("_", "")
    if match := INTEGER.fullmatch(bare):
        group = match.lastgroup or "dec"
        value = int(match[group], BASES[group])
        value = -value if bare[0] == "-" else value
        if INT_MIN <= value <= INT_MAX:
            return value
        if 0 < value <= UINT_MAX:
            return float(value)
    return _float(bare, text)


def _float(bare: str, text: str) -> str | float:
    if not FLOAT.fullmatch(bare):
        return text
    value = float(bare)
    if value in (float("inf"), float("-inf")):
        return text
    # JSON writes 1.0 as 1, and the API server reads that as an integer.
    return int(value) if value.is_integer() and abs(value) <= EXACT_BELOW else value


def _binary(text: str) -> str:
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", "").encode(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ParseError(
            "text", text, problem="does not fit its tag !!binary", expected="base64 of UTF-8 text"
        ) from error
