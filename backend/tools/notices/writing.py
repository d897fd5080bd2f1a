"""Writing notices: at most one a person and step, however often the fact is heard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.ids import new_id
from backend.tools.notices.models import Kind, Notice


@dataclass(frozen=True)
class Told:
    """Somebody is told something: of an event, a list item, both, or a village decision."""

    account_id: UUID
    about: str
    kind: Kind
    event_id: UUID | None = None
    item_id: UUID | None = None
    deliberation_id: UUID | None = None
    words: Mapping[str, str] = field(default_factory=dict)


def write(
    session: Session, county_code: str, action_id: UUID, actor_id: UUID | None, told: Iterable[Told]
) -> list[Told]:
    """Write the notices of one step; those that were meant, one a person.

    Nobody is told of what they did themselves; of several sentences the first counts.
    """
    first: dict[UUID, Told] = {}
    for one in told:
        if one.account_id != actor_id:
            first.setdefault(one.account_id, one)
    rows: list[dict[str, Any]] = [
        {
            "county_code": county_code, "id": new_id(), "account_id": one.account_id,
            "event_id": one.event_id, "item_id": one.item_id, "action_id": action_id,
            "deliberation_id": one.deliberation_id,
            "about": one.about, "kind": one.kind, "details": dict(one.words),
        }
        for one in first.values()
    ]  # fmt: skip
    if rows:
        # Handed over row by row: as one statement, seven thousand people would have more parameters
        # than a statement takes, and after a storm as many have reported the same.
        session.execute(insert(Notice).on_conflict_do_nothing(), rows)
    return list(first.values())
