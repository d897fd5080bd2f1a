"""Village decisions as a spreadsheet."""

from collections.abc import Sequence

from backend.core import day
from backend.core.language import say
from backend.matters.deliberations.schemas import DeliberationLine
from backend.tools.importing.sheets import Table, titled


def to_table(language: str, lines: Sequence[DeliberationLine]) -> Table:
    """Motions as rows, in the caller's language."""
    return titled(
        language, "motion",
        [
            {
                "number": line.deliberation_no, "title": line.title, "place": line.place,
                "matter": say(language, f"matter.{line.matter}"), "amount": line.amount,
                "state": say(language, f"deliberation.{line.state}"), "step": line.step_name,
                "round": line.round, "made_at": day.of(line.made_at),
                "closed_at": day.of(line.closed_at) if line.closed_at else None,
            }
            for line in lines
        ],
    )  # fmt: skip
