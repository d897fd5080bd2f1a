"""Lengths of time are a family of numbers of their own; items lie by when they moved and ended.

A million counters took 4 s: boards and lists of items wait meanwhile.
"""

from alembic import op

revision = "0105"
down_revision = "0100"
branch_labels = None
depends_on = None

BEFORE = "split_part(measure, '.', 1)"
FAMILY = "split_part(replace(measure, '.response.', '-response.'), '.', 1)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # All of them before anything is changed, as an index that goes needs it: see 0024a.
    op.execute("LOCK TABLE counter, item IN ACCESS EXCLUSIVE MODE")
    _counters(FAMILY)
    op.execute("CREATE INDEX ix_item_moved ON item (county_code, moved_at) WHERE closed_at IS NULL")
    op.execute(
        "CREATE INDEX ix_item_ended ON item (county_code, closed_at) WHERE closed_at IS NOT NULL"
    )


def _counters(family: str) -> None:
    op.execute("DROP INDEX ix_counter_family")
    op.execute(
        "CREATE INDEX ix_counter_family ON counter"
        f" (county_code, {family}, length(area_code), area_code)"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _counters(BEFORE)
    op.execute("DROP INDEX ix_item_moved")
    op.execute("DROP INDEX ix_item_ended")
