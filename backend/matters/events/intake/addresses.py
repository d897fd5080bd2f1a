"""Reading where something is out of an address that somebody wrote. No I/O.

Names of counties, towns and villages are looked for as they are said: whole ("东星社区"), or
without the word for what they are ("东星"). Signs between them do not matter.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from gis import codes

# The longest first: "居委会" ends with nothing shorter that is meant.
KINDS = (
    "社区居委会", "村委会", "居委会", "开发区", "街道", "社区", "新区", "村", "镇", "乡", "县",
    "区", "市",
)  # fmt: skip
# A name said whole is surer than one without its kind; what names its town as well is surer still.
WHOLE, SHORT, INSIDE = 4, 2, 3
MOST = 4
# Numbers on doors: "3号", "12-1号"; "3号楼" is the same house.
DOOR = re.compile(r"\d+(?:-\d+)?号")
# A street with its number, where a register has whole addresses.
STREET = re.compile(r"[^\W\d_]{1,8}(?:路|街|巷|弄|里|大道)\d+(?:-\d+)?号")
_BETWEEN = re.compile(r"[\s,，。、;；·\-_/()（）]+")


@dataclass(frozen=True)
class Found:
    """An area that an address names, by which words, and how sure that is."""

    code: str
    score: int
    words: tuple[str, ...]


@dataclass
class _Hit:
    words: list[str] = field(default_factory=list)
    score: int = 0


def plain(address: str) -> str:
    """An address as it is compared: one width of letters and digits, nothing between the names."""
    folded = unicodedata.normalize("NFKC", address).lower()
    # A hyphen between digits belongs to the number of a door.
    return _BETWEEN.sub("", re.sub(r"(?<=\d)-(?=\d)", "\0", folded)).replace("\0", "-")


def short(name: str) -> str:
    """A name without the word for what it is; the whole name where less than two signs are left."""
    for kind in KINDS:
        if name.endswith(kind) and len(name) - len(kind) >= 2:
            return name[: -len(kind)]
    return name


def doors(address: str) -> list[str]:
    """The numbers of doors, and streets with numbers, that an address names."""
    text = plain(address)
    found = [street[start:] for street in STREET.findall(text) for start in range(len(street) - 3)]
    return [*dict.fromkeys([*found, *DOOR.findall(text)])]


def named_in(address: str, names: Mapping[str, str]) -> Sequence[Found]:
    """The areas that an address names, the surest first, at most `MOST`; empty when none.

    ``names`` are the areas' names by their codes. Of an area and the one that it lies in only the
    smaller is given; when a town or county is named, areas of other ones do not count.
    """
    text = plain(address)
    hits = {code: hit for code, name in names.items() if (hit := _hit(text, name))}
    # A name inside a longer one that was said too ("星村" in "东星村") is not meant.
    hits = {
        code: hit for code, hit in hits.items()
        if not any(hit.words[0] != o.words[0] and hit.words[0] in o.words[0] for o in hits.values())
    }  # fmt: skip
    for code, hit in hits.items():
        for above in codes.chain(code)[:-1]:
            if above in hits:
                hit.words.insert(0, hits[above].words[-1])
                hit.score += INSIDE
    inner = _innermost(hits)
    found = [Found(code, hits[code].score, tuple(hits[code].words)) for code in inner]
    found.sort(key=lambda one: (-one.score, one.code))
    best = [one for one in found if one.score >= found[0].score - 1]
    return best[:MOST]


def _hit(text: str, name: str) -> _Hit | None:
    whole, brief = _forms(name)
    if whole and whole in text:
        return _Hit([name], WHOLE)
    return _Hit([brief], SHORT) if len(brief) >= 2 and brief in text else None


@lru_cache(maxsize=8192)
def _forms(name: str) -> tuple[str, str]:
    """A name as it is looked for, whole and without its kind."""
    whole = plain(name)
    return whole, short(whole)


def _innermost(hits: Iterable[str]) -> list[str]:
    """Codes that hold no other of these."""
    known = list(hits)
    return [c for c in known if not any(o != c and o.startswith(c) for o in known)]
