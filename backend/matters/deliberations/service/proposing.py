"""Bringing a motion in."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.errors import BadInput, Forbidden, NotFound
from backend.core.idempotency import fingerprint, once
from backend.matters.deliberations import queries
from backend.matters.deliberations.models import Deliberation
from backend.matters.deliberations.procedures import Procedure
from backend.matters.deliberations.schemas import DeliberationIn
from backend.matters.deliberations.service.journal import write
from backend.matters.deliberations.workflow import Action, State
from backend.matters.items import queries as items
from backend.tools.media import service as media


def propose(session: Session, actor: Actor, body: DeliberationIn) -> UUID:
    """Bring a motion in; it stands at the first step of the newest version of its procedure.

    Raises
    ------
    Forbidden
        The village is not the actor's.
    BadInput
        No such village or procedure, or one that is not made for such a matter.
    NotFound
        The list item is not in the actor's sight.
    """
    answer = once(
        session, actor, body.client_id, fingerprint("propose deliberation", body),
        lambda: {"id": str(_propose(session, actor, body).id)},
    )  # fmt: skip
    return UUID(answer["id"])


def _propose(session: Session, actor: Actor, body: DeliberationIn) -> Deliberation:
    area = areas.named(session, [body.area_code]).get(body.area_code)
    if area is None:
        raise BadInput("area_unknown", code=body.area_code)
    county = area.managing_county
    if not actor.covers(county, body.area_code):
        raise Forbidden("not_your_area")
    known = {row.code: row for row in queries.procedures(session, county)}
    row = known.get(body.procedure)
    if row is None:
        raise BadInput("procedure_unknown")
    procedure = Procedure.model_validate(row.body)
    if body.matter not in procedure.matters:
        raise BadInput("procedure_not_for_this")
    if body.item_id is not None:
        item = items.one(session, actor, body.item_id)
        if item is None or item.county_code != county:
            raise NotFound("item_not_found")
    now = clock.now()
    first = procedure.steps[0].code
    deliberation = Deliberation(
        county_code=county, id=ids.new_id(), area_code=body.area_code, procedure_id=row.id,
        deliberation_no=ids.event_number(county, now, "V"), title=body.title, matter=body.matter,
        words=body.words, amount=body.amount, state=State.PROPOSING, step_code=first, round=1,
        item_id=body.item_id, made_at=now, made_by=actor.id, moved_at=now, log_seq=0,
    )  # fmt: skip
    session.add(deliberation)
    session.flush()
    entry_id = write(session, actor, deliberation, Action.PROPOSE, "", {}, (first, 1))
    if body.documents:
        owner = (county, deliberation.id, entry_id)
        media.claim(session, actor, body.documents, [], owner, "document")
    return deliberation
