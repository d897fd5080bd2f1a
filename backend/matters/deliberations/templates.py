"""Procedures put in force, version by version."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.errors import BadInput, Forbidden, NotFound
from backend.core.rights import TABLE, Right, city_wide
from backend.matters.deliberations import queries
from backend.matters.deliberations.models import ProcedureRow
from backend.matters.deliberations.procedures import Procedure
from gis import codes


def edition_of(actor: Actor) -> str:
    """Whose edition somebody's procedure is: the city's (empty), or their county's own.

    Raises
    ------
    Forbidden
        The post is below a county.
    """
    if city_wide(actor.area_code):
        return ""
    if codes.level_of(actor.area_code) is not codes.Level.COUNTY:
        raise Forbidden("needs_county_post")
    return actor.area_code


def publish(
    session: Session, made_by: UUID | None, procedure: Procedure, area_code: str = ""
) -> int:
    """Put the next version of a procedure in force, in a county or (empty) the city; its number.

    What says the same as the edition in force there makes none: its number is that one's.

    Raises
    ------
    BadInput
        A step names a role that may take no step of a village decision.
    """
    for step in procedure.steps:
        for role in sorted(frozenset(step.who) - TABLE[Right.STEP_DELIBERATIONS]):
            raise BadInput("procedure_who", step=step.zh, role=f"role.{role}")
    # Locks first: what two people publish at once is one edition, or one after the other.
    version = queries.last_version(session, procedure.code) + 1
    body = procedure.model_dump(mode="json")
    known = queries.own_procedure(session, procedure.code, area_code)
    if known is not None and known.body == body:
        return known.version
    session.add(
        ProcedureRow(
            code=procedure.code, version=version, area_code=area_code, body=body, made_by=made_by
        )
    )
    session.flush()
    return version


def withdraw(session: Session, actor: Actor, code: str) -> None:
    """End the own edition of the actor's county: new motions there go by the city's again.

    Nothing is changed: a version that says so succeeds it, and running motions keep theirs.

    Raises
    ------
    Forbidden
        The post is below a county.
    NotFound
        The county has no edition of its own; the city's can only be succeeded.
    """
    county = edition_of(actor)
    # Locks first: two people at once make one version that says so.
    version = queries.last_version(session, code) + 1
    own = queries.own_procedure(session, code, county) if county else None
    if own is None:
        raise NotFound("procedure_not_own")
    session.add(
        ProcedureRow(
            code=code, version=version, area_code=county, withdrawn=True, body=own.body,
            made_by=actor.id,
        )
    )  # fmt: skip
    session.flush()
