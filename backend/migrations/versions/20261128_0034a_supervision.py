"""A supervision has a number, a level, somebody who presses, and an answer.

What is supervised already was pressed by a county or by the city: it gets numbers of its county.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034a"
down_revision = "0034"
branch_labels = None
depends_on = None

OPEN = "supervised_until IS NOT NULL AND closed_at IS NULL AND moved_to IS NULL"
NUMBERS = f"""
    WITH named AS (
        SELECT county_code, id, extract(year FROM now())::smallint AS year,
               row_number() OVER (PARTITION BY county_code ORDER BY id) AS serial
        FROM event WHERE {OPEN}
    ), counted AS (
        INSERT INTO supervision_serial (county_code, year, last)
        SELECT county_code, year, max(serial) FROM named GROUP BY 1, 2
    )
    UPDATE event SET supervision_level = 'county', supervision_no =
        'S' || named.year || '-' || named.county_code || '-' || lpad(named.serial::text, 4, '0')
    FROM named WHERE event.county_code = named.county_code AND event.id = named.id
"""
COUNTED = """
    INSERT INTO counter_delta (county_code, id, area_code, measure, change)
    SELECT county_code, gen_random_uuid(), area_code, '{measure}', count(*)
    FROM event WHERE {which} GROUP BY 1, 3
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, kind in (
        ("supervision_no", sa.String), ("supervision_level", sa.String),
        ("supervision_by", sa.Uuid), ("supervision_answered_at", sa.DateTime(timezone=True)),
    ):  # fmt: skip
        op.add_column("event", sa.Column(name, kind))
    op.create_table(
        "supervision_serial",
        sa.Column("county_code", sa.String(6, collation="C"), nullable=False),
        sa.Column("year", sa.SmallInteger, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_code", "year", name="pk_supervision_serial"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON supervision_serial TO onemap_app")
    # What ended without saying so is supervised no more.
    op.execute("UPDATE event SET supervised_until = NULL WHERE closed_at IS NOT NULL"
               " AND supervised_until IS NOT NULL")  # fmt: skip
    op.execute(NUMBERS)
    op.execute(COUNTED.format(measure="now.supervised", which=OPEN))
    op.execute(COUNTED.format(measure="now.restricted.supervised", which=f"restricted AND {OPEN}"))
    op.execute(
        "CREATE INDEX ix_event_supervised ON event (county_code, id)"
        " WHERE supervised_until IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_event_supervised")
    for table in ("counter_delta", "counter"):
        op.execute(
            f"DELETE FROM {table} WHERE measure IN ('now.supervised', 'now.restricted.supervised')"
        )
    op.drop_table("supervision_serial")
    for name in (
        "supervision_answered_at", "supervision_by", "supervision_level", "supervision_no",
    ):  # fmt: skip
        op.drop_column("event", name)
