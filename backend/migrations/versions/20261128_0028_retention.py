"""What has served its purpose can be forgotten, by age and for no other reason."""

from alembic import op

revision = "0028"
down_revision = "0025a"
branch_labels = None
depends_on = None

# The jobs see no row of anybody that they could read: each function removes one kind of thing that
# is older than both the moment asked for and a floor of its own, and answers with a number.
FUNCTIONS = {
    # The law on personal information asks for the shortest time (article 19); three months after
    # its case has ended a stranger can still object, and be called.
    "forget_contacts": """
        DELETE FROM event_contact c USING event e
        WHERE c.county_code = county AND e.county_code = county AND e.id = c.id
          AND c.id IN (
            SELECT x.id FROM event_contact x JOIN event y
              ON y.county_code = x.county_code AND y.id = x.id
            WHERE x.county_code = county
              AND y.closed_at < least(before, now() - interval '90 days')
            LIMIT most)
    """,
    "forget_messages": """
        DELETE FROM message WHERE county_code = county AND id IN (
            SELECT id FROM message
            WHERE county_code = county AND status IN ('sent', 'failed')
              AND made_at < least(before, now() - interval '30 days')
            LIMIT most FOR UPDATE SKIP LOCKED)
    """,
    "forget_notices": """
        DELETE FROM notice WHERE county_code = county AND id IN (
            SELECT id FROM notice
            WHERE county_code = county AND made_at < least(before, now() - interval '90 days')
            LIMIT most FOR UPDATE SKIP LOCKED)
    """,
    "forget_cameras": """
        UPDATE media SET exif_position = NULL, taken_at = NULL
        WHERE county_code = county AND id IN (
            SELECT id FROM media
            WHERE county_code = county AND (exif_position IS NOT NULL OR taken_at IS NOT NULL)
              AND uploaded_at < least(before, now() - interval '7 days')
            LIMIT most FOR UPDATE SKIP LOCKED)
    """,
    # Records of who was signed in are kept for six months at least (Cybersecurity Law, article 21).
    "forget_sessions": """
        DELETE FROM sign_in WHERE id IN (
            SELECT id FROM sign_in
            WHERE least(coalesce(revoked_at, expires_at), expires_at)
                  < least(before, now() - interval '180 days')
            LIMIT most FOR UPDATE SKIP LOCKED)
    """,
}
MADE = """
CREATE FUNCTION {name}(county text, before timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone integer;
BEGIN
    {body};
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$
"""
ARGUMENTS = "(text, timestamptz, integer)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, body in FUNCTIONS.items():
        op.execute(MADE.format(name=name, body=body.strip()))
        op.execute(f"REVOKE ALL ON FUNCTION {name}{ARGUMENTS} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name}{ARGUMENTS} TO onemap_app")


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}{ARGUMENTS}")
