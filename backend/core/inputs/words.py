"""Words: trimmed, in one Unicode form (NFC), without signs that nobody can see.

NUL and lone surrogates are refused: no keyboard writes them and PostgreSQL stores neither. Other
control signs, which come along when text is pasted, are taken out. What holds nothing that can be
seen (blanks, zero-width signs) is empty.
"""

import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from backend.core.inputs.base import Checked

# Line breaks of other systems: CR LF, CR, vertical tab, form feed, NEL, LS, PS.
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# C0 and C1 but tab and line feed; marks that turn the direction of what follows (UAX 9); BOM; soft
# hyphen; word joiner and the invisible operators.
_UNSEEN = re.compile(
    "[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb]"
)
# Not stored in words: noncharacters (Unicode 23.7).
_NOT_A_SIGN = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u180e"
_EDGES = re.compile(rf"^[\s{_ZERO_WIDTH}]+|[\s{_ZERO_WIDTH}]+$")
_IN_LINE = re.compile(r"\s*[\n\t]+\s*")
# Letters by category that nobody sees: Hangul fillers, the empty Braille cell.
_EMPTY_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
_MARKS_IN_A_ROW = 8


def is_blank(words: str) -> bool:
    """Whether nothing of this can be seen."""
    return not any(
        unicodedata.category(sign)[0] in "LNPS" or unicodedata.category(sign) in ("Co", "Cn")
        for sign in words
        if sign not in _EMPTY_LETTERS
    )


def clean(words: str, *, line: bool = False) -> str:
    """Words as they are stored; with ``line`` breaks and tabs become one blank.

    Raises
    ------
    PydanticCustomError
        NUL, or half of a surrogate pair: a ``ValueError`` that names its sentence.
    """
    if "\0" in words:
        raise PydanticCustomError("nul", "holds a NUL sign")
    try:
        words.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("surrogate", "holds half a sign") from None
    words = _NOT_A_SIGN.sub("", _UNSEEN.sub("", _BREAKS.sub("\n", words)))
    words = _EDGES.sub("", _fewer_marks(unicodedata.normalize("NFC", words)))
    if line:
        words = _IN_LINE.sub(" ", words)
    return "" if is_blank(words) else words


def _fewer_marks(words: str) -> str:
    """At most eight marks on one sign: hundreds of them cover the lines above and below."""
    found, row = [], 0
    for sign in words:
        row = row + 1 if unicodedata.combining(sign) else 0
        if row <= _MARKS_IN_A_ROW:
            found.append(sign)
    return "".join(found) if len(found) < len(words) else words


def _clean(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


def _clean_line(value: Any) -> Any:
    return clean(value, line=True) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """A secret is compared as it was typed; only what cannot be one is refused."""
    if isinstance(value, str):
        clean(value)
    return value


TITLE_LEAST, TITLE_MOST = 2, 120

_TEXT = (BeforeValidator(_clean), Checked("words"))
_LINE = (BeforeValidator(_clean_line), Checked("words"))

# Text of several lines; may be left empty.
Note = Annotated[str, StringConstraints(max_length=2000), *_TEXT]
LongNote = Annotated[str, StringConstraints(max_length=4000), *_TEXT]
Cause = Annotated[str, StringConstraints(max_length=1000), *_TEXT]
# Text that must say something.
Words = Annotated[str, StringConstraints(min_length=5, max_length=4000), *_TEXT]
# One line; may be left empty.
Line = Annotated[str, StringConstraints(max_length=200), *_LINE]
Short = Annotated[str, StringConstraints(max_length=80), *_LINE]
# Several names in one line.
LongLine = Annotated[str, StringConstraints(max_length=300), *_LINE]
# What something is called.
Title = Annotated[str, StringConstraints(min_length=TITLE_LEAST, max_length=TITLE_MOST), *_LINE]


def _none_or_long_enough(value: str) -> str:
    if len(value) == 1:
        raise PydanticCustomError(
            "string_too_short", "at least {min_length} signs", {"min_length": TITLE_LEAST}
        )
    return value


# A title that may be left to us.
TitleOrNone = Annotated[
    str, StringConstraints(max_length=TITLE_MOST), *_LINE, AfterValidator(_none_or_long_enough)
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80), *_LINE]
OrganizationName = Annotated[str, StringConstraints(min_length=2, max_length=80), *_LINE]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=40), *_LINE]
Label = Annotated[str, StringConstraints(max_length=40), *_LINE]
# Why somebody must see something: more than a word.
Reason = Annotated[str, StringConstraints(min_length=4, max_length=200), *_LINE]
# What is looked for.
Search = Annotated[str, StringConstraints(max_length=500), *_LINE]
ShortSearch = Annotated[str, StringConstraints(max_length=60), *_LINE]
# The number of a case, an item, a decision, as people write it.
Number = Annotated[str, StringConstraints(max_length=40), *_LINE]
# A coordinate system by its name, WGS84 or EPSG:4526; what is known is asked of `gis.crs`.
CrsName = Annotated[
    str, StringConstraints(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9:_ -]+$"), *_LINE
]
# What a program was given to be let in again; a wrong one is told as such, an empty one too.
Token = Annotated[str, StringConstraints(max_length=400), BeforeValidator(_plain), Checked("words")]
Secret = Annotated[
    str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_plain), Checked("words")
]


def fit_title(words: str, otherwise: str) -> str:
    """A title made from stored words: cut where it is too long, told apart where it is too short.

    Nobody can mend it at that moment, so it is never refused: one line, cut at 120 signs; of a
    single sign, or of none, ``otherwise`` with the sign behind it.
    """
    first, other = _stored(words), _stored(otherwise)
    if len(first) < TITLE_LEAST:
        first = f"{other} {first}".strip().ljust(TITLE_LEAST, "…")
    return first if len(first) <= TITLE_MOST else first[: TITLE_MOST - 1].rstrip() + "…"


def _stored(words: str) -> str:
    return clean(words.replace("\0", "").encode("utf-8", "ignore").decode(), line=True)
