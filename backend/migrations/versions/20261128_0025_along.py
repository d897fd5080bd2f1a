"""What hangs on an event goes along with it; one event a number of another system.

Copies of rows are removed where they came from, so the application may delete what is no journal.
A number that came from outside is unique within its system, over all counties: the same order may
lead to another county at the second time. A stranger follows a sensitive report by its code.

Revision ID: 0025
Revises: 0022a
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022a"
branch_labels = None
depends_on = None

ACCOUNT = "nullif(current_setting('onemap.account', true), '')::uuid"
ORGANIZATION = "nullif(current_setting('onemap.organization', true), '')::uuid"
TRACKED = "nullif(current_setting('onemap.tracked', true), '')::uuid"
SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"
EVENT_SEEN = """
    (NOT restricted AND (
        {SCOPE} @> (county_code || '/' || area_code) COLLATE "C"
        OR reporter_id = {ACCOUNT}
        OR id = {TRACKED}
        OR EXISTS (
            SELECT FROM assignment
            WHERE assignment.county_code = event.county_code AND assignment.event_id = event.id
              AND assignment.organization_id = {ORGANIZATION}
              AND assignment.status <> 'withdrawn')))
    OR (restricted AND (
        {ACCOUNT} = ANY (named){code} OR {SCOPE} @> (county_code || '/') COLLATE "C"))
"""
OF_EVENT = (
    "EXISTS (SELECT FROM event WHERE event.county_code = message.county_code"
    " AND event.id = message.event_id)"
)

# Where events that moved are now: (was, id, now), however many counties they have passed.
MOVED = """
    CREATE TEMPORARY TABLE moved ON COMMIT DROP AS
    WITH RECURSIVE way AS (
        SELECT county_code AS was, id, moved_to AS now FROM event WHERE moved_to IS NOT NULL
        UNION
        SELECT way.was, way.id, event.moved_to FROM way
        JOIN event ON event.county_code = way.now AND event.id = way.id
        WHERE event.moved_to IS NOT NULL
    )
    SELECT way.* FROM way JOIN event ON event.county_code = way.now AND event.id = way.id
    WHERE event.moved_to IS NULL
"""
# What stayed behind when its event moved: table, whether it is a journal that stays there too, and
# which rows. A message that was being sent is ended by whoever sends it.
LEFT_BEHIND = (
    ("reveal", True, "true"),
    ("assignment", False, "true"),
    ("clock_segment", False, "true"),
    ("message", False, "status <> 'sending'"),
)
COLUMNS = sa.text(
    "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name = :name AND column_name <> 'county_code'"
)
# All of them before anything is changed: see 0024a.
LOCKED = (
    "LOCK TABLE event, assignment, clock_segment, message, reveal, item_event"
    " IN ACCESS EXCLUSIVE MODE"
)


def policies(code: str) -> None:
    seen = EVENT_SEEN.format(
        SCOPE=SCOPE, ACCOUNT=ACCOUNT, TRACKED=TRACKED, ORGANIZATION=ORGANIZATION, code=code
    )
    op.execute("DROP POLICY seen ON event")
    op.execute("DROP POLICY changed ON event")
    op.execute(f"CREATE POLICY seen ON event FOR SELECT TO onemap_app USING ({seen})")
    op.execute(
        f"CREATE POLICY changed ON event FOR UPDATE TO onemap_app USING ({seen}) WITH CHECK (true)"
    )


def bring_along() -> None:
    for table, kept, which in LEFT_BEHIND:
        columns = op.get_bind().scalar(COLUMNS, {"name": table})
        op.execute(
            f"INSERT INTO {table} (county_code, {columns}) SELECT moved.now, {columns}"
            f" FROM (SELECT was, id AS gone, now FROM moved) AS moved JOIN {table}"
            f" ON county_code = was AND event_id = gone WHERE {which} ON CONFLICT DO NOTHING"
        )
        if not kept:
            op.execute(
                f"DELETE FROM {table} USING moved"
                f" WHERE county_code = was AND event_id = moved.id AND {which}"
            )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(LOCKED)
    op.execute(MOVED)
    op.execute("CREATE INDEX ON moved (was, id)")
    bring_along()
    op.execute("GRANT DELETE ON assignment, clock_segment, message TO onemap_app")
    op.execute(f"CREATE POLICY removed ON message FOR DELETE TO onemap_app USING ({OF_EVENT})")
    op.add_column("item_event", sa.Column("event_county", sa.String(6, collation="C")))
    # Links to what has moved since find their event again.
    op.execute(
        "UPDATE item_event SET event_county = coalesce(("
        " SELECT now FROM moved WHERE was = county_code AND moved.id = event_id), county_code)"
    )
    op.alter_column("item_event", "event_county", nullable=False)
    op.drop_index("ix_item_event_event", "item_event")
    op.create_index("ix_item_event_event", "item_event", ["event_county", "event_id"])
    op.create_table(
        "external_reference",
        sa.Column("county_code", sa.String(6, collation="C"), nullable=False),
        sa.Column("system", sa.String, nullable=False),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("event_county", sa.String(6, collation="C"), nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint(
            "county_code", "system", "reference", name=op.f("pk_external_reference")
        ),
    )
    op.create_index(
        "ix_external_reference_event", "external_reference", ["event_county", "event_id"]
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON external_reference TO onemap_app")
    op.execute(
        "INSERT INTO external_reference (county_code, system, reference, event_county, event_id)"
        " SELECT '000000', source, external_ref, county_code, id FROM event"
        " WHERE external_ref IS NOT NULL AND moved_to IS NULL ORDER BY reported_at, id"
        " ON CONFLICT DO NOTHING"
    )
    policies(f" OR id = {TRACKED}")


def downgrade() -> None:
    raise RuntimeError("0025 cannot be undone, moved links would lead nowhere: restore a backup")
