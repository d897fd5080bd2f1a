"""Public assets with their owners, and routing rules whose lead is the owner of the asset."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CODE, COUNTY = sa.String(18, collation="C"), sa.String(6, collation="C")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "asset",
        sa.Column("county_code", COUNTY, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("asset_no", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("area_code", CODE, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4490, spatial_index=False), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("county_code", "asset_no", name="uq_asset_county_code_asset_no"),
    )
    op.create_index("ix_asset_area", "asset", ["county_code", "area_code", "asset_no"])
    op.create_index("ix_asset_geom", "asset", ["geom"], postgresql_using="gist")
    op.execute("GRANT SELECT, INSERT, UPDATE ON asset TO onemap_app")
    op.alter_column("routing_rule", "lead_organization_id", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM routing_rule WHERE lead_organization_id IS NULL")
    op.alter_column("routing_rule", "lead_organization_id", nullable=False)
    op.drop_table("asset")
