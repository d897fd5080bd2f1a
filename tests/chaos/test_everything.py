"""Everything falls, again and again, under load: nothing is lost, doubled or contradicted.

``./onemap test`` runs the short mode with the rest; ``./onemap chaos`` the long one
(``ONEMAP_CHAOS=long``).
"""

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import backend.tables  # noqa: F401 (every kind of journal is loaded)
from backend.core import verifying
from backend.embedded.place import Place
from tests.chaos import clients, stage
from tests.chaos.clients import WALK, City, Shared
from tests.chaos.faults import KINDS, Watch, strike
from tests.chaos.ledger import Ledger
from tests.chaos.poisoned import POISON
from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

LONG = os.environ.get("ONEMAP_CHAOS") == "long"
REPORTS, CASES, MERGES, MEETINGS, FAULTS, LIMIT_S = (
    (20_000, 1_250, 150, 30, 60, 3_600.0) if LONG else (1_500, 60, 8, 3, 20, 900.0)
)
REPORTERS, WALKERS = 10, 4
WANTED = REPORTS + CASES * (1 + len(WALK)) + MERGES * 3 + MEETINGS * clients.POINTS_A_MEETING * 2
# Faults come in pairs, spread evenly over the work, so that a slow machine is struck as often as a
# quick one; the second of a pair meets a system that is still getting up from the first.
SECOND_AFTER_S = 1.5
# On a machine that has nothing else to do; a busy one is given as much more time as it has work
# waiting for each of its cores, up to so many times.
SETTLED_WITHIN_S, AWAY_MOST_S, BUSY_MOST = 10.0, 5.0, 30.0
POISONED = "(SELECT id FROM event WHERE text = :poison)"


def patience() -> float:
    """How many times slower this machine is than an idle one.

    By the work that waits for each core, or by how long a tenth of a second's computing takes now:
    who runs this with a low priority waits longer than the load says.
    """
    began, computed = time.monotonic(), time.thread_time()
    while time.thread_time() - computed < 0.1:
        pass
    longer = (time.monotonic() - began) / (time.thread_time() - computed)
    return min(BUSY_MOST, max(1.0, longer, os.getloadavg()[0] / (os.cpu_count() or 1)))


@dataclass
class Outcome:
    """What a run left behind."""

    stage: Stage
    city: City
    struck: Counter[str] = field(default_factory=Counter)
    settled_s: float = 0.0
    away_s: float = 0.0
    patience: float = 1.0

    @property
    def ledger(self) -> Ledger:
        """What was promised."""
        return self.city.ledger


@pytest.fixture(scope="module")
def outcome(servers: Place) -> Iterator[Outcome]:
    with stage.running() as running:
        city = City(running.port, Ledger(), time.monotonic() + LIMIT_S)
        city.sign_in()
        lead = "SELECT id::text FROM organization WHERE name = '西天镇城建办'"
        city.lead = running.sql(lead)[0][0]
        lon, lat = running.sql(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM area WHERE code"
            " = (SELECT min(code) FROM area WHERE code LIKE :v AND length(code) ="
            " (SELECT max(length(code)) FROM area))) AS x", v=f"{city.village}%",
        )[0]  # fmt: skip
        city.point = {"lon": lon, "lat": lat, "crs": "WGS84", "accuracy_m": 5}
        yield play(Outcome(running, city))


def play(outcome: Outcome) -> Outcome:
    """Let everybody work while everything falls; then let it settle."""
    running, city = outcome.stage, outcome.city
    reports, cases = Shared(REPORTS), Shared(CASES)
    work = [(clients.reporting, reports)] * REPORTERS + [(clients.walking, cases)] * WALKERS
    work += [(clients.merging, Shared(MERGES)), (clients.meeting, Shared(MEETINGS))]
    threads = [threading.Thread(target=who, args=(city, iter(what))) for who, what in work]
    watch, kinds, began = Watch(), cycle(KINDS), time.monotonic()
    for thread in threads:
        thread.start()
    second, busy = None, True
    while busy or outcome.struck.total() < FAULTS:
        running.supervisor.tick()
        busy = any(thread.is_alive() for thread in threads)
        share = city.ledger.kept / WANTED if busy else 1.0
        if time.monotonic() >= second if second else share >= outcome.struck.total() / FAULTS:
            kind = next(kinds)
            strike(kind, running)
            outcome.struck[kind] += 1
            second = None if second else time.monotonic() + SECOND_AFTER_S
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    worked_s = time.monotonic() - began
    running.gateway.mode = "well"
    outcome.patience = patience()
    outcome.settled_s = settle(running, 5 * outcome.patience * SETTLED_WITHIN_S)
    outcome.patience = max(outcome.patience, patience())
    watch.stop()
    outcome.away_s = watch.longest_s
    sent = {status: n for status, n in running.sql("SELECT status, count(*) FROM message GROUP BY 1")}  # noqa: C416 (typed)  # fmt: skip
    print(f"\nchaos: {len(city.ledger.reports)} reports, {len(city.ledger.steps)} steps and")
    print(f"{outcome.struck.total()} faults in {worked_s:.0f} s; settled {outcome.settled_s:.1f} s")
    print(
        f"after; PostgreSQL away {outcome.away_s:.1f} s at most; the machine {outcome.patience:.1f}"
    )
    print(f"times as slow as an idle one; disk full {city.ledger.full} times; messages {sent}")
    return outcome


def settle(running: Stage, within_s: float) -> float:
    """Wait until every fact is heard; the seconds. Then let the poison be put aside, too."""
    began, heard_s = time.monotonic(), 0.0
    waiting = "SELECT 1 FROM outbox WHERE done_at IS NULL AND parked_because IS NULL"
    while time.monotonic() < began + within_s:
        running.supervisor.tick()
        time.sleep(0.1)
        try:
            if not heard_s:
                others = f"{waiting} AND subject_id NOT IN {POISONED}"
                heard_s = 0.0 if running.sql(others, poison=POISON) else time.monotonic() - began
                continue
            # The pauses between the tries at a poison are the product's; nobody waits them out here.
            running.sql(
                "UPDATE outbox SET due_at = now() WHERE done_at IS NULL AND due_at > now()"
                f" AND subject_id IN {POISONED}", poison=POISON,
            )  # fmt: skip
            if not running.sql(waiting):
                return heard_s
        except OperationalError:
            continue
    return heard_s or within_s


def test_nobody_got_a_wrong_answer_and_no_two_answers_differ(outcome: Outcome) -> None:
    wrong = Counter(
        (s, re.sub("[0-9a-f-]{36}", "*", p), str(a)) for s, p, a in outcome.ledger.wrong
    )
    assert wrong == {}
    assert outcome.ledger.contradictions == []
    assert outcome.struck.total() >= FAULTS and set(outcome.struck) == set(KINDS)


def test_no_report_is_lost_and_none_is_doubled(outcome: Outcome) -> None:
    rows = outcome.stage.sql(
        "SELECT k.id::text AS key, e.id::text AS event FROM event e"
        " JOIN client_key k ON k.answer->>'id' = e.id::text AND k.answer ? 'event_no'"
    )
    stored = {row.key: row.event for row in rows}
    assert stored == outcome.ledger.reports
    wanted = REPORTS + CASES + 2 * MERGES + clients.POINTS_A_MEETING * MEETINGS
    assert outcome.stage.sql("SELECT count(*) FROM event")[0][0] == len(rows) == wanted


def test_every_step_was_taken_once(outcome: Outcome) -> None:
    of_the_walk = {action for _, action in WALK}
    walked = [step for step in outcome.ledger.steps if step[1] in of_the_walk]
    assert len(walked) == CASES * len(WALK)
    taken = Counter(
        (str(event), action)
        for event, action in outcome.stage.sql("SELECT event_id, action FROM event_action")
    )
    assert {step: taken[step] for step in outcome.ledger.steps if taken[step] != 1} == {}
    # Nobody here decides to put anything off, and no meeting does so by itself: whatever is on one
    # agenda after the other was put there once.
    assert [step for step, times in taken.items() if times != 1] == []


def test_of_two_merged_into_each_other_one_is_the_main_event(outcome: Outcome) -> None:
    masters = {
        str(event): str(master)
        for event, master in outcome.stage.sql("SELECT id, master_id FROM event WHERE master_id IS NOT NULL")
    }  # fmt: skip
    assert len(outcome.ledger.pairs) == MERGES
    for one, other in outcome.ledger.pairs:
        assert (masters.get(one), masters.get(other)) in ((other, None), (None, one))


def test_a_decision_that_was_answered_takes_effect_and_meetings_end_once(outcome: Outcome) -> None:
    states = {
        (str(row.review_id), str(row.event_id)): (row.decision, row.outcome, row.state)
        for row in outcome.stage.sql(
            "SELECT n.review_id, n.event_id, n.decision, n.outcome, e.state FROM review_entry n"
            " JOIN event e ON e.id = n.event_id WHERE n.removed_at IS NULL"
        )
    }
    assert len(outcome.ledger.decided) == clients.POINTS_A_MEETING * MEETINGS
    # A decision whose answer was lost is refused when it is sent again: it stands like any other.
    whole, none = ("file", "done", "filed"), (None, None, "judging")
    for key, answered in outcome.ledger.decided.items():
        assert states[key] == whole or (not answered and states[key] == none), states[key]
    # One event may be on the agenda of the next meeting too; no point is left half.
    assert {s[:2] for s in states.values()} == {whole[:2], none[:2]}
    held = outcome.stage.sql(
        "SELECT r.id::text, r.state, (SELECT count(*) FROM review_line l WHERE l.review_id = r.id"
        " AND l.action = 'minutes') FROM review r"
    )
    assert sorted(map(tuple, held)) == sorted((key, "ended", 1) for key in outcome.ledger.meetings)
    minutes = outcome.stage.place.media / "minutes"
    assert {path.name for path in minutes.iterdir()} == {f"{key}.pdf" for key, *_ in held}


def test_every_fact_was_heard_and_only_the_poison_was_put_aside(outcome: Outcome) -> None:
    waiting = "SELECT fact, attempts, hearing FROM outbox WHERE done_at IS NULL AND parked_because IS NULL"  # fmt: skip
    assert outcome.stage.sql(waiting) == []
    aside = outcome.stage.sql(
        f"SELECT fact, subject_id IN {POISONED}, parked_because FROM outbox"
        " WHERE parked_because IS NOT NULL", poison=POISON,
    )  # fmt: skip
    died = "tests.chaos.poisoned.dies: the worker ended while it heard this"
    assert {tuple(row) for row in aside} == {("event.advanced", True, died)}
    # Two reports are poison, and so is every later step of one: a meeting that opened had both on
    # its agenda, if there was room for them. Each step left one fact, and each of these is aside.
    deadly = outcome.stage.sql(
        f"SELECT event_id FROM event_action WHERE event_id IN {POISONED}", poison=POISON
    )
    assert len(aside) == len(deadly) and len({row.event_id for row in deadly}) == 2
    unheard = outcome.stage.sql(
        "SELECT a.id, count(o.id) FROM event_action a LEFT JOIN outbox o"
        " ON o.subject_id = a.event_id AND o.details->>'action_id' = a.id::text"
        " AND o.fact = 'event.advanced' GROUP BY a.id HAVING count(o.id) <> 1"
    )
    assert unheard == []
    assert outcome.settled_s <= SETTLED_WITHIN_S * outcome.patience


def test_every_journal_holds(outcome: Outcome) -> None:
    with Session(outcome.stage.engine) as session:
        done = [verifying.check(session, kind) for kind in verifying.kinds()]
    assert [kind for kind in done if kind.broken] == []
    assert sum(kind.entries for kind in done) > REPORTS + CASES * len(WALK)


def test_every_photo_is_there_and_a_full_disk_left_nothing_half(outcome: Outcome) -> None:
    media = outcome.stage.place.media
    assert len(outcome.ledger.photos) >= CASES
    for key in (key.replace("-", "") for key in outcome.ledger.photos):
        for size in ("full", "thumb"):
            assert (media / key[-2:] / key / f"{size}.jpg").read_bytes()[-2:] == b"\xff\xd9"


def test_no_message_was_sent_more_than_twice(outcome: Outcome) -> None:
    heard = outcome.stage.gateway.heard
    assert heard and max(heard.values()) <= 2
    assert outcome.stage.sql("SELECT 1 FROM message WHERE attempts > 2") == []


def test_sessions_outlive_everything_and_the_database_comes_back_soon(outcome: Outcome) -> None:
    city = outcome.city
    city.end = time.monotonic() + 60
    for who in clients.PEOPLE:
        assert city.insist("GET", "/auth/me", None, who)[0] == 200
        again = {"refresh": city.refreshers[who]}
        assert city.insist("POST", "/auth/refresh", again)[0] == 200
    assert outcome.away_s <= AWAY_MOST_S * outcome.patience
