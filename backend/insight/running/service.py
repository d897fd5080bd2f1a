"""What does not run as it should, in sentences, and trying it again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import audit
from backend.city.accounts.audit import What
from backend.city.areas import queries as areas
from backend.core import delivery, relay
from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.core.errors import NotFound
from backend.core.health import is_late
from backend.core.heartbeat import WHOLE, JobRun
from backend.core.jobs import LANES, Job
from backend.core.language import say, sentences
from backend.core.outbox import Outbox
from backend.insight.running import queries
from backend.tools.notices import sending
from backend.tools.notices.gateways import gateway_of
from backend.tools.notices.models import Channel

RELAY_SILENT = timedelta(minutes=1)
# What one press of a button puts back into the queue.
AGAIN_MOST = 1_000


@dataclass(frozen=True)
class Finding:
    """One thing that does not run, as a sentence; ``again`` names what can be tried again."""

    words: str
    since: datetime | None = None
    # A fact's county and key, or a way and its reason.
    fact: tuple[str, UUID] | None = None
    messages: tuple[str, str] | None = None


@dataclass(frozen=True)
class Seen:
    """One job, when it last finished and what went wrong."""

    job: Job
    words: str
    finished_at: datetime | None
    late: bool
    error: str


def jobs(session: Session, known: Sequence[Job], language: str) -> list[Seen]:
    """Every job with its last run."""
    last = {row.name: row for row in queries.runs(session) if row.county_code == WHOLE}
    now = queries.now(session)
    return [_seen(job, last.get(job.name), now, language) for job in known]


def _seen(job: Job, row: JobRun | None, now: datetime, language: str) -> Seen:
    finished = row.finished_at if row else None
    late = is_late(job, finished, now)
    words = say(language, f"job.{job.name}")
    return Seen(job, words, finished, late, row.error if row else "")


def found(session: Session, known: Sequence[Job], language: str) -> list[Finding]:
    """Everything that hangs, is parked or was given up, the gravest first."""
    counties = areas.all_counties(session)
    act_as(session, system(*counties))
    return [
        *_processes(session, known, language),
        *_facts(session, language),
        *_messages(session, counties, language),
    ]


def _processes(session: Session, known: Sequence[Job], language: str) -> Iterator[Finding]:
    rows = queries.runs(session)
    now = queries.now(session)
    beats = {row.name: row.beat_at for row in rows if row.county_code == WHOLE}
    beaten = beats.get(relay.NAME)
    if beaten is None or now - beaten > RELAY_SILENT:
        yield Finding(say(language, "running.relay"), beaten)
    seen = jobs(session, known, language)
    for lane in LANES:
        of_lane = [one for one in seen if one.job.lane == lane]
        late = [one for one in of_lane if one.late]
        if late and len(late) == len(of_lane):
            last = max((one.finished_at for one in late if one.finished_at), default=None)
            yield Finding(say(language, "running.lane", lane=f"lane.{lane}"), last)
            continue
        for one in late:
            yield Finding(say(language, "running.late", job=one.words), one.finished_at)
    for one in seen:
        if one.error:
            words = say(language, "running.error", job=one.words, error=one.error)
            yield Finding(words, one.finished_at)


def _facts(session: Session, language: str) -> Iterator[Finding]:
    for one in queries.waiting(session):
        place = _place(session, one.county_code, language)
        yield Finding(say(language, "running.waiting", place=place, n=one.n), one.since)
    for full in queries.without_room(session):
        place = _place(session, full.county_code, language)
        words = say(language, "running.no_room", place=place, n=full.n, error=full.because)
        yield Finding(words, full.since)
    for row in queries.parked(session):
        place = _place(session, row.county_code, language)
        name = f"fact.{row.fact}"
        fact = name if name in sentences(language) else row.fact
        words = say(
            language, "running.parked", place=place, fact=fact, error=row.parked_because or ""
        )
        yield Finding(words, row.left_at, fact=(row.county_code, row.id))


def _messages(session: Session, counties: Sequence[str], language: str) -> Iterator[Finding]:
    for one in queries.given_up(session, counties):
        # A way that nobody has connected is no fault.
        if one.error == sending.NO_GATEWAY and gateway_of(Channel(one.channel)) is None:
            continue
        words = say(
            language, "running.messages", n=one.n, channel=f"channel.{one.channel}",
            error=one.error,
        )  # fmt: skip
        yield Finding(words, one.since, messages=(one.channel, one.error))


def _place(session: Session, county_code: str, language: str) -> str:
    area = areas.named(session, [county_code]).get(county_code)
    return area.name if area else say(language, "running.intake")


def fact_again(session: Session, actor: Actor, county_code: str, key: UUID) -> None:
    """Let those who have not heard a parked fact hear it; noted in the audit list.

    Raises
    ------
    NotFound
        No such fact, or it is not parked (any more).
    """
    row = session.get(Outbox, (county_code, key))
    because = (row.parked_because or "") if row else ""
    if row is None or not delivery.again(session, county_code, key):
        raise NotFound("not_parked")
    audit.note(
        session, actor, What.TRIED_AGAIN, subject_id=key, about=row.fact, reason=because
    )  # fmt: skip


def messages_again(session: Session, actor: Actor, channel: str, error: str) -> int:
    """Put messages that failed for one reason back into the queue; how many. Noted, too."""
    counties = areas.all_counties(session)
    act_as(session, system(*counties))
    wanted = queries.failed(session, counties, channel, error, AGAIN_MOST)
    n = sum(sending.again(session, county, key) for county, key in wanted)
    act_as(session, actor)
    if n:
        audit.note(session, actor, What.TRIED_AGAIN, about=channel, reason=error, messages=n)
    return n


def all_again(session: Session, known: Sequence[Job]) -> int:
    """Try everything again that can be; how many. For whoever stands at the machine."""
    first, *others = areas.all_counties(session)
    actor = system(first, *others)
    n = 0
    for one in found(session, known, "en"):
        if one.fact is not None:
            fact_again(session, actor, *one.fact)
            n += 1
        elif one.messages is not None:
            n += messages_again(session, actor, *one.messages)
    return n
