"""A meeting's points and decisions as a spreadsheet."""

from backend.core.language import say
from backend.matters.reviews.schemas import ReviewOut
from backend.tools.importing.sheets import Table, titled


def to_table(language: str, review: ReviewOut) -> Table:
    """The agenda in its order, in the caller's language."""
    return titled(
        language, "review",
        [
            {
                "n": n, "number": entry.number, "title": entry.title, "place": entry.place,
                "why": say(language, f"review_why.{entry.reason}"),
                "decision": say(language, f"decision.{entry.decision or 'none'}"),
                "to": entry.to, "note": entry.note, "by": entry.decided_by,
                "outcome": say(language, "review_outcome.done")
                if entry.outcome == "done" else entry.outcome,
            }
            for n, entry in enumerate(review.entries, 1)
        ],
    )  # fmt: skip
