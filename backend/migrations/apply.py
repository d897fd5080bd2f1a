"""How a migration brings the database to what a file of `backend/schema/` says."""

import re
from pathlib import Path

from alembic import op
from sqlalchemy.exc import ProgrammingError

from backend.schema.catalogue import FOLDER, ROLES

# What a file names and this point of the chain does not have yet: column, function, object, table.
LATER = frozenset({"42703", "42883", "42704", "42P01"})

# A grant on a table: what it gives is all that is given.
GRANTED = re.compile(r"^GRANT [A-Z, ]+ ON (\w+) TO ", re.MULTILINE)


def apply(path: str) -> bool:
    """Run one file of the schema, as `policies/event.sql`; whether it fitted.

    A file says how things stand today, so on an empty database an early migration can meet one
    that names what a later migration makes. That one applies it too, or nothing would have
    changed in the file: the early one leaves it. A file that is gone was removed by a later one.

    Raises
    ------
    sqlalchemy.exc.ProgrammingError
        The file cannot be run, or names what is not there and no later migration applies it.
    """
    file = FOLDER / path
    if not file.exists():
        return False
    connection = op.get_bind()
    kind, _, name = path.removesuffix(".sql").rpartition("/")
    try:
        with connection.begin_nested():
            content = file.read_text("utf-8")
            if kind == "policies":
                _forget_policies(name)
            for table in dict.fromkeys(GRANTED.findall(content)):
                connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {', '.join(ROLES)}")
            connection.exec_driver_sql(content, execution_options={"no_parameters": True})
    except ProgrammingError as error:
        later = getattr(error.orig, "sqlstate", None) in LATER and _applied_later(path)
        if not later:
            error.add_note(
                f"backend/schema/{path} names it, and no later migration applies that file"
            )
            raise
        return False
    return True


def _applied_later(path: str) -> bool:
    """Whether a migration after the one that runs names the file."""
    context = op.get_context()
    if context.script is None:
        return False
    here = context.get_current_heads() or "base"
    # The last of them is the one that runs: its number is written when it has ended.
    later = list(context.script.iterate_revisions("head", here))[:-1]
    return any(f'"{path}"' in Path(one.path).read_text("utf-8") for one in later)


def _forget_policies(table: str) -> None:
    """Drop the policies that a table has, so that the file's are all of them."""
    connection = op.get_bind()
    found = connection.exec_driver_sql(
        "SELECT polname FROM pg_policy WHERE polrelid = to_regclass(%s)", (table,)
    ).scalars()
    for policy in found.all():
        connection.exec_driver_sql(f'DROP POLICY "{policy}" ON "{table}"')
