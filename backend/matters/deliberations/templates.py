"""Procedures put in force, version by version."""

from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.matters.deliberations.models import ProcedureRow
from backend.matters.deliberations.procedures import Procedure


def publish(session: Session, made_by: UUID | None, procedure: Procedure) -> int:
    """Put the next version of a procedure in force; its number."""
    # Two people at once: the second waits, and makes the version after.
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"procedure/{procedure.code}"}
    )
    last = session.scalar(
        select(func.max(ProcedureRow.version)).where(ProcedureRow.code == procedure.code)
    )
    version = (last or 0) + 1
    session.add(
        ProcedureRow(
            code=procedure.code, version=version, body=procedure.model_dump(mode="json"),
            made_by=made_by,
        )
    )  # fmt: skip
    session.flush()
    return version
