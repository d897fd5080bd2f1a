"""The demo's lists: a plot that is reported again and again, and items in every stage."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy.orm import Session

from backend.core import clock, day
from backend.core.actor import Actor, Role
from backend.core.db import act_as
from backend.matters.items.schemas import ItemIn, ItemStepIn
from backend.matters.items.service import proposing, stepping
from backend.matters.items.workflow import Action
from backend.seeding.life import Cast, Story
from backend.seeding.pictures import street
from backend.seeding.recipe import SEED
from backend.seeding.tree import City
from backend.tools.media import service as media

# Days ago on which the same plot was reported.
PLOT = (286, 251, 222, 190, 163, 128, 97, 74, 55, 41, 30, 19, 12, 5)

# Kind, name, cause, days since, days until due, what became of it ("who:action, ...").
ITEMS: Sequence[tuple[str, str, str, int, int, str]] = (
    ("problem", "沿街餐饮排污管多年未清", "110 多家餐饮店的排污管沉积多年，雨天返水", 40, 25,
     "dept:claim dept:start dept:progress:40"),
    ("problem", "老街电线低垂成网", "线路分属几家单位，没有牵头", 70, -8,
     "town:assign dept:start dept:block"),
    ("problem", "农贸市场门口占道经营", "市场内摊位不足", 12, 30, ""),
    ("development", "全民健身中心", "建设用地闲置多年，反复堆放垃圾", 90, 200,
     "dept:claim village:ask_funds dept:review_funds dept:approve_funds dept:start"
     " dept:progress:30"),
    ("development", "村道拓宽到六米", "两车不能会车，上学时段拥堵", 25, 150, ""),
    ("development", "村口口袋公园", "", 160, -20,
     "dept:claim dept:start dept:progress:90 village:achieve"),
    ("task", "暑期夏令营", "返乡大学生带本村孩子", 120, 30,
     "dept:claim dept:start dept:progress:60"),
    ("task", "春季沟渠清淤", "", 60, 90, "dept:claim"),
    ("task", "独居老人每月探访", "", 20, 10, ""),
)  # fmt: skip
NOTES = {
    Action.START: "已进场，先清主管再清支管", Action.PROGRESS: "按计划推进，现场照片已上传",
    Action.BLOCK: "权属单位意见不一致，需要上级协调", Action.ACHIEVE: "已完工，村民代表现场看过",
    Action.ASK_FUNDS: "申请项目扶持资金", Action.APPROVE_FUNDS: "符合条件，同意安排",
}  # fmt: skip


def make(session: Session, city: City, cast: Cast) -> None:
    """Let the plot be reported and the items live, in the first village of the demo."""
    village = next(
        a for p, a in cast.actors.items() if p.role is Role.VILLAGE_SECRETARY
    )  # fmt: skip
    unit = next(i for i, c in enumerate(city.codes[4]) if c.startswith(village.area_code))
    rng, now = np.random.default_rng(SEED + 5), clock.now()
    for days in PLOT:
        began = now - timedelta(days=days)
        text = "这块空地又有人倒垃圾，清了又来"
        Story(session, cast, city, rng, "0101", unit, text, began, {}).run(
            "reporter:resolve_on_spot"
        )
    for kind, title, cause, ago, due, steps in ITEMS:
        at = now - timedelta(days=ago)
        item = _propose(session, city, village, kind, title, cause, at, rng)
        for n, step in enumerate(steps.split()):
            _take(session, cast, village, item, step, at + timedelta(days=n + 1), now, due)


def _propose(
    session: Session, city: City, village: Actor, kind: str, title: str, cause: str, at: datetime,
    rng: np.random.Generator,
) -> UUID:  # fmt: skip
    units = [i for i, c in enumerate(city.codes[4]) if c.startswith(village.area_code)]
    sites = [[float(v) for v in city.sites[i]] for i in rng.choice(units, 2, replace=False)]
    road = "道" in title
    shape = {"type": "LineString" if road else "Point", "coordinates": sites if road else sites[0]}
    with clock.at(at):
        act_as(session, village)
        return proposing.propose(
            session, village,
            ItemIn(
                client_id=uuid4(), kind=kind, title=title, cause=cause,
                shape={"geometry": shape, "crs": "CGCS2000"},
                recurs="year" if kind == "task" else None,
            ),
        )  # fmt: skip


def _take(
    session: Session, cast: Cast, village: Actor, item: UUID, step: str, at: datetime,
    now: datetime, due: int,
) -> None:  # fmt: skip
    who, _, rest = step.partition(":")
    name, _, percent = rest.partition(":")
    clerk = next(a for p, a in cast.actors.items() if p.role is Role.DEPARTMENT_CLERK)
    actor = {"village": village, "dept": clerk}.get(who) or cast.of(
        Role.TOWN_DISPATCHER, village.area_code
    )
    action = Action(name)
    fields: dict[str, Any] = {"note": NOTES.get(action, "")}
    if action in (Action.CLAIM, Action.ASSIGN):
        fields["due_on"] = day.of(now) + timedelta(days=due)
    if action in (Action.ASSIGN, Action.ASK_FUNDS):
        fields["organization_id"] = clerk.organization_id
    if action is Action.ASK_FUNDS:
        fields |= {"amount": 800_000, "source": "水库移民后期扶持资金"}
    if percent:
        fields["progress"] = int(percent)
    with clock.at(at):
        act_as(session, actor)
        if action in (Action.ACHIEVE, Action.PROGRESS):
            fields["photos"] = [media.store(session, actor, street("0101", 2))[0].id]
        stepping.advance(
            session, actor, item, ItemStepIn(client_id=uuid4(), action=action, **fields)
        )
