"""Hot spots at a border: the village on its other side."""

import sqlalchemy as sa
from alembic import op

revision = "0026b"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("hot_spot", sa.Column("beside_county", sa.String(6, collation="C")))
    op.add_column("hot_spot", sa.Column("beside_area", sa.String(18, collation="C")))
    op.create_index(
        "ix_hot_spot_beside", "hot_spot", ["beside_county", "beside_area"],
        postgresql_where=sa.text("beside_area IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_hot_spot_beside", "hot_spot")
    op.drop_column("hot_spot", "beside_area")
    op.drop_column("hot_spot", "beside_county")
