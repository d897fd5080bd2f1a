"""A resident's name is seen by who sees a case of theirs and by who fills posts, not by all."""

from alembic import op

from backend.migrations.apply import apply

revision = "0081"
down_revision = "0095"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    apply("policies/account.sql")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP POLICY seen ON account")
    op.execute("""
        CREATE POLICY seen ON account FOR SELECT TO onemap_app USING (
            NULLIF(current_setting('onemap.account', true), '') IS NOT NULL
            OR id = NULLIF(current_setting('onemap.subject', true), '')::uuid)
    """)
