"""Appending deltas, and rolling them up."""

from collections.abc import Mapping

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from backend.core.ids import new_id
from backend.core.jobs import job_unit
from backend.core.rows import Aside
from backend.tools.counters.models import CounterDelta


def count(session: Session, county_code: str, area_code: str, changes: Mapping[str, int]) -> None:
    """Append changes of one place's numbers in the caller's transaction, in one statement."""
    rows = [
        {
            "county_code": county_code, "id": new_id(), "area_code": area_code,
            "measure": measure, "change": change,
        }
        for measure, change in changes.items()
        if change
    ]  # fmt: skip
    if rows:
        session.execute(insert(CounterDelta).values(rows))


# A delta counts for its own area and every area above it: each prefix of its code at the lengths
# of the levels. `FOR UPDATE SKIP LOCKED` lets two rollers of one county share the work.
ROLL_UP = text(
    """
    WITH taken AS (
        DELETE FROM counter_delta WHERE county_code = :county AND id IN (
            SELECT id FROM counter_delta WHERE county_code = :county
            ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED)
        RETURNING area_code, measure, change
    ), spread AS (
        SELECT left(area_code, length) COLLATE "C" AS area_code, measure, sum(change) AS change
        FROM taken, unnest(ARRAY[4, 6, 9, 12, 15, 18]) AS length
        WHERE length <= length(area_code)
        GROUP BY 1, 2
        ORDER BY 1, 2
    ), added AS (
        INSERT INTO counter (county_code, area_code, measure, total)
        SELECT :county, area_code, measure, change FROM spread
        ON CONFLICT (county_code, area_code, measure)
        DO UPDATE SET total = counter.total + excluded.total
    )
    SELECT count(*) FROM taken
    """
)


def roll_up(session: Session, county_code: str, batch: int = 20_000) -> int:
    """Fold up to ``batch`` deltas of a county into its counters; the number folded."""
    return int(session.execute(ROLL_UP, {"county": county_code, "batch": batch}).scalar_one())


def fold(county_code: str, _: Aside) -> int:
    """A slice of the job that rolls counters up."""
    with job_unit(county_code) as session:
        return roll_up(session, county_code)
