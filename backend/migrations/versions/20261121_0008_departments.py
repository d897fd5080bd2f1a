"""Departments inside: teams, leave with deputies, who of them is at a duty; work in a pool."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NOW = sa.text("now()")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "team",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_team_organization_id", "team", ["organization_id"])
    op.create_table(
        "leave",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("deputy_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("first_day <= last_day", name="ck_leave_days"),
        sa.CheckConstraint("account_id <> deputy_id", name="ck_leave_somebody_else"),
    )
    op.create_index("ix_leave_account_id", "leave", ["account_id"])
    op.create_index("ix_leave_deputy_id", "leave", ["deputy_id"])
    op.add_column("post", sa.Column("team_id", sa.Uuid, sa.ForeignKey("team.id")))
    op.add_column("assignment", sa.Column("team_id", sa.Uuid))
    op.add_column("assignment", sa.Column("handler_id", sa.Uuid))
    op.create_index(
        "ix_assignment_handler", "assignment", ["handler_id", "event_id"],
        postgresql_where=sa.text("handler_id IS NOT NULL"),
    )  # fmt: skip
    op.execute("GRANT SELECT, INSERT, UPDATE ON team, leave TO onemap_app")


def downgrade() -> None:
    op.drop_index("ix_assignment_handler", "assignment")
    op.drop_column("assignment", "handler_id")
    op.drop_column("assignment", "team_id")
    op.drop_column("post", "team_id")
    op.drop_table("leave")
    op.drop_table("team")
