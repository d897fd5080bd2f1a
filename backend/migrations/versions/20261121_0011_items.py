"""The three lists: items with their log, events, milestones; and hot spots."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
CODE, COUNTY = sa.String(18, collation="C"), sa.String(6, collation="C")
ACCOUNT = "nullif(current_setting('onemap.account', true), '')::uuid"
ORGANIZATION = "nullif(current_setting('onemap.organization', true), '')::uuid"
SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"

# In my scope, or my organization's to do, or to pay for, or open to it; or it carries on an event
# that I see: its reporter follows the item.
ITEM_SEEN = f"""
    {SCOPE} @> (county_code || '/' || area_code) COLLATE "C"
    OR organization_id = {ORGANIZATION}
    OR funder_id = {ORGANIZATION}
    OR (state = 'confirmed' AND organization_id IS NULL AND EXISTS (
        SELECT FROM organization
        WHERE organization.id = {ORGANIZATION} AND organization.closed_at IS NULL
          AND item.area_code >= organization.area_code
          AND item.area_code < organization.area_code || ':'))
    OR EXISTS (SELECT FROM event
               WHERE event.county_code = item.county_code AND event.item_id = item.id)
"""
OF_ITEM = (
    "EXISTS (SELECT FROM item WHERE item.county_code = item_action.county_code"
    " AND item.id = item_action.item_id)"
)
NIL = "00000000-0000-0000-0000-000000000000"
MEDIA_SEEN = f"""
    uploaded_by = {ACCOUNT} AND (uploaded_by <> '{NIL}' OR event_id IS NULL)
    OR EXISTS (SELECT FROM event WHERE event.county_code = media.event_county
               AND event.id = media.event_id)
    OR EXISTS (SELECT FROM item WHERE item.county_code = media.event_county
               AND item.id = media.event_id)
"""


def key() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("county_code", COUNTY, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
    )


def when(name: str, *, null: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def of_item(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county_code", "item_id"], ["item.county_code", "item.id"],
        name=f"fk_{table}_county_code_item_id",
    )  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "item", *key(),
        sa.Column("item_no", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("area_code", CODE, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("plan", sa.String, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("category_code", sa.String),
        sa.Column("geom", Geometry("GEOMETRY", srid=4490, spatial_index=False)),
        sa.Column("organization_id", sa.Uuid),
        sa.Column("due_on", sa.Date),
        sa.Column("recurs", sa.String),
        sa.Column("term", sa.String),
        sa.Column("from_item_id", sa.Uuid),
        sa.Column("to_item_id", sa.Uuid),
        sa.Column("hot_spot_id", sa.Uuid),
        sa.Column("fund_state", sa.String),
        sa.Column("fund_amount", sa.Numeric(14, 2)),
        sa.Column("fund_source", sa.String, server_default="", nullable=False),
        sa.Column("funder_id", sa.Uuid),
        when("started_at"), when("moved_at", null=False), when("closed_at"),
        sa.Column("progress", sa.SmallInteger, server_default="0", nullable=False),
        when("made_at", null=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        sa.Column("log_seq", sa.Integer, nullable=False),
        sa.Column("log_head", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("county_code", "item_no", name="uq_item_county_code_item_no"),
    )  # fmt: skip
    op.create_index("ix_item_area", "item", ["county_code", "area_code", "id"])
    op.create_index("ix_item_kind", "item", ["county_code", "kind", "state", "id"])
    op.create_index(
        "ix_item_organization", "item", ["organization_id", "id"],
        postgresql_where=sa.text("organization_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_item_funder", "item", ["funder_id", "id"],
        postgresql_where=sa.text("funder_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_item_open_to_claim", "item", ["area_code", "id"],
        postgresql_where=sa.text("state = 'confirmed' AND organization_id IS NULL"),
    )  # fmt: skip
    op.create_index("ix_item_geom", "item", ["geom"], postgresql_using="gist")
    op.create_table(
        "item_action", *key(),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("from_state", sa.String),
        sa.Column("to_state", sa.String, nullable=False),
        sa.Column("actor_id", sa.Uuid, nullable=False),
        sa.Column("post_id", sa.Uuid),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("organization_id", sa.Uuid),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("details", postgresql.JSONB, nullable=False),
        when("at", null=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        of_item("item_action"),
        sa.UniqueConstraint(
            "county_code", "item_id", "seq", name="uq_item_action_county_code_item_id_seq"
        ),
    )  # fmt: skip
    op.create_table(
        "item_event", *key(),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("carried", sa.Boolean, server_default="false", nullable=False),
        of_item("item_event"),
        sa.UniqueConstraint(
            "county_code", "item_id", "event_id", name="uq_item_event_county_code_item_id_event_id"
        ),
    )  # fmt: skip
    op.create_index("ix_item_event_event", "item_event", ["county_code", "event_id"])
    op.create_table(
        "milestone", *key(),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("done_on", sa.Date),
        of_item("milestone"),
    )  # fmt: skip
    op.create_index("ix_milestone_item", "milestone", ["county_code", "item_id"])
    op.create_table(
        "hot_spot", *key(),
        sa.Column("category_code", sa.String, nullable=False),
        sa.Column("area_code", CODE, nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4490, spatial_index=False), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        when("first_at", null=False), when("last_at", null=False),
        sa.Column("cause", sa.String, server_default="", nullable=False),
        sa.Column("item_id", sa.Uuid),
    )  # fmt: skip
    op.create_index("ix_hot_spot_area", "hot_spot", ["county_code", "area_code"])
    op.create_index("ix_hot_spot_geom", "hot_spot", ["geom"], postgresql_using="gist")
    op.add_column("event", sa.Column("item_id", sa.Uuid))
    op.create_index(
        "ix_event_item", "event", ["county_code", "item_id"],
        postgresql_where=sa.text("item_id IS NOT NULL"),
    )  # fmt: skip
    op.alter_column("notice", "event_id", nullable=True)
    op.add_column("notice", sa.Column("item_id", sa.Uuid))
    op.execute(
        "GRANT SELECT, INSERT, UPDATE ON item, item_event, milestone, hot_spot TO onemap_app"
    )
    op.execute("GRANT SELECT, INSERT ON item_action TO onemap_app")
    for table, seen in (("item", ITEM_SEEN), ("item_action", OF_ITEM)):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO onemap_app USING ({seen})")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT TO onemap_app WITH CHECK (true)")
        op.execute(
            f"CREATE POLICY changed ON {table} FOR UPDATE TO onemap_app"
            f" USING ({seen}) WITH CHECK (true)"
        )
    for policy, what in (("seen", "SELECT"), ("changed", "UPDATE")):
        check = " WITH CHECK (true)" if what == "UPDATE" else ""
        op.execute(f"DROP POLICY {policy} ON media")
        op.execute(
            f"CREATE POLICY {policy} ON media FOR {what} TO onemap_app USING ({MEDIA_SEEN}){check}"
        )


def downgrade() -> None:
    raise RuntimeError("0011 cannot be undone, events may be carried on by items: restore a backup")
