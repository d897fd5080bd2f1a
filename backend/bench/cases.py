"""`bench cases`: a list of 100, one case and a change of state, with a city's past present."""

from collections.abc import Callable
from contextlib import contextmanager
from uuid import UUID, uuid4

from sqlalchemy import event, func, select

from backend.bench import stage
from backend.bench.results import Result, each_ms, in_turns
from backend.city.accounts.models import Account, Post
from backend.city.accounts.scopes import slices
from backend.core.actor import Actor, Role, registrar
from backend.core.db import get_engine, unit_of_work
from backend.matters.events import queries
from backend.matters.events.casework import stepping
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event
from backend.matters.events.reading import listing, showing
from backend.matters.events.schemas import ReportIn, StepIn
from backend.matters.events.vocabulary import Action

SAMPLES = 40
ROUNDS, TIMES = 3, 40


@contextmanager
def counting():  # type: ignore[no-untyped-def]
    """Count what is sent to the database inside the block."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(get_engine(), "before_cursor_execute", note)
    yield sent
    event.remove(get_engine(), "before_cursor_execute", note)


def actor_of(username: str) -> Actor:
    """A demo account as an actor."""
    with unit_of_work(registrar()) as session:
        account, post = session.execute(
            select(Account, Post).join(Post).where(Account.username == username)
        ).one()
        return Actor(
            account.id, Role(post.role), post.id, account.name, post.area_code or "",
            post.home_county, slices(session, post), post.organization_id,
        )  # fmt: skip


def measure() -> list[Result]:
    """Milliseconds and queries of each; the list is as long as it says."""
    with stage.city():
        city, town = actor_of("demo-city"), actor_of("demo-town")
        county = town.home_county
        wanted = queries.Wanted(states=["closed"], area=county, counties=[county])
        _report(town, ROUNDS * TIMES + 2 * SAMPLES)
        actions: dict[str, Callable[[], object]] = {
            "list of 100, state and area": lambda: _list(city, wanted, 100),
            "list of 20, state and area": lambda: _list(city, wanted, 20),
            "one case": lambda: _one(city),
            "change of state": lambda: _step(town),
        }
        counts = {}
        for name, act in actions.items():
            # Cases differ in what there is to show: the hungriest of some counts, once what is
            # remembered (schemes, calendars) has been read.
            for _ in range(SAMPLES):
                act()
            counts[name] = max(_queries_of(act) for _ in range(SAMPLES))
        times = in_turns(
            {name: lambda act=act: each_ms(act, TIMES) for name, act in actions.items()},  # type: ignore[misc]
            ROUNDS,
        )
        with unit_of_work(city) as session:
            present = session.scalar(select(func.count()).select_from(Event)) or 0
    return [
        Result("events present", present, "events"),
        *(Result(name, ms, "ms") for name, ms in times.items()),
        *(Result(f"{name}: queries", n, "queries") for name, n in counts.items()),
    ]


def _list(actor: Actor, wanted: queries.Wanted, size: int) -> int:
    with unit_of_work(actor) as session:
        rows = session.scalars(queries.listed(actor, wanted, None, size)).all()
        return len(listing.lines(session, actor, rows[:size]))


def _queries_of(act: Callable[[], object]) -> int:
    with counting() as sent:
        act()
    return len(sent)


_known: list[UUID] = []


def _one(actor: Actor) -> None:
    with unit_of_work(actor) as session:
        if not _known:
            _known.extend(session.scalars(select(Event.id).limit(500)))
        found = queries.one(session, actor, _known[hash(uuid4()) % len(_known)])
        assert found is not None
        showing.whole(session, actor, found)


_waiting: list[UUID] = []


def _report(actor: Actor, n: int) -> None:
    """Report what the steps will move: enough for every round."""
    with unit_of_work(actor) as session:
        for _ in range(n):
            body = ReportIn(client_id=uuid4(), text="x", category="0201", area_code=actor.area_code)
            _waiting.append(UUID(reporting.report(session, actor, body)["id"]))


def _step(actor: Actor) -> None:
    with unit_of_work(actor) as session:
        step = StepIn(client_id=uuid4(), action=Action.PUT_ON_AGENDA)
        stepping.advance(session, actor, _waiting.pop(), step)
