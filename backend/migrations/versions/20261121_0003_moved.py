"""Events that moved to another county: a copy there, a tombstone here that says where."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The number keeps naming the county of the intake; its tombstone there knows the way.
FIND_TRACKED = """
CREATE OR REPLACE FUNCTION find_tracked(wanted_no text, code_hash bytea)
RETURNS TABLE (county_code text, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE way AS (
        SELECT event.county_code, event.id, event.moved_to FROM event
        WHERE event.county_code = split_part(wanted_no, '-', 2) AND event.event_no = wanted_no
          AND event.track_hash = code_hash
        UNION
        SELECT event.county_code, event.id, event.moved_to FROM event
        JOIN way ON event.county_code = way.moved_to AND event.id = way.id
    )
    SELECT way.county_code, way.id FROM way WHERE way.moved_to IS NULL
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("event", sa.Column("moved_to", sa.String(6, collation="C"), nullable=True))
    op.execute("GRANT DELETE ON event_contact TO onemap_app")
    op.execute(
        "CREATE POLICY removed ON event_contact FOR DELETE TO onemap_app USING (EXISTS ("
        " SELECT FROM event WHERE event.county_code = event_contact.county_code"
        " AND event.id = event_contact.id))"
    )
    op.execute(FIND_TRACKED)


def downgrade() -> None:
    raise RuntimeError("0003 cannot be undone, moved events would show twice: restore a backup")
