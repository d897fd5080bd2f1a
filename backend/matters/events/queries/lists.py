"""One page of a list of events, and its points: each reason to see an event read by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    literal,
    literal_column,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import distinct_on

from backend.city.areas.models import Area
from backend.core import scope
from backend.core.actor import Actor, Role, Slice
from backend.core.asking import among
from backend.core.ids import first_key
from backend.core.paging import Arm, newest
from backend.matters.events.models import PLACELESS, Assignment, Event
from backend.matters.events.queries.helpers import AT_HELP
from backend.matters.events.vocabulary import ACTIVE, AFTER_THE_END, ASIDE, OF_THE_LEAD
from gis import codes

# From so many rows on a list is read whole and not from its newest on.
MANY = 1000


@dataclass(frozen=True)
class Wanted:
    """The filters of a list; None filters nothing."""

    states: Sequence[str] | None = None
    area: str | None = None
    category: str | None = None
    number: str | None = None
    mine: bool = False
    assigned: bool = False
    # In the pool, for my organization to claim.
    offered: bool = False
    # My organization helps with it, and is not done.
    helping: bool = False
    # Those that one of these people, or this team, was made to handle.
    handlers: Sequence[UUID] = ()
    team: UUID | None = None
    open_only: bool = False
    overdue: bool = False
    # Somebody who helps is late by a time of its own.
    helpers_late: bool = False
    # A higher level presses for it.
    supervised: bool = False
    # Waits for a decision of this kind: return, extension, suspension, appeal, reopen; or any.
    asked: str | None = None
    # Fixed on the spot, and drawn to be looked at.
    sampled: bool = False
    # Nobody has said yet in which village it is.
    placeless: bool = False
    reported_since: datetime | None = None
    # Ended in a stretch of time: from its beginning on, and before its end.
    closed_since: datetime | None = None
    closed_before: datetime | None = None
    # Only cases that are restricted to people by name, or only others.
    restricted: bool | None = None
    # Somebody leads it, or did until it was handed back.
    was_led: bool = False
    # The managing counties of `area`: named, so that the index by county and state serves the page.
    counties: Sequence[str] | None = None

    @property
    def only_open(self) -> bool:
        """Whether nothing that has ended can be in the list."""
        open_states = bool(self.states) and ACTIVE.issuperset(self.states or ())
        of_open = self.asked in OF_THE_LEAD
        late = self.overdue or self.helpers_late or self.supervised or self.placeless
        return self.open_only or late or of_open or open_states

    @property
    def only_by_place(self) -> bool:
        """Whether the list is of what is open, and of nothing so few that they have an index."""
        few = self.overdue or self.helpers_late or self.supervised or self.placeless
        return self.only_open and not (
            few or self.asked or self.category or self.number or self.restricted
        )

    @property
    def only_aside(self) -> bool:
        """Whether the list holds nothing but what ended otherwise, or was objected to since."""
        ended_so = bool(self.states) and ASIDE.issuperset(self.states or ())
        return ended_so or self.sampled or self.asked in AFTER_THE_END


def listed(actor: Actor, wanted: Wanted, after: UUID | None, size: int) -> Select[Event]:
    """One page of events, the newest first, and one row more to see whether others follow.

    The same arms as `arms` has, each read by itself: see `paging.newest`.
    """
    # A map takes all that is open of a town; a page takes the newest, wherever they lie.
    gathered = wanted.only_open and size >= MANY
    arms = _each_arm(actor, wanted, after, size + 1, gathered=gathered)
    return newest(Event, arms, size + 1, after)


def _each_arm(
    actor: Actor, wanted: Wanted, after: UUID | None, most: int, *, gathered: bool
) -> list[Arm]:
    """Each reason for which an event may be seen, as a query of its keys."""
    filters = [Event.moved_to.is_(None), *_filters(actor, wanted)]
    # A department's own list holds as well where it helps and is late, though the case is not.
    of_own = [Event.moved_to.is_(None), *_filters(actor, wanted, helps=True)]
    keys = select(Event.county_code, Event.id).where(*filters)
    plain = [] if actor.role is Role.SYSTEM else [Event.restricted.is_(False)]
    place = [scope.within(Event, wanted.area)] if wanted.area else []
    if wanted.area and len(wanted.area) >= scope.VILLAGE_DIGITS:
        place.append(Event.village_code == wanted.area[: scope.VILLAGE_DIGITS])
    if wanted.counties is not None:
        place.append(Event.county_code.in_(wanted.counties))
    elsewhere = [keys.where(Event.restricted, Event.named.contains([actor.id]), *place)]
    if actor.id.int:
        elsewhere.append(keys.where(Event.reporter_id == actor.id, *plain, *place))
    if wanted.mine:
        return elsewhere
    if wanted.restricted and plain:
        # Who is named in it sees it, or who holds its code, and nobody for another reason.
        held = [keys.where(Event.id == actor.tracked, *place)] if actor.tracked is not None else []
        return [elsewhere[0], *held]
    given = (
        []
        if actor.organization_id is None
        else _given(actor.organization_id, wanted, [*of_own, *plain, *place])
    )
    if wanted.offered or wanted.helping or wanted.handlers or wanted.team:
        # Nobody sees these for another reason than the duty itself.
        return [elsewhere[0], *given]
    elsewhere += given
    if actor.tracked is not None:
        elsewhere.append(keys.where(Event.id == actor.tracked, *place))
    inside = (
        _by_villages(keys.where(*plain), part, after, most)
        if wanted.only_by_place and not gathered and _is_town(part)
        else keys.where(*scope.inside(Event, part, gathered=gathered), *plain)
        for part in scope.narrowed(actor.scope, wanted.area, wanted.counties)
    )
    return [*inside, *elsewhere]


def _is_town(part: Slice) -> bool:
    return len(part.lo) == scope.TOWN_DIGITS and part.hi == codes.upper(part.lo)


def _by_villages(keys: Arm, part: Slice, after: UUID | None, most: int) -> Arm:
    """What is open in a town: of each of its villages the newest, and no more than a page has.

    In the order of its county, a town's page would be looked for among all that is open there:
    behind 30,000 reports of a storm in one town, each of the others read all of them. What is
    placed in the town alone has the town's own code for that of its village.
    """
    of_town = (Area.code >= part.lo, Area.code < part.hi, Area.level == codes.Level.VILLAGE)
    villages = union(select(Area.code).where(*of_town), select(literal(part.lo))).subquery()
    of_village = keys.where(
        Event.county_code == part.county_code, Event.village_code == villages.c[0]
    )
    if after is not None:
        of_village = of_village.where(Event.id < after)
    # Said in the statement, as in `paging.newest`.
    limit: ColumnElement[int] = literal_column(str(int(most)))
    newest_of = of_village.order_by(Event.id.desc()).limit(limit).lateral()
    return select(newest_of.c.county_code, newest_of.c.id).join_from(villages, newest_of, true())


def _given(organization: UUID, wanted: Wanted, filters: Sequence[ColumnElement[bool]]) -> list[Arm]:
    """What an organization was given; of open work only what it still has.

    Duties are read in the order of their events, and each event is looked up by its key: the
    offset keeps the planner from turning that round and sorting a department's whole past. What is
    few among that past has an index of its own (`aside`); a number is looked up by itself.
    """
    own = [Assignment.organization_id == organization, *_duty(wanted)]
    if wanted.assigned:
        own.append(Assignment.lead.is_(True))
    ever = Assignment.status != "withdrawn"
    if wanted.number:
        of_event = and_(
            Assignment.county_code == Event.county_code, Assignment.event_id == Event.id
        )
        found = select(Event.county_code, Event.id).join(Assignment, of_event)
        return [found.where(*own, ever, *filters)]
    if wanted.only_open:
        return [_duties([*own, Assignment.ended_at.is_(None)], filters)]
    if wanted.only_aside:
        return [_duties([*own, ever, Assignment.aside == true()], filters)]
    if wanted.asked:
        return [
            _duties([*own, Assignment.ended_at.is_(None)], filters),
            _duties([*own, ever, Assignment.aside == true()], filters),
        ]
    return [_duties([*own, ever], filters)]


def _duties(which: Sequence[ColumnElement[bool]], filters: Sequence[ColumnElement[bool]]) -> Arm:
    """The events of some duties, each once, as far as they fit."""
    fits = (
        select(Event.id)
        .where(
            Event.county_code == Assignment.county_code, Event.id == Assignment.event_id, *filters
        )
        .offset(0)
        .lateral()
    )
    return (
        select(Assignment.county_code, Assignment.event_id)
        .join(fits, true())
        .where(*which)
        .ext(distinct_on(Assignment.event_id))
    )


def _filters(actor: Actor, wanted: Wanted, *, helps: bool = False) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(Event.state.in_(wanted.states))
    if wanted.only_open:
        # Said by what the indexes of open work say: it is the same as "in no last state".
        still = Event.closed_at.is_(None)
        found.append(scope.unweighed(still) if wanted.asked else still)
    if wanted.category:
        found.append(Event.category_code == wanted.category)
    if wanted.number:
        found.append(Event.event_no == wanted.number.strip().upper())
    if wanted.mine:
        found.append(Event.reporter_id == actor.id)
    if wanted.assigned:
        found.append(Event.lead_organization_id == actor.organization_id)
    # The arm of the duties asks for it itself.
    duty = [] if helps else _duty(wanted)
    if duty:
        found.append(
            Event.id.in_(
                select(Assignment.event_id).where(
                    Assignment.organization_id == actor.organization_id, *duty
                )
            )
        )  # fmt: skip
    if wanted.overdue:
        late: ColumnElement[bool] = Event.overdue_at.is_not(None)
        found.append(or_(late, _helps_late()) if helps else late)
    if wanted.supervised:
        found.append(Event.supervised_until.is_not(None))
    if wanted.helpers_late:
        found.append(Event.late_helpers > 0)
    if wanted.asked:
        # Few, whatever they ask: their own index is read in its order. Behind row-level security
        # the planner may not look at statistics of lists, and would gather all that is open.
        found.append(literal_column("event.asked <> '{}'", Boolean))
        if wanted.asked != "any":
            found.append(scope.unweighed(Event.asked.contains([wanted.asked])))
    if wanted.sampled:
        found.append(Event.sampled == true())
    if wanted.placeless:
        # As the index of these few says it.
        found.append(literal_column(PLACELESS, Boolean))
    if wanted.was_led:
        found.append(or_(Event.lead_organization_id.is_not(None), Event.return_count > 0))
    if wanted.reported_since:
        # Keys are made in the order of time: the index by key is read as far as that moment.
        found.append(Event.id >= first_key(wanted.reported_since))
        found.append(Event.reported_at >= wanted.reported_since)
    if wanted.closed_since:
        found.append(Event.closed_at >= wanted.closed_since)
    if wanted.closed_before:
        found.append(Event.closed_at < wanted.closed_before)
    if wanted.restricted is not None:
        found.append(Event.restricted.is_(wanted.restricted))
    return found


def _duty(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the duty of one's own organization must be like; empty when any will do."""
    found: list[ColumnElement[bool]] = []
    if wanted.helping:
        found += [
            Assignment.lead.is_(False), Assignment.ended_at.is_(None),
            Assignment.status.in_(AT_HELP),
        ]  # fmt: skip
    if wanted.offered:
        found.append(Assignment.status == "offered")
    if wanted.handlers or wanted.team:
        found += [Assignment.ended_at.is_(None), _of_handlers(wanted)]
    return found


def _helps_late() -> ColumnElement[bool]:
    """The duty, of which the row is read, is to help, not done, and known to be late."""
    return and_(Assignment.overdue_at.is_not(None), Assignment.status.in_(AT_HELP))


def _of_handlers(wanted: Wanted) -> ColumnElement[bool]:
    """Duties that one of these people, or this team, was made to handle."""
    of_them = among(Assignment.handler_id, wanted.handlers)
    of_team = (Assignment.team_id == wanted.team) & Assignment.handler_id.is_(None)
    return or_(of_them, of_team) if wanted.team else of_them
