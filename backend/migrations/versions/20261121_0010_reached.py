"""Numbers proved by a code, mail for staff, and the looks of an area."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "event_contact",
        sa.Column("phone_proved", sa.Boolean, server_default="false", nullable=False),
    )
    op.add_column("account", sa.Column("mail_sealed", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("account", "mail_sealed")
    op.drop_column("event_contact", "phone_proved")
