"""Proposing a category from what somebody says. No I/O; a proposal is never imposed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.matters.categories.models import Category
from backend.tools.search.alike import likeness, pairs

# A word of the scheme says more than a case that sounds alike.
WORD, LIKENESS = 1.0, 2.0
ALIKE_LEAST = 0.15


@dataclass(frozen=True)
class Proposal:
    """A category, how well it fits, and why: words that were said, or how many cases were alike."""

    code: str
    score: float
    words: tuple[str, ...]
    cases: int


def propose(
    text: str, scheme: Mapping[str, Category], past: Iterable[tuple[str, str]], most: int = 3
) -> Sequence[Proposal]:
    """The likeliest categories for a text. ``past`` are texts of earlier cases with their codes."""
    said = pairs(text)
    words = {
        code: tuple(w for w in category.words if w and w in text)
        for code, category in scheme.items()
    }
    alike: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    for earlier, code in past:
        like = likeness(said, pairs(earlier))
        if code in scheme and like >= ALIKE_LEAST:
            alike[code] = max(alike[code], like)  # type: ignore[assignment]
            cases[code] += 1
    proposals = [
        Proposal(code, WORD * len(words[code]) + LIKENESS * alike[code], words[code], cases[code])
        for code in scheme
        if words[code] or cases[code]
    ]
    return sorted(proposals, key=lambda p: (-p.score, p.code))[:most]
