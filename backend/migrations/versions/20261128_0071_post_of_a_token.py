"""A token speaks for the post in which its session stands, and for no post that it left."""

from alembic import op

from backend.migrations.apply import apply

revision = "0071"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION IF EXISTS session_stands(uuid, timestamptz, date)")
    apply("functions/session_stands.sql")
    # One name once on a roll: two that wrote it at once had put everybody on it twice, and votes
    # and quorums counted them twice. The first of each stays; who sat at a sitting stays recorded.
    op.execute("""
        UPDATE roll_member AS twice SET ended_at = now()
        WHERE ended_at IS NULL AND EXISTS (
            SELECT FROM roll_member AS first
            WHERE first.county_code = twice.county_code AND first.area_code = twice.area_code
              AND first.assembly = twice.assembly AND first.name = twice.name
              AND first.ended_at IS NULL AND first.id < twice.id)
    """)
    op.execute("""
        CREATE UNIQUE INDEX uq_roll_member_now
        ON roll_member (county_code, area_code, assembly, name)
        WHERE ended_at IS NULL
    """)


def downgrade() -> None:
    op.execute("DROP INDEX uq_roll_member_now")
    op.execute("DROP FUNCTION session_stands(uuid, uuid, timestamptz, date)")
    op.execute("""
        CREATE FUNCTION session_stands(wanted uuid, at timestamptz, today date) RETURNS boolean
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path TO 'public', 'pg_temp' AS $$
        BEGIN
            RETURN EXISTS (
                SELECT FROM sign_in s
                JOIN account a ON a.id = s.account_id
                JOIN post p ON p.id = s.post_id
                WHERE s.id = wanted AND s.revoked_at IS NULL AND s.expires_at > at
                  AND a.disabled_at IS NULL
                  AND p.valid_from <= today AND coalesce(p.valid_to, today) >= today);
        END $$;
        REVOKE ALL ON FUNCTION session_stands(uuid, timestamptz, date) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION session_stands(uuid, timestamptz, date) TO onemap_app;
    """)
