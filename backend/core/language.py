"""Sentences in the caller's language; Chinese first, English second."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).parents[1] / "locales"
DEFAULT = "zh-CN"
SUPPORTED = (DEFAULT, "en")


def choose(accept_language: str) -> str:
    """The supported language that comes first in an ``Accept-Language`` header."""
    wanted = []
    for part in accept_language.split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), tag.lower()))
        except ValueError:
            continue
    for _, tag in sorted(wanted, key=lambda pair: pair[0]):
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return DEFAULT


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
