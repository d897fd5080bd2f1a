"""Intake by people: a caller's number is found again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("event_contact", sa.Column("phone_blind", sa.LargeBinary))
    op.create_index("ix_event_contact_phone", "event_contact", ["phone_blind"])


def downgrade() -> None:
    op.drop_column("event_contact", "phone_blind")
