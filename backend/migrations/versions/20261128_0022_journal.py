"""One shape for the four journals: what all entries say, and in which form each is sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0029"
branch_labels = None
depends_on = None

JOURNALS = ("event_action", "item_action", "deliberation_action", "review_line")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in JOURNALS:
        # What stands there was sealed in form 1; whoever writes from now on says the form.
        form = sa.Column("form", sa.SmallInteger, server_default="1", nullable=False)
        op.add_column(table, form)
        op.alter_column(table, "form", server_default=None)
    op.add_column("deliberation_action", sa.Column("organization_id", sa.Uuid))
    op.alter_column("review_line", "kind", new_column_name="action")
    op.add_column("review_line", sa.Column("post_id", sa.Uuid))
    op.add_column("review_line", sa.Column("role", sa.String, server_default="", nullable=False))
    op.add_column("review_line", sa.Column("organization_id", sa.Uuid))
    op.add_column("review_line", sa.Column("note", sa.String, server_default="", nullable=False))
    op.alter_column("review", "seq", new_column_name="log_seq")
    op.alter_column("review", "head", new_column_name="log_head")


def downgrade() -> None:
    op.alter_column("review", "log_head", new_column_name="head")
    op.alter_column("review", "log_seq", new_column_name="seq")
    for column in ("note", "organization_id", "role", "post_id"):
        op.drop_column("review_line", column)
    op.alter_column("review_line", "action", new_column_name="kind")
    op.drop_column("deliberation_action", "organization_id")
    for table in JOURNALS:
        op.drop_column(table, "form")
