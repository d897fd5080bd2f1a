"""Who is asking: a person, in one post, with the slice of the city that the post sees."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

# Where things without a place are taken in; seen by the city's own posts.
INTAKE_COUNTY = "000000"
CITY_DIGITS = 4


class Role(StrEnum):
    """What a post lets its holder do; values are stored."""

    RESIDENT = "resident"
    UNIT_HEAD = "unit_head"
    GRID_WORKER = "grid_worker"
    VILLAGE_SECRETARY = "village_secretary"
    TOWN_DISPATCHER = "town_dispatcher"
    COUNTY_DISPATCHER = "county_dispatcher"
    CITY_DISPATCHER = "city_dispatcher"
    DEPARTMENT_CLERK = "department_clerk"
    LEADER = "leader"
    AUDITOR = "auditor"
    SYS_ADMIN = "sys_admin"
    SYSTEM = "system"


DISPATCHERS = frozenset({Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER, Role.CITY_DISPATCHER})
ALL_PEOPLE = frozenset(Role) - {Role.SYSTEM}


@dataclass(frozen=True, slots=True)
class Slice:
    """A range of area codes ``[lo, hi)`` inside one managing county."""

    county_code: str
    lo: str
    hi: str

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self.lo <= code < self.hi


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of a service.

    ``scope`` is empty for department posts, which see only what is assigned to them, and for
    residents, who see only what they reported.
    """

    id: UUID
    role: Role
    post_id: UUID | None
    name: str
    area_code: str
    home_county: str
    scope: tuple[Slice, ...]
    organization_id: UUID | None = None
    language: str = "zh-CN"
    # An event opened by its number and code, without an account.
    tracked: UUID | None = None
    # The session that the token belongs to; streams ask now and then whether it still stands.
    sign_in_id: UUID | None = None

    def covers(self, county_code: str, area_code: str) -> bool:
        """Whether a place lies in the scope."""
        return any(s.county_code == county_code and area_code in s for s in self.scope)

    def governs(self, county_code: str, area_code: str) -> bool:
        """Whether a place lies in the area of the post, whatever the post sees of its cases.

        ``county_code`` is the managing county of the place: a functional zone governs towns whose
        codes begin with another county's digits.
        """
        if len(self.area_code) == CITY_DIGITS:
            return area_code.startswith(self.area_code)
        if len(self.area_code) == len(county_code):
            return county_code == self.area_code
        mine = bool(self.area_code) and county_code == self.home_county
        return mine and area_code.startswith(self.area_code)


NOBODY_ID = UUID(int=0)


def system(county_code: str, *others: str) -> Actor:
    """The clock and the jobs: they see the counties named, and stand in the log as the system."""
    everything = tuple(Slice(code, "", ":") for code in (county_code, *others))
    return Actor(NOBODY_ID, Role.SYSTEM, None, "system", "", county_code, everything)


def anonymous(language: str = "zh-CN") -> Actor:
    """Somebody on the public page."""
    return Actor(NOBODY_ID, Role.RESIDENT, None, "", "", INTAKE_COUNTY, (), None, language)


def registrar() -> Actor:
    """Who may fill every post, so that all people are theirs to know, and sees no case."""
    return replace(anonymous(), role=Role.SYS_ADMIN, area_code=INTAKE_COUNTY[:CITY_DIGITS])


def proven(account_id: UUID) -> Actor:
    """Somebody who has just proved who they are and acts in no post yet: sees what is their own."""
    return replace(anonymous(), id=account_id)
