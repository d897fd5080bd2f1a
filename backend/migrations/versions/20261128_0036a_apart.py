"""What is secret or personal of an account stands apart, behind row-level security; so do accounts.

The table is held from the first statement: nobody changes a password between its copy and the end
of its column. It is written anew at the end, because the values of a dropped column stay in its
file until then. 150,000 accounts took 23 s on a busy machine; nobody signs in meanwhile.
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations.apply import apply

revision = "0036a"
down_revision = "0036"
branch_labels = None
depends_on = None

CONTACT = ("phone_sealed", "phone_blind", "mail_sealed")
FUNCTIONS = {
    "governs_account": "uuid", "who_signs_in": "text, bytea", "mail_of_account": "uuid",
}  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("LOCK TABLE account IN ACCESS EXCLUSIVE MODE")
    _table("account_secret", sa.Column("password_hash", sa.String, nullable=False))
    _table("account_contact", *(sa.Column(name, sa.LargeBinary) for name in CONTACT))
    op.add_column(
        "account", sa.Column("joined", sa.Boolean, server_default=sa.false(), nullable=False)
    )
    op.execute(
        "INSERT INTO account_secret SELECT id, password_hash FROM account"
        " WHERE password_hash IS NOT NULL"
    )
    op.execute(
        f"INSERT INTO account_contact SELECT id, {', '.join(CONTACT)} FROM account"
        f" WHERE num_nonnulls({', '.join(CONTACT)}) > 0"
    )
    op.create_index("ix_account_contact_phone_blind", "account_contact", ["phone_blind"])
    op.execute("UPDATE account SET joined = true WHERE password_hash IS NOT NULL")
    op.drop_index("ix_account_phone_blind", "account")
    for name in ("password_hash", *CONTACT):
        op.drop_column("account", name)
    _write_anew()
    for file in (
        "functions/governs_account.sql", "functions/who_signs_in.sql",
        "functions/mail_of_account.sql", "policies/account.sql", "policies/account_secret.sql",
        "policies/account_contact.sql",
    ):  # fmt: skip
        apply(file)


def _table(name: str, *columns: sa.Column[object]) -> None:
    key = sa.Column("account_id", sa.Uuid, nullable=False)
    op.create_table(
        name, key, *columns,
        sa.PrimaryKeyConstraint("account_id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=f"fk_{name}_account_id_account"
        ),
    )  # fmt: skip


def _write_anew() -> None:
    op.execute("CLUSTER account USING pk_account")
    op.execute("ALTER TABLE account SET WITHOUT CLUSTER")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("LOCK TABLE account, account_secret, account_contact IN ACCESS EXCLUSIVE MODE")
    op.execute("ALTER TABLE account DISABLE ROW LEVEL SECURITY")
    for policy in ("seen", "added", "changed"):
        op.execute(f"DROP POLICY {policy} ON account")
    op.add_column("account", sa.Column("password_hash", sa.String))
    for name in CONTACT:
        op.add_column("account", sa.Column(name, sa.LargeBinary))
    op.execute(
        "UPDATE account a SET password_hash = s.password_hash, phone_sealed = c.phone_sealed,"
        " phone_blind = c.phone_blind, mail_sealed = c.mail_sealed"
        " FROM account b LEFT JOIN account_secret s ON s.account_id = b.id"
        " LEFT JOIN account_contact c ON c.account_id = b.id"
        " WHERE a.id = b.id AND (s.account_id IS NOT NULL OR c.account_id IS NOT NULL)"
    )
    op.create_index("ix_account_phone_blind", "account", ["phone_blind"])
    op.drop_column("account", "joined")
    op.drop_table("account_contact")
    op.drop_table("account_secret")
    for function, arguments in FUNCTIONS.items():
        op.execute(f"DROP FUNCTION {function}({arguments})")
    _write_anew()
