"""Proposing a category from what somebody says. No I/O; a proposal is never imposed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.matters.categories.models import Category
from backend.tools.search.past import Past, Votes

MOST = 3
# Earlier cases propose alone when most of the likeness is theirs, and more than one.
SHARE_ALONE, TEXTS_ALONE = 0.5, 2
# Against so clear a past one short word is chance: old people walk past potholes too.
SHARE_CLEAR, TEXTS_CLEAR = 0.7, 3
SHORTEST_WORD = 2
NONE = Votes(0.0, 0)


@dataclass(frozen=True)
class Proposal:
    """A category, how well it fits, and why: words that were said, how many cases were alike."""

    code: str
    score: float
    words: tuple[str, ...]
    cases: int


def propose(text: str, scheme: Mapping[str, Category], past: Past | None) -> Sequence[Proposal]:
    """The likeliest categories for a text, at most three; none when nothing speaks for one.

    ``past`` are earlier cases with the categories that a desk confirmed.
    """
    words = said(text, scheme)
    votes = past.ask(text) if past else {}
    clear = next(
        (c for c, v in votes.items() if v.share >= SHARE_CLEAR and v.texts >= TEXTS_CLEAR), None
    )
    found = []
    for code in scheme:
        mine, vote = words.get(code, ()), votes.get(code, NONE)
        signs = sum(len(word) for word in mine)
        alone = vote.share >= SHARE_ALONE and vote.texts >= TEXTS_ALONE
        chance = clear not in (None, code) and signs <= SHORTEST_WORD and not vote.texts
        if alone or (mine and not chance):
            score = 1 - 0.5 ** (signs / SHORTEST_WORD) + vote.share
            found.append(Proposal(code, score, mine, vote.texts))
    return sorted(found, key=lambda p: (-p.score, p.code))[:MOST]


def said(text: str, scheme: Mapping[str, Category]) -> Mapping[str, tuple[str, ...]]:
    """The words of each category, and its name, that a text says; the longest match counts.

    One sign is no word: it stands inside others that mean something else ("响" in "影响").
    """
    means: dict[str, set[str]] = {}
    for code, category in scheme.items():
        for word in (*category.words, category.name_zh):
            if len(word) >= SHORTEST_WORD:
                means.setdefault(word.lower(), set()).add(code)
    if not means:
        return {}
    longest_first = sorted(means, key=lambda word: (-len(word), word))
    found: dict[str, dict[str, None]] = {}
    for hit in re.findall("|".join(map(re.escape, longest_first)), text.lower()):
        for code in means[hit]:
            found.setdefault(code, {})[hit] = None
    return {code: tuple(words) for code, words in found.items()}
