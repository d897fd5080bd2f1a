"""The demo's village decisions: rolls, and motions in every stage."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import act_as
from backend.matters.deliberations import queries
from backend.matters.deliberations.procedures import Assembly, Kind
from backend.matters.deliberations.schemas import DeliberationIn, DeliberationStepIn, SittingIn
from backend.matters.deliberations.service import proposing, rolls, stepping
from backend.matters.deliberations.workflow import Action
from backend.seeding.life import Cast
from backend.seeding.pictures import street
from backend.seeding.recipe import SEED, read
from backend.tools.media import service as media

SIZES = {
    Assembly.BRANCH: 5, Assembly.TWO_COMMITTEES: 7, Assembly.PARTY_ASSEMBLY: 36,
    Assembly.VILLAGER_REP_ASSEMBLY: 45,
}  # fmt: skip

# Title, matter, yuan, words, days since, procedure, and how far: steps passed one a day.
MOTIONS: Sequence[tuple[str, str, float | None, str, int, str, str]] = (
    ("村道拓宽到六米", "spend", 380000, "从村集体收入支出 38 万元，拓宽村口到小学的路。", 9,
     "five_step", "submit hold approve:party approve:town hold:few"),
    ("旧村部出租办养老服务站", "lease", 60000, "旧村部一层出租，年租金不低于 6 万元，租五年。", 8,
     "five_step", "submit hold approve:party approve:town hold hold publish"),
    ("老街雨污分流", "project", 920000, "申报老街雨污分流项目，村配套 12 万元。", 5, "five_step",
     "submit hold send_back:party"),
    ("推选红白理事会", "other", None, "推选红白理事会成员，修订办事标准。", 3,
     "four_discussions_two_disclosures", "submit"),
)  # fmt: skip


def make(session: Session, cast: Cast) -> None:
    """Let the first village of the demo decide on four things."""
    people = {p.username: actor for p, actor in cast.actors.items()}
    village = people["demo-village"]
    act_as(session, village)
    names = _names()
    for assembly, size in SIZES.items():
        rolls.keep(
            session, village, village.area_code, assembly, [next(names) for _ in range(size)]
        )
    for title, matter, amount, words, days, procedure, path in MOTIONS:
        began = clock.now() - timedelta(days=days)
        with clock.at(began):
            key = proposing.propose(
                session, village,
                DeliberationIn(
                    client_id=uuid4(), area_code=village.area_code, procedure=procedure,
                    title=title, matter=matter, words=words, amount=amount,
                ),
            )  # fmt: skip
        for day, what in enumerate(path.split(), 1):
            action, _, by = what.partition(":")
            who = {"party": people["demo-party"], "town": people["demo-town"]}.get(by, village)
            with clock.at(began + timedelta(days=day)):
                _take(session, who, key, Action(action), few=by == "few")


def _names() -> Iterator[str]:
    rng = np.random.default_rng(SEED + 11)
    known = read("names")
    seen: set[str] = set()
    while True:
        name = f"{rng.choice(list(known['surnames']))}{rng.choice(known['given'])}"
        if name not in seen:
            seen.add(name)
            yield name


def _take(session: Session, who: Actor, key: UUID, action: Action, *, few: bool) -> None:
    act_as(session, who)
    fields: dict[str, Any] = {"client_id": uuid4(), "action": action}
    if action is Action.APPROVE:
        fields["note"] = "材料齐全，同意"
    if action is Action.SEND_BACK:
        fields |= {"note": "请补充村配套资金的来源", "step": "propose"}
    if action is Action.HOLD:
        fields["sitting"] = _sitting(session, who, key, few)
        fields["photos"] = [media.store(session, who, street("0101", SEED))[0].id]
    stepping.advance(session, who, key, DeliberationStepIn(**fields))


def _sitting(session: Session, who: Actor, key: UUID, few: bool) -> SittingIn:
    row = queries.one(session, who, key)
    procedure, _ = stepping.procedure_of(session, row)
    step = procedure.steps[procedure.at(row.step_code)]
    assert step.kind is Kind.MEET and step.assembly is not None and step.quorum is not None
    roll = queries.roll(session, who, row.area_code, step.assembly)
    came = step.quorum.needed(len(roll)) + (-3 if few else 2)
    came = min(came, len(roll))
    no = 0 if few else min(2, came // 6)
    return SittingIn(
        held_at=clock.now(), place="村部会议室", chair=who.name, yes=came - no, no=no,
        present=[m.id for m in roll[:came]],
    )  # fmt: skip
