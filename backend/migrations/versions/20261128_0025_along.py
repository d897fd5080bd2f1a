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


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("GRANT DELETE ON assignment, clock_segment, message TO onemap_app")
    op.execute(f"CREATE POLICY removed ON message FOR DELETE TO onemap_app USING ({OF_EVENT})")
    op.add_column("item_event", sa.Column("event_county", sa.String(6, collation="C")))
    op.execute("UPDATE item_event SET event_county = county_code")
    # Links to what has moved since find their event again.
    op.execute(
        "UPDATE item_event SET event_county = event.moved_to FROM event"
        " WHERE event.county_code = item_event.county_code AND event.id = item_event.event_id"
        " AND event.moved_to IS NOT NULL"
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
