"""Open work is found by indexes of what is open; figures by family of measures."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0020a"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")
# name, table, columns, condition
INDEXES = (
    ("ix_event_open", "event", ["county_code", "id"], OPEN),
    ("ix_event_open_village", "event", ["county_code", "village_code", "id"], OPEN),
    ("ix_event_village", "event", ["county_code", "village_code", "id"], None),
    ("ix_event_category", "event", ["county_code", "category_code", "id"], None),
    (
        "ix_event_late", "event", ["county_code", "id"],
        sa.text("overdue_at IS NOT NULL AND closed_at IS NULL"),
    ),
    (
        "ix_event_sampled", "event", ["county_code", "id"], sa.text("sampled"),
    ),
    (
        "ix_assignment_current", "assignment", ["organization_id", "event_id"],
        sa.text("ended_at IS NULL"),
    ),
    ("ix_assignment_past", "assignment", ["organization_id", "event_id"], None),
)  # fmt: skip
ACCOUNT = "nullif(current_setting('onemap.account', true), '')::uuid"
TRACKED = "nullif(current_setting('onemap.tracked', true), '')::uuid"
ORGANIZATION = "nullif(current_setting('onemap.organization', true), '')::uuid"
SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"
IN_SCOPE = f"""{SCOPE} @> (county_code || '/' || area_code) COLLATE "C" """
# A restricted case is seen by those who are named in it, by who holds its code, and by the jobs of
# its county.
NAMED = f"""
    {ACCOUNT} = ANY (named) OR id = {TRACKED} OR {SCOPE} @> (county_code || '/') COLLATE "C"
"""
ELSEWHERE = f"""
    reporter_id = {ACCOUNT} OR id = {TRACKED} OR EXISTS (
        SELECT FROM assignment
        WHERE assignment.county_code = event.county_code AND assignment.event_id = event.id
          AND assignment.organization_id = {ORGANIZATION} AND assignment.status <> 'withdrawn')
"""
BEFORE = f"(NOT restricted AND ({IN_SCOPE} OR {ELSEWHERE})) OR (restricted AND ({NAMED}))"
# The same, said as a case: it is taken to hold for every second row, where a multirange is taken to
# hold for one in a thousand; the newest fifty of next to none are not worth an index.
NOW = f"CASE WHEN restricted THEN {NAMED} WHEN {IN_SCOPE} THEN true ELSE {ELSEWHERE} END"


def policies(seen: str) -> None:
    op.execute("DROP POLICY seen ON event")
    op.execute("DROP POLICY changed ON event")
    op.execute(f"CREATE POLICY seen ON event FOR SELECT TO onemap_app USING ({seen})")
    op.execute(
        f"CREATE POLICY changed ON event FOR UPDATE TO onemap_app USING ({seen}) WITH CHECK (true)"
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # All of them before anything is changed: see 0024a.
    op.execute("LOCK TABLE event, assignment, counter IN ACCESS EXCLUSIVE MODE")
    # The column writes the table anew, and every index that it has: this one is made again anyway.
    op.drop_index("ix_event_geom_open", "event")
    # Row-level security lets no index on an expression serve: its functions are not leakproof.
    op.add_column(
        "event",
        sa.Column(
            "village_code", sa.String(18, collation="C"),
            sa.Computed("left(area_code, 12)", persisted=True), nullable=False,
        ),
    )  # fmt: skip
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, postgresql_where=where)
    policies(NOW)
    op.create_index(
        "ix_event_geom_open", "event", ["geom"], postgresql_using="gist",
        postgresql_where=sa.text("closed_at IS NULL AND geom IS NOT NULL"),
    )  # fmt: skip
    op.drop_index("ix_counter_area", "counter")
    op.create_index(
        "ix_counter_family", "counter",
        ["county_code", sa.text("split_part(measure, '.', 1)"), sa.text("length(area_code)"),
         "area_code"],
    )  # fmt: skip


def downgrade() -> None:
    policies(BEFORE)
    op.drop_index("ix_counter_family", "counter")
    op.create_index("ix_counter_area", "counter", ["county_code", "area_code", "measure"])
    op.drop_index("ix_event_geom_open", "event")
    op.create_index(
        "ix_event_geom_open", "event", ["geom"], postgresql_using="gist", postgresql_where=OPEN
    )
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table)
    op.drop_column("event", "village_code")
