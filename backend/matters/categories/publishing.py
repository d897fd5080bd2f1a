"""Putting a scheme in force: a new edition each time; the one before is never edited."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.db import one_at_a_time
from backend.matters.categories import queries, service
from backend.matters.categories.models import Category, FilingCondition, Scheme
from backend.matters.categories.schemes import CategoryDraft, Condition, Question


def publish(
    session: Session, actor: Actor | None, categories: Sequence[CategoryDraft], name: str
) -> int:
    """Publish a checked scheme; the number of its edition.

    What says the same under the same name as the edition in force makes none: it is that one.
    """
    one_at_a_time(session, "categories")
    before = queries.last_version(session)
    known = session.get(Scheme, before)
    if known is not None and known.name == name and _same(published(session, before), categories):
        return before
    version = before + 1
    session.add(Scheme(version=version, name=name, published_by=actor.id if actor else None))
    session.flush()
    session.execute(insert(Category), _categories(categories, version))
    conditions = _conditions(categories, version)
    if conditions:
        session.execute(insert(FilingCondition), conditions)
    service.forget(session)
    return version


def _categories(categories: Sequence[CategoryDraft], version: int) -> list[dict[str, Any]]:
    return [
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
    ]  # fmt: skip


def _conditions(categories: Sequence[CategoryDraft], version: int) -> list[dict[str, Any]]:
    return [
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


def _same(one: Sequence[CategoryDraft], other: Sequence[CategoryDraft]) -> bool:
    """Whether both are written down as the same rows."""
    return all(rows(one, 0) == rows(other, 0) for rows in (_categories, _conditions))


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
