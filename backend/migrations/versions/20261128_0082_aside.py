"""What is little among much: items of a hot spot; duties whose event ended otherwise than closed.

A department looks for what was voided, sampled or objected to among years of duties: those few are
marked, and have an index of their own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081a"
branch_labels = None
depends_on = None

# As `giving.is_aside` says it.
MARK = """
    UPDATE assignment SET aside = true FROM event
    WHERE event.county_code = assignment.county_code AND event.id = assignment.event_id
      AND event.closed_at IS NOT NULL AND (
        event.state IN ('self_resolved', 'rejected', 'void', 'merged', 'transferred')
        OR event.asked && '{appeal,reopen}'::varchar[])
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # All of them before anything is changed: see 0024a.
    op.execute("LOCK TABLE event, assignment, item IN ACCESS EXCLUSIVE MODE")
    op.add_column(
        "assignment", sa.Column("aside", sa.Boolean, server_default=sa.false(), nullable=False)
    )
    op.execute(MARK)
    op.execute(
        "CREATE INDEX ix_assignment_aside ON assignment (organization_id, event_id) WHERE aside"
    )
    op.execute(
        "CREATE INDEX ix_item_hot_spot ON item (county_code, hot_spot_id)"
        " WHERE hot_spot_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_item_hot_spot")
    op.execute("DROP INDEX ix_assignment_aside")
    op.drop_column("assignment", "aside")
