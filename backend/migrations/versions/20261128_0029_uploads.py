"""Uploads that no report took can be removed; a photo's own time is one that a calendar knows."""

from alembic import op

revision = "0029"
down_revision = "0023"
branch_labels = None
depends_on = None

# The job that tidies up sees no row of anybody: both functions answer with keys and nothing else,
# and the first can only take what belongs to no case.
REMOVE = """
CREATE FUNCTION remove_orphaned_media(
    wanted_county varchar, before timestamptz, public_before timestamptz, most int)
RETURNS TABLE (media_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    DELETE FROM media
    WHERE media.county_code = wanted_county AND media.event_id IS NULL AND media.id IN (
        SELECT m.id FROM media m
        WHERE m.county_code = wanted_county AND m.event_id IS NULL
          AND m.uploaded_at < CASE WHEN m.claim_hash IS NULL THEN before ELSE public_before END
        ORDER BY m.uploaded_at LIMIT most
        FOR UPDATE SKIP LOCKED)
    RETURNING media.id;
END
$$
"""
KNOWN = """
CREATE FUNCTION known_media(wanted uuid[]) RETURNS TABLE (media_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT media.id FROM media WHERE media.id = ANY (wanted);
END
$$
"""
SIGNATURES = (
    "remove_orphaned_media(varchar, timestamptz, timestamptz, int)",
    "known_media(uuid[])",
)
SANE = "taken_at BETWEEN timestamptz '1990-01-01 00:00Z' AND timestamptz '2200-01-01 00:00Z'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"UPDATE media SET taken_at = NULL WHERE NOT ({SANE})")
    op.create_check_constraint("taken_at", "media", SANE)
    op.create_index(
        "ix_media_orphans", "media", ["county_code", "uploaded_at"],
        postgresql_where="event_id IS NULL",
    )  # fmt: skip
    for function in (REMOVE, KNOWN):
        op.execute(function)
    for signature in SIGNATURES:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO onemap_app")


def downgrade() -> None:
    for signature in SIGNATURES:
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_index("ix_media_orphans", "media")
    op.drop_constraint("ck_media_taken_at", "media")
