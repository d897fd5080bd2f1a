"""Putting a scheme in force: a new edition each time; the one before is never edited."""

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.matters.categories import queries, service
from backend.matters.categories.models import Category, FilingCondition, Scheme
from backend.matters.categories.schemes import CategoryDraft, Condition, Question


def publish(
    session: Session, actor: Actor | None, categories: Sequence[CategoryDraft], name: str
) -> int:
    """Publish a checked scheme; the number of its edition."""
    version = queries.last_version(session) + 1
    session.add(Scheme(version=version, name=name, published_by=actor.id if actor else None))
    session.flush()
    session.execute(
        insert(Category),
        [
            {
                "scheme_version": version, "code": c.code, "parent_code": c.parent,
                "name_zh": c.zh, "name_en": c.en or c.zh, "icon": c.icon,
                "photo_required": c.photo, "self_resolve_allowed": c.self_resolve,
                "fast_track": c.fast, "recheck_required": c.recheck, "sensitive": c.sensitive,
                "personal": c.personal,
                "lead_duty": c.duty, "words": c.words,
                "questions": [q.model_dump() for q in c.questions], "position": i,
            }
            for i, c in enumerate(categories)
        ],
    )  # fmt: skip
    conditions = [
        {
            "scheme_version": version, "category_code": c.code, "code": k.code, "name_zh": k.zh,
            "name_en": k.en or k.zh, "clock": k.clock, "amount": k.amount,
            "stages": [s.model_dump(mode="json") for s in k.stages],
            "closing_zh": k.closing_zh, "closing_en": k.closing_en or k.closing_zh,
            "legal_basis": k.basis, "position": i,
        }
        for c in categories
        for i, k in enumerate(c.conditions)
    ]  # fmt: skip
    if conditions:
        session.execute(insert(FilingCondition), conditions)
    service.forget(session)
    return version


def published(session: Session, version: int) -> list[CategoryDraft]:
    """An edition as it could be published again."""
    return [
        CategoryDraft(
            code=c.code, parent=c.parent_code, zh=c.name_zh, en=c.name_en, icon=c.icon,
            photo=c.photo_required, self_resolve=c.self_resolve_allowed, fast=c.fast_track,
            recheck=c.recheck_required, sensitive=c.sensitive, personal=c.personal,
            duty=c.lead_duty,
            words=list(c.words), questions=[Question.model_validate(q) for q in c.questions],
            conditions=[
                Condition(
                    code=k.code, zh=k.name_zh, en=k.name_en, clock=k.clock,
                    amount=k.amount, closing_zh=k.closing_zh, closing_en=k.closing_en,
                    basis=k.legal_basis, stages=k.stages,
                )
                for k in service.conditions(session, version, c.code)
            ],
        )
        for c in queries.of_version(session, version)
    ]  # fmt: skip
