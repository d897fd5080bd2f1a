"""What is little among much has indexes of its own: requests, restricted cases, posts by role."""

from alembic import op

revision = "0031"
down_revision = "0024a"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_event_asking": "event (county_code, id) WHERE asked <> '{}'",
    "ix_event_restricted": "event (county_code, id) WHERE restricted",
    "ix_post_role": "post (role, area_code)",
    "ix_post_organization": "post (organization_id) WHERE organization_id IS NOT NULL",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("LOCK TABLE event, post IN SHARE MODE")
    for name, on in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {on}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
