"""Putting motions together for their readers: a fixed number of queries."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.city.areas.views import show as show_area
from backend.core import steps
from backend.core.actor import Actor
from backend.core.language import say
from backend.matters.deliberations import offering, queries, workflow
from backend.matters.deliberations.models import Deliberation, ProcedureRow, Sitting
from backend.matters.deliberations.procedures import Matter, Outcome, Procedure, Step
from backend.matters.deliberations.schemas import (
    AssemblyOut,
    DeliberationEntryOut,
    DeliberationLine,
    DeliberationOut,
    DeliberationStepOut,
    MemberOut,
    ObjectionOut,
    SittingOut,
)
from backend.matters.deliberations.service.stepping import facts_of
from backend.matters.deliberations.workflow import Action, State
from backend.tools.media import queries as media
from backend.tools.media.documents import FileOut


def lines(session: Session, actor: Actor, rows: Sequence[Deliberation]) -> list[DeliberationLine]:
    """Motions as a list shows them: two queries."""
    names = areas.named(session, {row.area_code for row in rows})
    editions = queries.procedures_by_id(session, {row.procedure_id for row in rows})
    known = {p.id: Procedure.model_validate(p.body) for p in editions}
    return [DeliberationLine(**_line(actor, row, known[row.procedure_id], names)) for row in rows]


def _line(
    actor: Actor, row: Deliberation, procedure: Procedure, names: dict[str, areas.Named]
) -> dict[str, Any]:
    place = procedure.at(row.step_code)
    step = procedure.steps[place]
    return {
        "id": row.id, "county_code": row.county_code, "deliberation_no": row.deliberation_no,
        "area_code": row.area_code,
        "place": names[row.area_code].name if row.area_code in names else row.area_code,
        "title": row.title, "matter": Matter(row.matter),
        "amount": float(row.amount) if row.amount is not None else None,
        "state": State(row.state), "step": place + 1, "steps": len(procedure.steps),
        "step_name": step.en if actor.language == "en" else step.zh,
        "who": list(step.who) if State(row.state) in workflow.OPEN else [], "round": row.round,
        "notice_until": row.notice_until, "made_at": row.made_at, "moved_at": row.moved_at,
        "closed_at": row.closed_at,
    }  # fmt: skip


def whole(session: Session, actor: Actor, row: Deliberation) -> DeliberationOut:
    """One motion with its log, sittings, objections and the steps open to the caller."""
    known = session.get_one(ProcedureRow, row.procedure_id)
    procedure = Procedure.model_validate(known.body)
    entries = queries.log_of(session, row)
    sittings = queries.sittings_of(session, row)
    objections = queries.objections_of(session, row)
    people = queries.people_of(session, row.county_code, sittings)
    names = accounts.names(session, {e.actor_id for e in entries})
    files: dict[UUID | None, dict[str, list[Any]]] = {}
    for file in media.of_thing(session, row.county_code, row.id):
        brought = files.setdefault(file.action_id, {"photo": [], "document": []})
        brought[file.kind].append(
            file.id if file.kind == "photo" else FileOut(id=file.id, name=file.name)
        )
    chain = areas.chain(session, row.area_code)
    step = procedure.steps[procedure.at(row.step_code)]
    facts = facts_of(session, row, procedure, entries, objections)
    open_steps = workflow.open_to(facts, actor)
    roll = None
    if step.assembly is not None and any(s.action is Action.HOLD for s in open_steps):
        members = queries.roll(session, actor, row.area_code, step.assembly)
        assert step.quorum is not None and step.majority is not None
        roll = AssemblyOut(
            assembly=step.assembly, members=[MemberOut(id=m.id, name=m.name) for m in members],
            needed_present=step.quorum.needed(len(members)),
            needed_yes=[step.majority.needed(n) for n in range(len(members) + 1)],
        )  # fmt: skip
    return DeliberationOut(
        **_line(actor, row, procedure, {a.code: a for a in chain}),
        words=row.words, spent=float(row.spent) if row.spent is not None else None,
        chain=[show_area(area) for area in chain], procedure=procedure, version=known.version,
        step_code=row.step_code, published=row.notice_until is not None,
        timeline=[
            DeliberationEntryOut(
                id=e.id, seq=e.seq, action=Action(e.action), step_code=e.step_code, round=e.round,
                to_step=e.to_step, to_state=State(e.to_state), at=e.at,
                actor_name=names.get(e.actor_id, "") or str(e.details.get("name", "")),
                role=e.role, note=e.note, details=e.details,
                photos=files.get(e.id, {}).get("photo", []),
                documents=files.get(e.id, {}).get("document", []),
            )
            for e in entries
        ],
        sittings=[_sitting(s, procedure, people.get(s.id, [])) for s in sittings],
        objections=[
            ObjectionOut(
                id=o.id, name=o.name, words=o.words, at=o.at, answer=o.answer,
                answered_at=o.answered_at,
            )
            for o in objections
        ],
        roll=roll, item_id=row.item_id, log_seq=row.log_seq,
        open_steps=[
            DeliberationStepOut(
                action=s.action, target=s.target, needs=list(offering.must_bring(s, step)),
                extras=list(offering.may_bring(s.action, step)), onward=onward,
                explains=say(actor.language, f"deliberation_explain.{s.action}"),
                waits_for=say(actor.language, s.blocked_by) if s.blocked_by else None,
            )
            for s, onward in steps.in_order(open_steps, offering.rank)
        ],
    )  # fmt: skip


def _sitting(sitting: Sitting, procedure: Procedure, people: list[str]) -> SittingOut:
    step: Step = procedure.steps[procedure.at(sitting.step_code)]
    assert step.quorum is not None and step.majority is not None
    return SittingOut(
        id=sitting.id, step_code=sitting.step_code, round=sitting.round, held_at=sitting.held_at,
        place=sitting.place, chair=sitting.chair, on_roll=sitting.on_roll, present=sitting.present,
        needed_present=step.quorum.needed(sitting.on_roll), yes=sitting.yes, no=sitting.no,
        abstain=sitting.abstain, needed_yes=step.majority.needed(sitting.present),
        outcome=Outcome(sitting.outcome), people=people,
    )  # fmt: skip
