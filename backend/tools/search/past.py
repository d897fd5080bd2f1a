"""What texts like this one were taken for before: the nearest earlier ones, by pairs of signs.

Rare pairs weigh more than common ones (TF-IDF, cosine). It is kept in memory and asked through
lists of which texts hold a pair, so that a question reads only texts that share a rare pair.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.tools.search.alike import pairs

# So many signs say what a text is about; the rest of a long letter repeats it.
SIGNS = 200
# A pair that every tenth text holds tells nothing, and its list is long; of few texts each counts.
COMMON, COMMON_LEAST = 0.1, 20
NEAREST, LEAST = 15, 0.03


@dataclass(frozen=True)
class Votes:
    """How much of the likeness of the nearest texts a label has, 0 to 1, and how many they are."""

    share: float
    texts: int


class Past:
    """Earlier texts with what they were taken for."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        known = [(pairs(text[:SIGNS]), label) for text, label in texts]
        held = Counter(pair for said, _ in known for pair in said)
        most = max(COMMON_LEAST, COMMON * len(known))
        self._labels = [label for _, label in known]
        self._weight = {
            pair: math.log((len(known) + 1) / (n + 0.5)) ** 2
            for pair, n in held.items() if n <= most
        }  # fmt: skip
        self._lists: dict[str, list[int]] = defaultdict(list)
        self._length: list[float] = []
        for number, (said, _) in enumerate(known):
            told = said & self._weight.keys()
            self._length.append(self._norm(told))
            for pair in told:
                self._lists[pair].append(number)

    def _norm(self, told: Iterable[str]) -> float:
        return math.sqrt(sum(self._weight[pair] for pair in told)) or 1.0

    def ask(self, text: str) -> Mapping[str, Votes]:
        """What the nearest earlier texts were taken for; empty when none is near."""
        told = pairs(text[:SIGNS]) & self._weight.keys()
        length, alike = self._norm(told), defaultdict[int, float](float)
        for pair in told:
            for number in self._lists[pair]:
                alike[number] += self._weight[pair]
        near = sorted(
            ((common / (length * self._length[n]), n) for n, common in alike.items()), reverse=True
        )[:NEAREST]
        near = [(like, n) for like, n in near if like >= LEAST]
        whole = sum(like for like, _ in near)
        shares: Counter[str] = Counter()
        for like, n in near:
            shares[self._labels[n]] += like / whole  # type: ignore[assignment]
        texts = Counter(self._labels[n] for _, n in near)
        return {label: Votes(share, texts[label]) for label, share in shares.items()}
