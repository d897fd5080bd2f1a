"""`bench words FILE.csv`: how often labelled texts get a proposal, and how often it is right.

The file has the columns ``text`` and ``label``. Every fifth text is held out in turn and proposed a
label from the others, by the code that the desk's proposals go through.
"""

import csv
import time
from pathlib import Path

from backend.bench.results import Result
from backend.matters.categories.models import Category
from backend.matters.events.intake.suggesting import propose
from backend.tools.search.past import Past

FOLDS = 5


def measure(file: str) -> list[Result]:
    """Coverage and precision of the first proposal, how often the right one is among them, time."""
    with Path(file).open(encoding="utf-8-sig", newline="") as rows:
        told = [(row["text"], row["label"]) for row in csv.DictReader(rows)]
    scheme = {
        label: Category(code=label, words=[], name_zh="", name_en="") for _, label in sorted(told)
    }
    covered = first = among = 0
    spent = 0.0
    for fold in range(FOLDS):
        past = Past(one for n, one in enumerate(told) if n % FOLDS != fold)
        for text, label in told[fold::FOLDS]:
            began = time.perf_counter()
            found = [p.code for p in propose(text, scheme, past)]
            spent += time.perf_counter() - began
            covered += bool(found)
            first += found[:1] == [label]
            among += label in found
    return [
        Result("texts", len(told), ""),
        Result("with a proposal", covered / len(told), "share"),
        Result("first proposal right", first / max(1, covered), "share"),
        Result("right one among them", among / max(1, covered), "share"),
        Result("one question", spent / len(told) * 1000, "ms"),
    ]
