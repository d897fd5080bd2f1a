"""Sentences in the caller's language; Chinese first, English second."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).parents[1] / "locales"
DEFAULT = "zh-CN"
SUPPORTED = (DEFAULT, "en")


# One element of the header (RFC 9110, section 12.5.4): a tag or `*`, and how much it is wanted.
ELEMENT = re.compile(
    r"\s*(\*|[a-z]{1,8})(?:-[a-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.IGNORECASE | re.ASCII,
)


def choose(accept_language: str) -> str:
    """The supported language that is wanted most by an ``Accept-Language`` header.

    Tags meet by their language alone: whoever wants zh-TW reads our zh-CN sooner than English,
    which Babel's ``negotiate_locale`` would give (it matches whole tags, and reads neither weights
    nor ``*``). A weight of 0 refuses a language; of two wanted alike the first in the header is
    taken. What is no element of the header counts for nothing.
    """
    weights: dict[str, float] = {}
    for part in accept_language.split(","):
        found = ELEMENT.fullmatch(part)
        if found:
            name, weight = found[1].lower(), float(found[2] or 1)
            weights[name] = max(weight, weights.get(name, 0.0))
    wanted = list(weights)

    def rank(language: str) -> tuple[float, int]:
        name = language.partition("-")[0]
        if name not in weights:
            # Not named: as `*` says; without one, rather than what was refused.
            return weights.get("*", 0.0001), len(wanted)
        return weights[name], -wanted.index(name) + len(wanted) * 2

    return max(SUPPORTED, key=rank)


@lru_cache
def sentences(language: str) -> dict[str, str]:
    """All sentences of one language, by code."""
    loaded: dict[str, str] = json.loads((LOCALES / f"{language}.json").read_text("utf-8"))
    return loaded


def say(language: str, code: str, /, **params: Any) -> str:
    """The sentence for a code; a parameter that is itself a code is put into words too."""
    known = sentences(language if language in SUPPORTED else DEFAULT)
    words = {
        key: known.get(value, value) if isinstance(value, str) else value
        for key, value in params.items()
    }
    return known[code].format(**words)
