"""A whole city's lists come from indexes too, and items do not read every event."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ORGANIZATION = "nullif(current_setting('onemap.organization', true), '')::uuid"
SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"


OTHERS = f"""
    organization_id = {ORGANIZATION}
    OR funder_id = {ORGANIZATION}
    OR (state = 'confirmed' AND organization_id IS NULL AND EXISTS (
        SELECT FROM organization
        WHERE organization.id = {ORGANIZATION} AND organization.closed_at IS NULL
          AND item.area_code >= organization.area_code
          AND item.area_code < organization.area_code || ':'))
    OR EXISTS (SELECT FROM event
               WHERE {{linked}} event.county_code = item.county_code AND event.item_id = item.id)
"""
IN_SCOPE = f"""{SCOPE} @> (county_code || '/' || area_code) COLLATE "C" """


def policies(table: str, seen: str) -> None:
    op.execute(f"DROP POLICY seen ON {table}")
    op.execute(f"DROP POLICY changed ON {table}")
    op.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO onemap_app USING ({seen})")
    op.execute(
        f"CREATE POLICY changed ON {table} FOR UPDATE TO onemap_app"
        f" USING ({seen}) WITH CHECK (true)"
    )


def weighed(rest: str) -> str:
    """In the scope, or else: a multirange is taken to hold one row in a thousand, and the newest
    fifty of next to none are not worth an index; a case is taken to hold for every second one.
    """
    return f"CASE WHEN {IN_SCOPE} THEN true ELSE {rest} END"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Said aloud, so that the planner may gather the few linked events from their partial index
    # instead of reading all of them.
    policies("item", weighed(f"({OTHERS.format(linked='event.item_id IS NOT NULL AND')})"))
    policies("deliberation", weighed("false"))
    policies("review", weighed("signed_in_to(county_code, id)"))
    # County first serves whoever has one county; whoever has all of them reads by these.
    op.create_index("ix_item_id", "item", ["id"])
    op.create_index("ix_review_id", "review", ["id"])
    op.create_index("ix_review_starts", "review", ["starts_at"])
    op.create_index("ix_deliberation_id", "deliberation", ["id"])
    op.create_index("ix_asset_number", "asset", ["asset_no"])
    op.create_index(
        "ix_hot_spot_count", "hot_spot", [sa.text("count DESC"), sa.text("last_at DESC")]
    )


def downgrade() -> None:
    op.drop_index("ix_hot_spot_count", "hot_spot")
    op.drop_index("ix_asset_number", "asset")
    op.drop_index("ix_deliberation_id", "deliberation")
    op.drop_index("ix_review_starts", "review")
    op.drop_index("ix_review_id", "review")
    op.drop_index("ix_item_id", "item")
    policies("review", f"{IN_SCOPE} OR signed_in_to(county_code, id)")
    policies("deliberation", IN_SCOPE)
    policies("item", f"{IN_SCOPE} OR {OTHERS.format(linked='')}")
