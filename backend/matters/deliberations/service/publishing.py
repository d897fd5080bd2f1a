"""What hangs out for everybody: of a decision, of its result; and what is said against it."""

import hashlib
import json
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core import clock, ids
from backend.core.actor import anonymous, system
from backend.core.db import act_as
from backend.core.errors import Conflict, NotFound
from backend.matters.deliberations import queries
from backend.matters.deliberations.models import Deliberation, Objection
from backend.matters.deliberations.procedures import Outcome, Procedure
from backend.matters.deliberations.schemas import ObjectionIn
from backend.matters.deliberations.service.journal import write
from backend.matters.deliberations.workflow import Action, State


def notice(session: Session, row: Deliberation, procedure: Procedure) -> dict[str, Any]:
    """The decision as everybody reads it: the matter, the money, and how the assemblies voted."""
    names = {step.code: step for step in procedure.steps}
    return {
        "words": row.words, "matter": row.matter,
        "amount": float(row.amount) if row.amount is not None else None,
        "published_at": clock.now().isoformat(),
        "sittings": [
            {
                "zh": names[s.step_code].zh, "en": names[s.step_code].en,
                "held_at": s.held_at.isoformat(), "on_roll": s.on_roll, "present": s.present,
                "yes": s.yes, "no": s.no, "abstain": s.abstain,
            }
            for s in queries.sittings_of(session, row)
            if s.round == row.round and s.outcome == Outcome.PASSED
        ],
    }  # fmt: skip


def result(row: Deliberation, words: str, spent: float | None) -> dict[str, Any]:
    """The result as everybody reads it: what was done, and what it cost."""
    return {
        "words": words, "spent": spent,
        "amount": float(row.amount) if row.amount is not None else None,
        "published_at": clock.now().isoformat(),
    }  # fmt: skip


def object_to(session: Session, row: Deliberation, name: str, words: str) -> None:
    """Keep what somebody says against what hangs out.

    Raises
    ------
    Conflict
        The same person has said the same against this publication already.
    """
    said = json.dumps([row.step_code, row.round, name, words], ensure_ascii=False)
    kept = session.scalar(
        insert(Objection)
        .values(
            county_code=row.county_code, id=ids.new_id(), deliberation_id=row.id, name=name,
            words=words, said_hash=hashlib.sha256(said.encode()).digest(), at=clock.now(),
        )
        .on_conflict_do_nothing(
            index_elements=[Objection.county_code, Objection.deliberation_id, Objection.said_hash]
        )
        .returning(Objection.id)
    )  # fmt: skip
    if kept is None:
        raise Conflict("objection_known")


def object_publicly(session: Session, number: str, body: ObjectionIn) -> None:
    """Somebody without an account objects.

    Raises
    ------
    NotFound
        Nothing of this number hangs out.
    Conflict
        Its time is over.
    """
    found = queries.published(session, number=number)
    if not found:
        raise NotFound("deliberation_not_found")
    everything = system(found[0].county_code)
    act_as(session, everything)
    row = queries.one(session, everything, found[0].id, lock=True)
    if not is_open(row.state, row.notice_until):
        raise Conflict("notice_over")
    object_to(session, row, body.name, body.words)
    at_step = (row.step_code, row.round)
    write(session, anonymous(), row, Action.OBJECT, body.words, {"name": body.name}, at_step)


def is_open(state: str, until: Any) -> bool:
    """Whether what hangs out may be objected to now."""
    return (
        state in (State.ON_NOTICE, State.RESULT) and until is not None and clock.now() < until
    )  # fmt: skip
