"""What formal pressure from above waits for. No I/O."""

from backend.core.actor import Actor, Role
from backend.matters.events.facts import Facts
from gis import codes

# Who supervises at which level; a leader at that of the own place.
LEVELS = ("town", "county", "city")
OF_ROLE = {
    Role.TOWN_DISPATCHER: "town", Role.COUNTY_DISPATCHER: "county", Role.CITY_DISPATCHER: "city",
}  # fmt: skip


def level_of(actor: Actor) -> str:
    """The level at which somebody supervises: town, county or city."""
    if actor.role in OF_ROLE:
        return OF_ROLE[actor.role]
    own = len(actor.area_code)
    if own <= codes.LENGTH[codes.Level.CITY]:
        return "city"
    return "county" if own <= codes.LENGTH[codes.Level.COUNTY] else "town"


def _rank(level: str | None) -> int:
    return LEVELS.index(level) if level in LEVELS else -1


def may_supervise(facts: Facts, actor: Actor) -> str | None:
    """A higher level takes it over; the same one asks again when the answer was not enough.

    A town presses whoever handles it: before anybody does, it would press itself.
    """
    mine, theirs = _rank(level_of(actor)), _rank(facts.supervision_level)
    if facts.supervised and (mine < theirs or (mine == theirs and not facts.supervision_answered)):
        return "supervised_already"
    if actor.role is Role.TOWN_DISPATCHER and facts.lead_organization_id is None:
        return "nobody_to_supervise"
    return None


def may_answer(facts: Facts, actor: Actor) -> str | None:
    """Once, by somebody below: nobody answers to the own level."""
    if not facts.supervised:
        return "not_supervised"
    if facts.supervision_answered:
        return "supervision_answered"
    own_level = actor.role in OF_ROLE and _rank(OF_ROLE[actor.role]) >= _rank(
        facts.supervision_level
    )
    own = actor.id == facts.supervised_by or (own_level and facts.supervision_level is not None)
    return "supervision_is_yours" if own else None


def may_lift(facts: Facts, actor: Actor) -> str | None:
    """The level that gave it, or one above, says that it is enough."""
    if not facts.supervised:
        return "not_supervised"
    below = _rank(level_of(actor)) < _rank(facts.supervision_level)
    return "supervision_from_above" if below else None
