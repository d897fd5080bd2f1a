"""Posts are found by area whether or not their end is known."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Held today is "no end, or an end to come": an index of those without an end answers neither
    # half of it, and a city's 140,000 posts were read for every case that was shown.
    op.drop_index("ix_post_area_now", "post")
    op.create_index("ix_post_area", "post", ["area_code", "role"])


def downgrade() -> None:
    op.drop_index("ix_post_area", "post")
    op.create_index(
        "ix_post_area_now", "post", ["area_code", "role"],
        postgresql_where=sa.text("valid_to IS NULL"),
    )  # fmt: skip
