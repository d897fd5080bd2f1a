"""Village decisions: procedures, motions with their log, assemblies, objections; documents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
CODE, COUNTY = sa.String(18, collation="C"), sa.String(6, collation="C")
ACCOUNT = "nullif(current_setting('onemap.account', true), '')::uuid"
SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"
IN_SCOPE = f"""{SCOPE} @> (county_code || '/' || area_code) COLLATE "C" """
NIL = "00000000-0000-0000-0000-000000000000"


def below(table: str, column: str, parent: str) -> str:
    return (
        f"EXISTS (SELECT FROM {parent} WHERE {parent}.county_code = {table}.county_code"
        f" AND {parent}.id = {table}.{column})"
    )


SEEN = {
    "deliberation": IN_SCOPE,
    "deliberation_action": below("deliberation_action", "deliberation_id", "deliberation"),
    "sitting": below("sitting", "deliberation_id", "deliberation"),
    "sitting_person": below("sitting_person", "sitting_id", "sitting"),
    "objection": below("objection", "deliberation_id", "deliberation"),
    "roll_member": IN_SCOPE,
}
OF_EVENT = f"""
    uploaded_by = {ACCOUNT} AND (uploaded_by <> '{NIL}' OR event_id IS NULL)
    OR EXISTS (SELECT FROM event WHERE event.county_code = media.event_county
               AND event.id = media.event_id)
    OR EXISTS (SELECT FROM item WHERE item.county_code = media.event_county
               AND item.id = media.event_id)
"""
OF_DELIBERATION = """
    OR EXISTS (SELECT FROM deliberation WHERE deliberation.county_code = media.event_county
               AND deliberation.id = media.event_id)
"""

# What hangs out, for anybody: these columns and no others.
PUBLIC = """
CREATE FUNCTION public_deliberations(lo text, hi text, wanted text)
RETURNS TABLE (
    county_code text, id uuid, deliberation_no text, area_code text, title text, state text,
    notice jsonb, result jsonb, notice_until timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT county_code, id, deliberation_no, area_code, title, state, notice, result, notice_until
    FROM deliberation
    WHERE notice IS NOT NULL
      AND (lo IS NULL OR (area_code >= lo AND area_code < hi))
      AND (wanted IS NULL OR deliberation_no = wanted)
    ORDER BY notice_until DESC NULLS LAST, id LIMIT 100
$$
"""


def key() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("county_code", COUNTY, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
    )


def when(name: str, *, null: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def text(name: str, *, null: bool = False) -> sa.Column:
    return sa.Column(name, sa.String, nullable=null)


def count(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False)


def of(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county_code", column], [f"{parent}.county_code", f"{parent}.id"],
        name=f"fk_{table}_county_code_{column}",
    )  # fmt: skip


def policies(where: str) -> None:
    for policy, what in (("seen", "SELECT"), ("changed", "UPDATE")):
        check = " WITH CHECK (true)" if what == "UPDATE" else ""
        op.execute(f"DROP POLICY {policy} ON media")
        op.execute(
            f"CREATE POLICY {policy} ON media FOR {what} TO onemap_app USING ({where}){check}"
        )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "procedure",
        sa.Column("id", sa.Uuid, primary_key=True),
        text("code"), count("version"),
        sa.Column("body", postgresql.JSONB, nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.UniqueConstraint("code", "version", name="uq_procedure_code_version"),
    )  # fmt: skip
    op.create_table(
        "deliberation", *key(),
        text("deliberation_no"),
        sa.Column("area_code", CODE, nullable=False),
        sa.Column("procedure_id", sa.Uuid, nullable=False),
        text("title"), text("matter"), text("words"),
        sa.Column("amount", sa.Numeric(14, 2)),
        text("state"), text("step_code"),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("notice", postgresql.JSONB), sa.Column("result", postgresql.JSONB),
        when("notice_until"),
        sa.Column("item_id", sa.Uuid),
        sa.Column("spent", sa.Numeric(14, 2)),
        when("made_at", null=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        when("moved_at", null=False), when("closed_at"),
        count("log_seq"),
        sa.Column("log_head", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint(
            "county_code", "deliberation_no", name="uq_deliberation_county_code_deliberation_no"
        ),
    )  # fmt: skip
    op.create_index("ix_deliberation_area", "deliberation", ["county_code", "area_code", "id"])
    op.create_index(
        "ix_deliberation_item", "deliberation", ["county_code", "item_id"],
        postgresql_where=sa.text("item_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_deliberation_published", "deliberation", ["notice_until"],
        postgresql_where=sa.text("notice IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "deliberation_action", *key(),
        sa.Column("deliberation_id", sa.Uuid, nullable=False),
        count("seq"), text("action"), text("step_code"),
        sa.Column("round", sa.SmallInteger, nullable=False),
        text("to_step"), text("to_state"),
        sa.Column("actor_id", sa.Uuid, nullable=False),
        sa.Column("post_id", sa.Uuid),
        text("role"), text("note"),
        sa.Column("details", postgresql.JSONB, nullable=False),
        when("at", null=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        of("deliberation_action", "deliberation_id", "deliberation"),
        sa.UniqueConstraint(
            "county_code", "deliberation_id", "seq",
            name="uq_deliberation_action_county_code_deliberation_id_seq",
        ),
    )  # fmt: skip
    op.create_table(
        "sitting", *key(),
        sa.Column("deliberation_id", sa.Uuid, nullable=False),
        text("step_code"),
        sa.Column("round", sa.SmallInteger, nullable=False),
        when("held_at", null=False),
        text("place"), text("chair"),
        count("on_roll"), count("present"), count("yes"), count("no"), count("abstain"),
        text("outcome"),
        of("sitting", "deliberation_id", "deliberation"),
    )  # fmt: skip
    op.create_index("ix_sitting_deliberation", "sitting", ["county_code", "deliberation_id"])
    op.create_table(
        "sitting_person", *key(),
        sa.Column("sitting_id", sa.Uuid, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False),
        text("name"),
        of("sitting_person", "sitting_id", "sitting"),
        sa.UniqueConstraint(
            "county_code", "sitting_id", "member_id",
            name="uq_sitting_person_county_code_sitting_id_member_id",
        ),
    )  # fmt: skip
    op.create_table(
        "objection", *key(),
        sa.Column("deliberation_id", sa.Uuid, nullable=False),
        text("name"), text("words"), when("at", null=False),
        text("answer", null=True), when("answered_at"),
        of("objection", "deliberation_id", "deliberation"),
    )  # fmt: skip
    op.create_index("ix_objection_deliberation", "objection", ["county_code", "deliberation_id"])
    op.create_table(
        "roll_member", *key(),
        sa.Column("area_code", CODE, nullable=False),
        text("assembly"), text("name"),
        sa.Column("position", sa.SmallInteger, nullable=False),
        when("ended_at"),
    )  # fmt: skip
    op.create_index(
        "ix_roll_member_now", "roll_member", ["county_code", "area_code", "assembly"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.add_column("notice", sa.Column("deliberation_id", sa.Uuid))
    op.add_column("media", sa.Column("kind", sa.String, server_default="photo", nullable=False))
    op.add_column("media", sa.Column("name", sa.String, server_default="", nullable=False))
    op.execute("GRANT SELECT, INSERT ON procedure, deliberation_action, sitting, sitting_person"
               " TO onemap_app")  # fmt: skip
    op.execute("GRANT SELECT, INSERT, UPDATE ON deliberation, objection, roll_member TO onemap_app")
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO onemap_app USING ({seen})")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT TO onemap_app WITH CHECK (true)")
        if table in ("deliberation", "objection", "roll_member"):
            op.execute(
                f"CREATE POLICY changed ON {table} FOR UPDATE TO onemap_app"
                f" USING ({seen}) WITH CHECK (true)"
            )
    policies(OF_EVENT + OF_DELIBERATION)
    op.execute(PUBLIC)
    op.execute("REVOKE ALL ON FUNCTION public_deliberations(text, text, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION public_deliberations(text, text, text) TO onemap_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION public_deliberations(text, text, text)")
    policies(OF_EVENT)
    op.execute("DELETE FROM media WHERE kind <> 'photo'")
    op.drop_column("media", "name")
    op.drop_column("media", "kind")
    op.execute("DELETE FROM notice WHERE deliberation_id IS NOT NULL")
    op.drop_column("notice", "deliberation_id")
    for table in (
        "roll_member", "objection", "sitting_person", "sitting", "deliberation_action",
        "deliberation", "procedure",
    ):  # fmt: skip
        op.drop_table(table)
