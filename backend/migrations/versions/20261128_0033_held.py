"""Meetings are counted by the month in which they ended, as everything else of a year is.

The counters begin with the meetings that have ended; a meeting cannot end while they are summed.
"""

import sqlalchemy as sa
from alembic import op

from backend.core.settings import get_settings

revision = "0033"
down_revision = "0034b"
branch_labels = None
depends_on = None

NOW = """
    INSERT INTO counter_delta (county_code, id, area_code, measure, change)
    SELECT county_code, gen_random_uuid(), area_code,
        to_char(ended_at AT TIME ZONE :zone, 'YYYY-MM') || '.held', count(*)
    FROM review WHERE state = 'ended' AND ended_at IS NOT NULL
    GROUP BY 1, 3, 4
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("LOCK TABLE review IN SHARE ROW EXCLUSIVE MODE")
    op.execute(sa.text(NOW).bindparams(zone=get_settings().zone))


def downgrade() -> None:
    for table in ("counter_delta", "counter"):
        op.execute(f"DELETE FROM {table} WHERE measure LIKE '%.held'")
