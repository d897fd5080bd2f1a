"""The audit list, which the application adds to and never changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None

ACCOUNT = "nullif(current_setting('onemap.account', true), '')::uuid"
SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"
# What lies in the scope, and what one did oneself.
SEEN = f"""
    CASE WHEN {SCOPE} @> (county_code || '/' || area_code) COLLATE "C" THEN true
         ELSE account_id = {ACCOUNT} END
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "audit_entry",
        sa.Column("county_code", sa.String(6, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("area_code", sa.String(18, collation="C"), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("post_id", sa.Uuid),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("subject_id", sa.Uuid),
        sa.Column("about", sa.String, server_default="", nullable=False),
        sa.Column("reason", sa.String, server_default="", nullable=False),
        sa.Column("details", JSONB, server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_what", "audit_entry", ["county_code", "what", "id"])
    op.create_index("ix_audit_entry_account", "audit_entry", ["county_code", "account_id", "id"])
    op.execute("GRANT SELECT, INSERT ON audit_entry TO onemap_app")
    op.execute("ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY seen ON audit_entry FOR SELECT TO onemap_app USING ({SEEN})")
    op.execute("CREATE POLICY added ON audit_entry FOR INSERT TO onemap_app WITH CHECK (true)")


def downgrade() -> None:
    op.drop_table("audit_entry")
