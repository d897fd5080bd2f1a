"""Sessions with renewable secrets of one chain; sessions and answers behind row-level security.

Who is signed in signs in once more: the secrets of before cannot be worked out again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023a"
down_revision = "0022"
branch_labels = None
depends_on = None

ACCOUNT = "nullif(current_setting('onemap.account', true), '')::uuid"
# Whose sessions the transaction is about, when that is not the signed-in person's own.
SUBJECT = "nullif(current_setting('onemap.subject', true), '')::uuid"
POLICIES = {
    "sign_in": f"account_id = {ACCOUNT} OR account_id = {SUBJECT}",
    "client_key": f"account_id = {ACCOUNT}",
}

# A secret or a token names its session before anybody knows whose it is.
ACCOUNT_OF_SESSION = """
CREATE FUNCTION account_of_session(wanted uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT account_id FROM sign_in WHERE id = wanted);
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("UPDATE sign_in SET revoked_at = now() WHERE revoked_at IS NULL")
    op.drop_column("sign_in", "refresh_hash")
    op.drop_column("sign_in", "previous_hash")
    op.add_column("sign_in", sa.Column("salt", sa.LargeBinary, server_default="", nullable=False))
    op.add_column(
        "sign_in", sa.Column("generation", sa.Integer, server_default="0", nullable=False)
    )
    op.add_column(
        "sign_in",
        sa.Column(
            "replaced", sa.ARRAY(sa.DateTime(timezone=True)), server_default="{}", nullable=False
        ),
    )
    op.add_column("sign_in", sa.Column("address", sa.String, server_default="", nullable=False))
    op.add_column("sign_in", sa.Column("address_blind", sa.LargeBinary))
    for column in ("salt", "generation", "replaced", "rotated_at", "created_at"):
        op.alter_column("sign_in", column, server_default=None)
    op.drop_column("account", "failures")
    op.drop_column("account", "locked_until")
    op.execute("UPDATE client_key SET answer = answer - 'track_code' WHERE answer ? 'track_code'")
    op.execute(ACCOUNT_OF_SESSION)
    op.execute("REVOKE ALL ON FUNCTION account_of_session(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION account_of_session(uuid) TO onemap_app")
    for table, own in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO onemap_app USING ({own})")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT TO onemap_app WITH CHECK ({own})")
        op.execute(
            f"CREATE POLICY changed ON {table} FOR UPDATE TO onemap_app"
            f" USING ({own}) WITH CHECK ({own})"
        )


def downgrade() -> None:
    for table in POLICIES:
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        for policy in ("seen", "added", "changed"):
            op.execute(f"DROP POLICY {policy} ON {table}")
    op.execute("DROP FUNCTION account_of_session(uuid)")
    op.add_column("account", sa.Column("locked_until", sa.DateTime(timezone=True)))
    op.add_column("account", sa.Column("failures", sa.Integer, server_default="0", nullable=False))
    op.alter_column("account", "failures", server_default=None)
    op.execute("UPDATE sign_in SET revoked_at = now() WHERE revoked_at IS NULL")
    for column in ("address_blind", "address", "replaced", "generation", "salt"):
        op.drop_column("sign_in", column)
    op.add_column("sign_in", sa.Column("previous_hash", sa.LargeBinary))
    op.add_column(
        "sign_in", sa.Column("refresh_hash", sa.LargeBinary, server_default="", nullable=False)
    )
    op.alter_column("sign_in", "refresh_hash", server_default=None)
    for column in ("rotated_at", "created_at"):
        op.alter_column("sign_in", column, server_default=sa.text("now()"))
