"""A meeting's points and decisions as a spreadsheet."""

from backend.core.language import say
from backend.core.sheets import Row, Table
from backend.reviews.schemas import ReviewOut

COLUMNS = ("n", "number", "title", "place", "why", "decision", "to", "note", "by", "outcome")


def to_table(language: str, review: ReviewOut) -> Table:
    """The agenda in its order, in the caller's language."""
    titles = {name: say(language, f"review_column.{name}") for name in COLUMNS}
    rows = []
    for n, entry in enumerate(review.entries, 1):
        outcome = entry.outcome or ""
        cells = {
            "n": str(n), "number": entry.number, "title": entry.title, "place": entry.place,
            "why": say(language, f"review_why.{entry.reason}"),
            "decision": say(language, f"decision.{entry.decision or 'none'}"),
            "to": entry.to, "note": entry.note, "by": entry.decided_by or "",
            "outcome": say(language, "review_outcome.done") if outcome == "done" else outcome,
        }  # fmt: skip
        rows.append(Row(n + 1, {titles[name]: str(value) for name, value in cells.items()}))
    return Table(say(language, "review_column.sheet"), list(titles.values()), rows)
