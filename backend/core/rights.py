"""Who may do what: the one table. Routes, appointing and the web's menus are made from it.

A post gives rights in this order: its role says *what* (`TABLE`), its area or organization says
*where* (`visible_to` and `Actor.covers` in each domain, `Actor.governs` for administration), and
what concerns the whole city asks for a post of the whole city (`CITY_WIDE`). A step of a process
is narrowed further by the process's own table (`workflow.py`).
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from backend.core.actor import Actor, Role
from gis import codes


class Right(StrEnum):
    """Something that a post may do."""

    # Cases.
    REPORT = "report"
    READ_CASES = "read_cases"
    STEP_CASES = "step_cases"
    TAKE_CALLS = "take_calls"
    REVEAL_CONTACT = "reveal_contact"
    AUDIT = "audit"
    READ_MESSAGES = "read_messages"
    # Lists, meetings, village decisions.
    READ_LISTS = "read_lists"
    PROPOSE_ITEMS = "propose_items"
    STEP_ITEMS = "step_items"
    READ_HOT_SPOTS = "read_hot_spots"
    NAME_CAUSES = "name_causes"
    READ_MEETINGS = "read_meetings"
    JOIN_MEETINGS = "join_meetings"
    LEAD_MEETINGS = "lead_meetings"
    READ_DELIBERATIONS = "read_deliberations"
    BRING_MOTIONS = "bring_motions"
    STEP_DELIBERATIONS = "step_deliberations"
    READ_ROLLS = "read_rolls"
    KEEP_ROLLS = "keep_rolls"
    # Numbers and registers.
    READ_BOARD = "read_board"
    READ_ASSETS = "read_assets"
    KEEP_ASSETS = "keep_assets"
    # One's own organization.
    ARRANGE_DEPARTMENT = "arrange_department"
    # Administration.
    APPOINT = "appoint"
    DISABLE_ACCOUNTS = "disable_accounts"
    KEEP_ORGANIZATIONS = "keep_organizations"
    IMPORT_AREAS = "import_areas"
    READ_RULES = "read_rules"
    KEEP_RULES = "keep_rules"
    TRY_RULES = "try_rules"
    READ_PROCEDURES = "read_procedures"
    KEEP_PROCEDURES = "keep_procedures"
    READ_WORDS = "read_words"
    KEEP_WORDS = "keep_words"
    KEEP_CALENDAR = "keep_calendar"
    KEEP_CATEGORIES = "keep_categories"
    # What the machines do: late jobs, parked facts, messages that failed.
    MEND_RUNNING = "mend_running"


U, G, V = Role.UNIT_HEAD, Role.GRID_WORKER, Role.VILLAGE_SECRETARY
T, C, CITY = Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER, Role.CITY_DISPATCHER
D, L, A, S, RES = (
    Role.DEPARTMENT_CLERK, Role.LEADER, Role.AUDITOR, Role.SYS_ADMIN, Role.RESIDENT,
)  # fmt: skip
CENTRES = (T, C, CITY)
GOVERN = (V, *CENTRES)
FIELD = (U, G)
R = Right


def _of(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


# Administrators see no case, no list, no meeting; the auditor reads and writes nothing; leaders
# read, take the steps that a process names as theirs, comment, and speak where they joined.
TABLE: Mapping[Right, frozenset[Role]] = {
    R.REPORT: _of(RES, *FIELD, *GOVERN, D),
    R.READ_CASES: _of(RES, *FIELD, *GOVERN, D, L, A),
    R.STEP_CASES: _of(RES, *FIELD, *GOVERN, D, L),
    R.TAKE_CALLS: _of(*GOVERN),
    R.REVEAL_CONTACT: _of(*GOVERN),
    R.AUDIT: _of(A, C, CITY),
    R.READ_MESSAGES: _of(*GOVERN, A),
    R.READ_LISTS: _of(*FIELD, *GOVERN, D, L, A),
    R.PROPOSE_ITEMS: _of(*FIELD, *GOVERN),
    R.STEP_ITEMS: _of(*FIELD, *GOVERN, D, L),
    R.READ_HOT_SPOTS: _of(*GOVERN, L, A),
    R.NAME_CAUSES: _of(*GOVERN),
    R.READ_MEETINGS: _of(*FIELD, *GOVERN, D, L, A),
    R.JOIN_MEETINGS: _of(*FIELD, *GOVERN, D, L),
    R.LEAD_MEETINGS: _of(*GOVERN),
    R.READ_DELIBERATIONS: _of(*GOVERN, L, A),
    R.BRING_MOTIONS: _of(V),
    R.STEP_DELIBERATIONS: _of(*GOVERN, L),
    R.READ_ROLLS: _of(*GOVERN),
    R.KEEP_ROLLS: _of(V),
    R.READ_BOARD: _of(*GOVERN, L, A),
    R.READ_ASSETS: _of(G, *GOVERN, L),
    R.KEEP_ASSETS: _of(*CENTRES),
    R.ARRANGE_DEPARTMENT: _of(D, V),
    R.APPOINT: _of(V, T, S),
    R.DISABLE_ACCOUNTS: _of(S),
    R.KEEP_ORGANIZATIONS: _of(T, S),
    R.IMPORT_AREAS: _of(S),
    R.READ_RULES: _of(*CENTRES, S, A),
    R.KEEP_RULES: _of(*CENTRES, S),
    R.TRY_RULES: _of(*CENTRES),
    R.READ_PROCEDURES: _of(*GOVERN, L, A, S),
    R.KEEP_PROCEDURES: _of(C, CITY, S),
    R.READ_WORDS: _of(S, A),
    R.KEEP_WORDS: _of(S),
    R.KEEP_CALENDAR: _of(S),
    R.KEEP_CATEGORIES: _of(S),
    R.MEND_RUNNING: _of(S),
}

# What is one for the whole city is written from a post of the whole city.
CITY_WIDE = frozenset({R.KEEP_CALENDAR, R.KEEP_CATEGORIES, R.KEEP_WORDS, R.MEND_RUNNING})

# Who may appoint whom, inside their own area.
MAY_APPOINT: Mapping[Role, frozenset[Role]] = {
    S: frozenset(Role) - {Role.SYSTEM},
    T: _of(V, *FIELD, D),
    V: _of(*FIELD),
}

# The level of area that a post with this role has; the others have any, or an organization.
LEVEL_OF_ROLE: Mapping[Role, codes.Level] = {
    U: codes.Level.UNIT, G: codes.Level.GRID, V: codes.Level.VILLAGE, T: codes.Level.TOWN,
    C: codes.Level.COUNTY, CITY: codes.Level.CITY,
}  # fmt: skip

# Posts of an organization alone: they have no area of their own.
WITHOUT_AREA = _of(D)
# These see what is assigned to their organization or reported by themselves, and no area.
WITHOUT_SCOPE = _of(D, RES, S)
# These take no step of anything, not even by a comment.
READERS = _of(A, S)
# One person holds posts of one of these roles, and of no other role beside it.
APART = _of(S, A)


def stand_apart(role: Role, other: Role) -> bool:
    """Whether nobody may hold posts of both roles."""
    return role != other and bool({role, other} & APART)


def city_wide(area_code: str | None) -> bool:
    """Whether a post's area is the whole city."""
    return bool(area_code) and codes.level_of(area_code or "") is codes.Level.CITY


def held_by(role: Role, area_code: str | None) -> frozenset[Right]:
    """What a post with this role may do at this place."""
    mine = frozenset(right for right, roles in TABLE.items() if role in roles)
    return mine if city_wide(area_code) else mine - CITY_WIDE


def holds(actor: Actor, right: Right) -> bool:
    """Whether the actor's post has a right."""
    return right in held_by(actor.role, actor.area_code)


@lru_cache(maxsize=4096)
def appoints(role: Role, area_code: str, home_county: str) -> str:
    """The posts that such a post may fill, as row-level security reads it.

    A multirange of ``role/county/area`` keys; the same as `Actor.governs` for each role. A database
    holds one city: a post of the city fills every county's.
    """
    if not area_code:
        return "{}"
    level = codes.level_of(area_code)
    if level is codes.Level.CITY:
        lo, hi = "", "0"
    elif level is codes.Level.COUNTY:
        lo, hi = f"{area_code}/", f"{area_code}0"
    else:
        lo, hi = f"{home_county}/{area_code}", f"{home_county}/{codes.upper(area_code)}"
    # "0" follows "/": everything that begins with the word before it.
    ends = (f"/{lo}", f"/{hi}" if lo else hi)
    may = sorted(MAY_APPOINT.get(role, frozenset()))
    return "{" + ",".join(f'["{one}{ends[0]}","{one}{ends[1]}")' for one in may) + "}"
