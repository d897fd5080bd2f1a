"""Who looks at which pages, with which filters: the requests that the screens send."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from backend.core import clock, day

WHO = (
    "demo-unit", "demo-grid", "demo-village", "demo-town", "demo-dept", "demo-county", "demo-city",
    "demo-leader", "demo-audit", "demo-admin", "demo-resident",
)  # fmt: skip
# Of an area: asked with the caller's own area, or the town's for who has none.
AREA = "{area}"
CASES: tuple[dict[str, str], ...] = (
    {"open_only": "true"}, {}, {"state": "closed"}, {"state": "reported"}, {"state": "handling"},
    {"state": "void"}, {"open_only": "true", "category": "0204"}, {"category": "0204"},
    {"state": "closed", "category": "0204"}, {"overdue": "true"}, {"asked": "any"},
    {"asked": "extension"}, {"sampled": "true"}, {"mine": "true"},
    {"mine": "true", "open_only": "true"}, {"assigned": "true"},
    {"assigned": "true", "open_only": "true"}, {"offered": "true"}, {"handled_by_me": "true"},
    {"closed_since": "{month}-01", "state": "closed"}, {"restricted": "true"},
)  # fmt: skip
ITEMS: tuple[dict[str, str], ...] = (
    {}, {"kind": "problem"}, {"open_only": "true"}, {"mine": "true"}, {"claimable": "true"},
    {"late": "true"}, {"stuck": "true"}, {"state": "achieved"}, {"q": "往年"},
)  # fmt: skip


# What only whoever governs a place asks for, in an area of theirs; what departments may ask too.
DESKS = frozenset(WHO) - {"demo-unit", "demo-grid", "demo-dept", "demo-resident", "demo-admin"}
OF_DESKS = frozenset({"sampled", "asked", "restricted"})


@dataclass(frozen=True)
class Page:
    """One request; ``{area}``, ``{month}``, ``{year}`` and ``{id}`` are filled in.

    ``first_of`` is the list whose first row is looked at.
    """

    path: str
    params: tuple[tuple[str, str], ...] = ()
    first_of: str = ""

    @property
    def who(self) -> Collection[str]:
        """Whose screens ask for it."""
        if not self.path.startswith("/api/events"):
            return WHO
        if any(value == AREA for _, value in self.params):
            return DESKS
        few = any(name in OF_DESKS or value == "void" for name, value in self.params)
        return DESKS | {"demo-dept"} if few else WHO

    def __str__(self) -> str:
        asked = "&".join(f"{name}={value}" for name, value in self.params)
        return f"{self.path}?{asked}" if asked else self.path


def pages() -> Iterator[Page]:
    """Every list, figure and page; who may not see one is refused, and that is no fault."""
    for path, filters in (("/api/events", CASES), ("/api/events/points", CASES[:2]),
                          ("/api/items", ITEMS)):  # fmt: skip
        for chosen in filters:
            yield Page(path, tuple(chosen.items()))
            yield Page(path, (*chosen.items(), ("area", AREA)))
    yield Page("/api/events/{id}", first_of="/api/events")
    yield Page("/api/events/{id}/audit", first_of="/api/events")
    yield Page("/api/events/{id}/routing", first_of="/api/events?state=handling")
    yield Page("/api/items/{id}", first_of="/api/items")
    for path in ("/api/reviews", "/api/deliberations", "/api/hot-spots"):
        yield Page(path)
        yield Page(path, (("area", AREA),))
        yield Page(path + "/{id}", first_of=path)
    yield Page("/api/deliberations", (("state", "meeting"),))
    yield Page("/api/deliberations", (("q", "往年"),))
    for kind in ("", "street_light"):
        yield Page("/api/assets", (("kind", kind),) if kind else ())
    yield Page("/api/assets", (("q", "A1"),))
    yield Page("/api/indicators", (("area", AREA),))
    yield Page("/api/indicators/rates", (("area", AREA), ("month", "{month}")))
    yield Page("/api/indicators/response", (("area", AREA), ("month", "{month}")))
    yield Page("/api/indicators/year", (("area", AREA), ("year", "{year}")))
    yield Page("/api/staff")
    yield Page("/api/staff", (("role", "unit_head"),))
    yield Page("/api/staff", (("q", "林"),))
    for path in ("/api/organizations", "/api/rolls", "/api/routing/rules", "/api/routing/trial"):
        yield Page(path, (("area", AREA),))
    yield Page("/api/routing/trial", (("area", AREA), ("days", "365")))
    for path in ("/api/notices", "/api/notices/templates", "/api/audit/entries", "/api/audit/looks",
                 "/api/department", "/api/auth/me", "/api/auth/sessions", "/api/categories",
                 "/api/calendar", "/api/procedures", "/api/running", "/api/reviews/patterns",
                 "/api/public/notices"):  # fmt: skip
        yield Page(path)
    yield Page("/api/areas/{area}")


def filled(page: Page, area: str, first: str) -> tuple[str, dict[str, str]]:
    """The address and the parameters of a request."""
    month = day.month(clock.now())
    given = {"{area}": area, "{id}": first, "{month}": month, "{year}": month[:4]}

    def put(words: str) -> str:
        for name, value in given.items():
            words = words.replace(name, value)
        return words

    return put(page.path), {name: put(value) for name, value in page.params}
