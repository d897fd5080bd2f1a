"""Cases that show what is rare, one of each, so that whoever looks at the demo meets it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.actor import Role
from backend.matters.events.vocabulary import Action
from backend.seeding.life import Cast, Story
from backend.seeding.recipe import SEED, read
from backend.seeding.tree import City

Bring = Mapping[Action, Callable[[Story], dict[str, Any]]]
TO_FEEDBACK = "village:file town:dispatch dept:accept dept:submit_result"


def _with_a_helper(story: Story) -> dict[str, Any]:
    """A second body helps, and has less time than the lead: it is late by now."""
    clerks = [p for p in story.cast.people if p.role is Role.DEPARTMENT_CLERK]
    own = clerks[0].organization_id
    helper = next(p.organization_id for p in clerks if p.organization_id != own)
    return {
        "co_organizations": [helper], "co_due": {helper: story.at + timedelta(hours=2)},
    }  # fmt: skip


def _until_tomorrow(story: Story) -> dict[str, Any]:
    """The county presses for an answer by the next day."""
    return {"until": story.at + timedelta(days=1), "note": "群众多次反映，请说明处理安排"}


def _on_the_list(story: Story) -> dict[str, Any]:
    """What cannot be solved now goes on the list of problems."""
    return {"item_title": "老街路面和排水管网改造", "note": "与管网改造项目一并实施"}


# Kind, what happens, how long ago it began, and what its steps bring.
CASES: tuple[tuple[str, str, timedelta, Bring], ...] = (
    ("0203", "village:file town:dispatch dept:accept", timedelta(days=3),
     {Action.DISPATCH: _with_a_helper}),
    ("0203", f"{TO_FEEDBACK} town:rework dept:object_to_rework", timedelta(days=5),
     {Action.REWORK: lambda story: {}}),
    ("0203", "village:file town:dispatch dept:accept county:supervise", timedelta(days=4),
     {Action.SUPERVISE: _until_tomorrow}),
    ("0203", "village:file town:dispatch dept:accept dept:ask_suspension town:approve_suspension",
     timedelta(days=3), {Action.APPROVE_SUSPENSION: _on_the_list}),
)  # fmt: skip


def live(session: Session, city: City, cast: Cast) -> None:
    """Let each of them happen, in units of their own, with the demo's own people."""
    rng = np.random.default_rng(SEED + 7)
    reports = read("reports")
    head = next(p for p in cast.people if p.role is Role.UNIT_HEAD)
    assert head.area_code is not None
    first = city.codes[4].index(head.area_code)
    for i, (category, path, ago, bring) in enumerate(CASES):
        unit = (first + 1 + i) % len(city.codes[4])
        text, began = reports[category][-1], clock.now() - ago
        Story(session, cast, city, rng, category, unit, text, began, {}, bring=bring).run(path)
