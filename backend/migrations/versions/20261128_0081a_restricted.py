"""What is restricted is counted anew under its own names, from the logs of those cases.

Months from before these names had none of them, and imported cases of a sensitive category had not
even where they stand. A step takes back what its case counts for: one that opened such a case, or
took it to another county, took away what was never there. Nobody writes a case meanwhile.
"""

from collections import Counter
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from backend.matters.events.casework.counting import RESTRICTED, happened
from backend.matters.events.casework.measures import Deed

revision = "0081a"
down_revision = "0081"
branch_labels = None
depends_on = None

NOW = """
    INSERT INTO counter_delta (county_code, id, area_code, measure, change)
    SELECT county_code, gen_random_uuid(), area_code, {measure}, count(*)
    FROM event WHERE moved_to IS NULL AND restricted AND {which}
    GROUP BY 1, 3, 4
"""
STANDS = {
    "'now.restricted.' || state": "true",
    "'now.restricted.overdue'": "overdue_at IS NOT NULL AND closed_at IS NULL",
    "'now.restricted.supervised'": "supervised_until IS NOT NULL",
    "'now.restricted.helpers_late'": "late_helpers > 0",
}
LOGS = sa.text(
    "SELECT event.county_code, event.area_code, event.id, entry.action, entry.from_state,"
    " entry.to_state, entry.role, entry.at, entry.details FROM event JOIN event_action AS entry"
    " ON entry.county_code = event.county_code AND entry.event_id = event.id"
    " WHERE event.restricted AND event.moved_to IS NULL"
    " ORDER BY event.county_code, event.id, entry.seq"
)
ADD = sa.text(
    "INSERT INTO counter_delta (county_code, id, area_code, measure, change)"
    " VALUES (:county_code, gen_random_uuid(), :area_code, :measure, :change)"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("LOCK TABLE event, counter, counter_delta IN SHARE ROW EXCLUSIVE MODE")
    for table in ("counter", "counter_delta"):
        op.execute(f"DELETE FROM {table} WHERE split_part(measure, '.', 2) = '{RESTRICTED}'")
    for measure, which in STANDS.items():
        op.execute(NOW.format(measure=measure, which=which))
    connection = op.get_bind()
    found: Counter[tuple[str, str, str]] = Counter()
    rows = connection.execute(LOGS, execution_options={"yield_per": 1_000})
    for (county, area, _), log in groupby(rows, lambda row: tuple(row[:3])):
        deeds = [Deed(*row[3:]) for row in log]
        for measure, n in happened(deeds, restricted=True).items():
            if measure.split(".")[1] == RESTRICTED:
                found[county, area, measure] += n
    if found:
        connection.execute(
            ADD,
            [
                {"county_code": county, "area_code": area, "measure": measure, "change": n}
                for (county, area, measure), n in found.items()
            ],
        )


def downgrade() -> None:
    """What was counted stays right: nothing is taken back."""
