"""The demo's events: lived step by step through the services, each at its own pretended time."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.city.accounts.models import Post
from backend.city.accounts.scopes import slices
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.db import act_as
from backend.core.steps import NotYet
from backend.matters.events.casework import stepping
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event
from backend.matters.events.schemas import PositionIn, ReportIn, StepIn, Survey
from backend.matters.events.vocabulary import REASONS, Action, State
from backend.seeding.people import Person
from backend.seeding.pictures import street
from backend.seeding.recipe import SEED, read
from backend.seeding.tree import City
from backend.tools.media import service as media

# How an event's life goes, and how often: the steps after the report, by who takes them.
PATHS: list[tuple[int, str]] = [
    (14, ""),
    (8, "village:put_on_agenda"),
    (3, "village:put_on_agenda village:propose_reject"),
    (9, "village:put_on_agenda village:file"),
    (8, "village:file town:dispatch"),
    (12, "village:put_on_agenda village:file town:dispatch dept:accept"),
    (6, "village:file town:dispatch dept:accept dept:submit_result"),
    (5, "village:file town:dispatch dept:accept dept:submit_result town:request_recheck"),
    (5, "village:file town:dispatch dept:accept dept:submit_result town:request_recheck "
        "grid:pass_recheck town:start_follow_up"),
    (3, "village:file town:dispatch dept:accept dept:submit_result town:start_follow_up "
        "reporter:not_solved"),
    (40, "village:put_on_agenda village:file town:dispatch dept:accept dept:submit_result "
         "town:request_recheck grid:pass_recheck town:start_follow_up reporter:answer_solved "
         "town:close"),
    (4, "village:file town:dispatch dept:ask_return"),
    (3, "village:file town:dispatch dept:accept dept:ask_extension"),
    (4, "village:file town:dispatch dept:accept dept:ask_suspension town:approve_suspension"),
    (3, "town:request_verification"),
    (3, "village:file town:dispatch dept:accept dept:add_co"),
    (2, "village:file town:dispatch dept:ask_return town:approve_return"),
    (12, "reporter:resolve_on_spot"),
    (2, "village:void"),
    (3, "village:merge"),
]  # fmt: skip

# Their categories want a look on site before the end.
RECHECKED = ("0103", "0202", "0302")
FINISHED = ("close", "merge", "void", "resolve_on_spot")

HOURS = {
    Action.PUT_ON_AGENDA: 5, Action.FILE: 14, Action.DISPATCH: 2, Action.ACCEPT: 3,
    Action.SUBMIT_RESULT: 20, Action.REQUEST_RECHECK: 2, Action.PASS_RECHECK: 5,
    Action.START_FOLLOW_UP: 2, Action.ANSWER_SOLVED: 12, Action.NOT_SOLVED: 12, Action.CLOSE: 3,
}  # fmt: skip
NOTES = {
    Action.FILE: "情况属实，予以立案", Action.SUBMIT_RESULT: "已安排人员到现场处理完毕",
    Action.VOID: "现场核实没有此情况", Action.PROPOSE_REJECT: "属于邻里自行协商事项",
    Action.NOT_SOLVED: "还是老样子，没有处理好", Action.ADD_CO: "需要一起到现场",
    Action.ASK_RETURN: "线路属供电公司，不归我们管", Action.ASK_EXTENSION: "配件三天后才到货",
    Action.ASK_SUSPENSION: "等汛期过后才能施工", Action.REWORK: "照片看不出路面是否补平，请重办",
    Action.OBJECT_TO_REWORK: "第二张照片可以看清路面已补平，请复核",
    Action.REQUEST_VERIFICATION: "描述不清，请到现场看一看",
}  # fmt: skip


@dataclass
class Cast:
    """Who can play which part."""

    people: list[Person]
    actors: dict[Person, Actor]

    def of(self, role: Role, near: str) -> Actor:
        """Somebody with the role whose area holds or lies around a place."""
        fitting = [
            p for p in self.people
            if p.role is role
            and (p.area_code is None or near.startswith(p.area_code))
        ]  # fmt: skip
        return self.actors[fitting[0]]


def gather(session: Session, people: list[Person]) -> Cast:
    """The people as actors, with the scopes that their posts give them."""
    posts = {p.account_id: p for p in session.scalars(select(Post))}
    actors = {
        p: Actor(
            id=p.account_id, role=p.role, post_id=posts[p.account_id].id, name=p.name,
            area_code=p.area_code or "", home_county=p.home_county,
            scope=slices(session, posts[p.account_id]), organization_id=p.organization_id,
        )
        for p in people
    }  # fmt: skip
    return Cast(people, actors)


def live(session: Session, city: City, cast: Cast, events: int) -> Iterator[int]:
    """Let events happen over the past four weeks; yields after each one."""
    rng = np.random.default_rng(SEED + 3)
    weights = np.array([w for w, _ in PATHS], float)
    paths = rng.choice(len(PATHS), size=events, p=weights / weights.sum())
    now = clock.now()
    ages = np.sort(rng.gamma(1.4, 5.0, events).clip(0.02, 27))[::-1]
    reports = read("reports")
    categories = sorted(reports)
    masters: dict[str, str] = {}
    for i in range(events):
        path = PATHS[paths[i]][1]
        # Finished ones lie weeks back; what is still open began in the last days.
        finished = path.endswith(FINISHED)
        began = now - timedelta(days=float(ages[i]) + 4 if finished else float(ages[i]) / 6)
        category = _category(rng, categories, path)
        unit = int(rng.integers(len(city.codes[4])))
        text = str(rng.choice(reports[category]))
        story = Story(session, cast, city, rng, category, unit, text, began, masters)
        story.run(path)
        yield i + 1


# What waits for whoever signs in as a unit head: to be looked at, and to be looked at again.
WAITING = (
    ("0201", "town:request_verification", timedelta(hours=9)),
    ("0301", "village:file town:dispatch dept:accept dept:submit_result town:request_recheck",
     timedelta(days=5)),
)  # fmt: skip


def wait_for(session: Session, city: City, cast: Cast, username: str) -> None:
    """Let a unit head have work: cases of the own unit that the grid's worker reported."""
    rng = np.random.default_rng(SEED + 5)
    head = next(p for p in cast.people if p.username == username)
    assert head.area_code is not None
    unit = city.codes[4].index(head.area_code)
    worker = cast.of(Role.GRID_WORKER, head.area_code)
    reports = read("reports")
    for category, path, ago in WAITING:
        Story(
            session,
            cast,
            city,
            rng,
            category,
            unit,
            reports[category][0],
            clock.now() - ago,
            {},
            worker,
        ).run(path)


def _category(rng: np.random.Generator, categories: list[str], path: str) -> str:
    small = ("0101", "0102", "0301", "0401", "0402")
    if "resolve_on_spot" in path:
        return str(rng.choice(small))
    looked_at = "start_follow_up" not in path or "pass_recheck" in path
    return str(rng.choice([c for c in categories if looked_at or c not in RECHECKED]))


@dataclass
class Story:
    """One event's life."""

    session: Session
    cast: Cast
    city: City
    rng: np.random.Generator
    category: str
    unit: int
    text: str
    at: datetime
    masters: dict[str, str]
    # Who saw it; the head of the unit when nobody is named.
    seen_by: Actor | None = None
    # What some steps bring beyond what all of their kind do, at the time at which they are taken.
    bring: Mapping[Action, Callable[["Story"], dict[str, Any]]] = field(default_factory=dict)

    def run(self, path: str) -> None:
        """Report, then take the steps of the path until one would lie in the future."""
        code = self.city.codes[4][self.unit]
        reporter = self.seen_by or self.cast.of(Role.UNIT_HEAD, code)
        with clock.at(self.at):
            act_as(self.session, reporter)
            answer = reporting.report(self.session, reporter, self._report(reporter))
        event_id = answer["id"]
        organization = self._organization()
        for step in path.split():
            who, _, action = step.partition(":")
            actor = self._actor(who, code, reporter, organization)
            self.at += timedelta(
                hours=HOURS.get(Action(action), 1) * float(self.rng.uniform(0.4, 1.6))
            )
            if self.at > clock.now():
                return
            # What the hour of the day has made too late for is where the story stands now.
            with suppress(NotYet), self.session.begin_nested():
                self._take(actor, event_id, Action(action), organization, code)
                continue
            return
        if not path.endswith(FINISHED):
            self.masters[code[:12]] = answer["event_no"]

    def _report(self, reporter: Actor) -> ReportIn:
        lon, lat = self.city.sites[self.unit]
        photos = []
        if self.rng.random() < 0.45 or self.category in ("0103", "0202", "0302"):
            photos = [self._photo(reporter)]
        return ReportIn(
            client_id=uuid4(), text=self.text, category=self.category, photos=photos,
            position=PositionIn(
                lon=float(lon), lat=float(lat), crs="WGS84", source="gps",
                accuracy_m=round(float(self.rng.uniform(4, 30)), 1), captured_at=self.at,
            ),
            client_at=self.at,
        )  # fmt: skip

    def _photo(self, actor: Actor) -> UUID:
        act_as(self.session, actor)
        data = street(self.category, int(self.rng.integers(4)))
        return media.store(self.session, actor, data)[0].id

    def _organization(self) -> Person:
        clerks = [p for p in self.cast.people if p.role is Role.DEPARTMENT_CLERK]
        # Half of the work goes to the office that the demo's own clerk sits in.
        own = bool(self.bring) or self.rng.random() < 0.5
        return clerks[0] if own else clerks[int(self.rng.integers(1, 9))]

    def _survey(self) -> Survey:
        return Survey(solved=True, satisfied=bool(self.rng.random() < 0.85))

    def _given_to(self, action: Action, organization: Person) -> UUID | None:
        if action is Action.ADD_CO:
            clerks = [p for p in self.cast.people if p.role is Role.DEPARTMENT_CLERK]
            return next(
                p.organization_id for p in clerks
                if p.organization_id != organization.organization_id
            )  # fmt: skip
        return organization.organization_id if action is Action.DISPATCH else None

    def _actor(self, who: str, code: str, reporter: Actor, organization: Person) -> Actor:
        match who:
            case "village":
                return self.cast.of(Role.VILLAGE_SECRETARY, code)
            case "town":
                return self.cast.of(Role.TOWN_DISPATCHER, code)
            case "county":
                return self.cast.of(Role.COUNTY_DISPATCHER, code)
            case "grid":
                return self.cast.of(Role.GRID_WORKER, code)
            case "dept":
                return self.cast.actors[organization]
            case _:
                return reporter

    def _take(
        self, actor: Actor, event_id: str, action: Action, organization: Person, code: str
    ) -> None:
        if action is Action.MERGE and code[:12] not in self.masters:
            return
        with clock.at(self.at):
            act_as(self.session, actor)
            event = self.session.scalar(select(Event).where(Event.id == event_id))
            assert event is not None
            judged = event.state == State.JUDGING
            needs_photo = action in (
                Action.SUBMIT_RESULT,
                Action.PASS_RECHECK,
                Action.RESOLVE_ON_SPOT,
            )
            body = StepIn(
                client_id=uuid4(), action=action, note=NOTES.get(action, ""),
                organization_id=self._given_to(action, organization),
                condition="a" if action is Action.FILE else None,
                reason=REASONS[action][0] if action in REASONS else None,
                until=self.at + timedelta(days=45) if action is Action.ASK_SUSPENSION else None,
                closing=action is Action.CLOSE,
                survey=self._survey() if action is Action.ANSWER_SOLVED else None,
                present=[actor.name, "网格长", "村民代表"] if judged else [],
                master=self.masters.get(code[:12]) if action is Action.MERGE else None,
                photos=[self._photo(actor)] if needs_photo else [],
            )  # fmt: skip
            if action in self.bring:
                body = body.model_copy(update=self.bring[action](self))
            stepping.advance(self.session, actor, event.id, body)
