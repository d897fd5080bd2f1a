"""From when on a promise counts; how many are overdue or restricted, among the counters.

The counters begin with what stands now: from here on every step keeps them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0023a"
branch_labels = None
depends_on = None

OVERDUE = "overdue_at IS NOT NULL AND closed_at IS NULL"
NOW = """
    INSERT INTO counter_delta (county_code, id, area_code, measure, change)
    SELECT county_code, gen_random_uuid(), area_code, {measure}, count(*)
    FROM event WHERE moved_to IS NULL AND {which}
    GROUP BY 1, 3, 4
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("event", sa.Column("promised_at", sa.DateTime(timezone=True)))
    op.execute(NOW.format(measure="'now.overdue'", which=OVERDUE))
    op.execute(NOW.format(measure="'now.restricted.overdue'", which=f"restricted AND {OVERDUE}"))
    op.execute(NOW.format(measure="'now.restricted.' || state", which="restricted"))


def downgrade() -> None:
    for table in ("counter_delta", "counter"):
        op.execute(f"DELETE FROM {table} WHERE measure LIKE 'now.%'")
    op.drop_column("event", "promised_at")
