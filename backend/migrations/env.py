"""Alembic's environment: the owner's connection, our tables, geometry helpers."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine, text

from backend.core.settings import get_settings
from backend.tables import Base

MIGRATING = text("SELECT pg_advisory_lock(hashtextextended('onemap.migrate', 0))")


def run() -> None:
    """Run the migrations, each revision in its own transaction."""
    engine = create_engine(get_settings().owner_url, hide_parameters=True)
    with engine.connect() as guard, engine.connect() as connection:
        # One at a time: whoever comes second waits, and then finds nothing to do.
        guard.execution_options(isolation_level="AUTOCOMMIT").execute(MIGRATING)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=alembic_helpers.include_object,
            process_revision_directives=alembic_helpers.writer,
            render_item=alembic_helpers.render_item,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
