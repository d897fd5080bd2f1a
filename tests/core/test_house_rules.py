"""The pictures that the documents draw, held true: imports, tables, settings, words, permissions."""

import ast
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from backend.core import permissions
from backend.core.settings import Settings, get_settings
from backend.embedded.place import REPOSITORY
from backend.tables import Base
from tests.core.test_one_day import days_elsewhere
from tests.core.test_one_edge import unchecked

# The floors of backend/, from the ground up; on each floor its domains, in the order in which one may
# import another: what stands on a floor below, and on its own floor what stands before it.
FLOORS: dict[str, list[str]] = {
    "core": [],
    "tools": [
        "counters", "media", "search", "importing", "calendar", "typesetting", "notices",
    ],
    "city": ["areas", "organizations", "accounts", "staffing", "duty"],
    "registers": ["buildings", "assets"],
    "matters": [
        "categories", "items", "events", "routing", "deliberations", "lists", "reviews", "telling",
    ],
    "insight": ["indicators", "running"],
}  # fmt: skip


def imports_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    names = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    return names | {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}


def place_of(module: str) -> tuple[int, int] | None:
    """How high a module of ours lies: its floor, and its place on it."""
    part = module.removesuffix(".__init__").split(".")
    if part[0] != "backend" or len(part) < 2 or part[1] not in FLOORS:
        return None
    domains = FLOORS[part[1]]
    on_floor = domains.index(part[2]) if domains and len(part) > 2 else -1
    return list(FLOORS).index(part[1]), on_floor


def test_a_domain_imports_only_what_stands_on_a_floor_below_or_before_it() -> None:
    wrong = []
    for floor in FLOORS:
        for file in (REPOSITORY / "backend" / floor).rglob("*.py"):
            module = ".".join(file.relative_to(REPOSITORY).with_suffix("").parts)
            own = place_of(module)
            for name in imports_of(file):
                other = place_of(name)
                if own is not None and other is not None and other > own:
                    wrong.append(f"{file.relative_to(REPOSITORY)} imports {name}")
    assert wrong == []


def test_nobody_imports_routes_but_the_application() -> None:
    wrong = [
        f"{file.relative_to(REPOSITORY)} imports {name}"
        for file in (REPOSITORY / "backend").rglob("*.py")
        if file.name != "api.py"
        for name in imports_of(file)
        if name.startswith("backend.") and name.endswith("routes")
    ]
    assert wrong == []


def test_every_domain_stands_on_a_floor_and_on_the_picture() -> None:
    picture = (REPOSITORY / "backend" / "README.md").read_text("utf-8")
    for floor, domains in FLOORS.items():
        folders = {f.parent.name for f in (REPOSITORY / "backend" / floor).glob("*/__init__.py")}
        if domains:
            assert folders == set(domains), floor
            drawn = re.search(rf"^    {floor}/ +(.+)$", picture, re.MULTILINE)
            assert drawn and re.split(r"\s*<\s*", drawn[1]) == domains, floor


def test_gis_imports_nothing_of_ours_and_tiles_only_core() -> None:
    for file in (REPOSITORY / "gis").rglob("*.py"):
        assert not [n for n in imports_of(file) if n.split(".")[0] in ("backend", "tiles")], file
    for file in (REPOSITORY / "tiles").rglob("*.py"):
        ours = [n for n in imports_of(file) if n.startswith("backend.")]
        assert all(n.startswith("backend.core") for n in ours), file


def test_every_setting_says_in_a_sentence_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description and field.description.endswith("."), name
        assert 20 < len(field.description) < 120, name


def test_one_place_says_what_a_sender_is() -> None:
    # An IPv6 household has 2^64 addresses: a limit that asks for the bare one holds nobody back.
    asks = [
        file.relative_to(REPOSITORY).as_posix()
        for file in (REPOSITORY / "backend").rglob("*.py")
        if "client.host" in file.read_text("utf-8")
    ]
    assert asks == ["backend/core/rate.py"]


def test_a_day_is_made_in_one_place() -> None:
    assert days_elsewhere() == []


def locale(name: str) -> dict[str, str]:
    loaded: dict[str, str] = json.loads(
        (REPOSITORY / "backend" / "locales" / name).read_text("utf-8")
    )
    return loaded


def test_both_languages_say_the_same_things() -> None:
    chinese, english = locale("zh-CN.json"), locale("en.json")
    assert chinese.keys() == english.keys()
    for code in chinese:
        fields = [set(re.findall(r"{(\w+)}", words[code])) for words in (chinese, english)]
        assert fields[0] == fields[1], code


def test_every_refusal_has_words() -> None:
    refusals = re.compile(
        r"(?:BadInput|NotFound|Forbidden|Conflict|NotSignedIn|TooLarge|TooMany|NotAllowedHere|NotYours"
        r'|NotYet)\(\s*"(\w+)"'
    )
    said = locale("en.json")
    found = set()
    for file in [*(REPOSITORY / "backend").rglob("*.py"), *(REPOSITORY / "tiles").rglob("*.py")]:
        found |= set(refusals.findall(file.read_text("utf-8")))
    assert len(found) > 25
    assert found <= said.keys()


def test_a_route_without_a_permission_is_refused(database: str) -> None:
    from fastapi import APIRouter

    from backend.api import create_app

    app = create_app()
    declared = [
        path for _, path, route in permissions.every_route(app) if permissions.permission_of(route)
    ]
    assert len(declared) > 25 and "/tiles/{layer}/{z}/{x}/{y}.mvt" in declared
    forgetful = APIRouter(prefix="/inside")

    @forgetful.get("/open")
    def forgotten() -> None: ...

    app.include_router(forgetful)
    assert permissions.undeclared(app) == ["GET /inside/open"]


@pytest.fixture(scope="module")
def catalogue(database: str):  # type: ignore[no-untyped-def]
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


# Small and shared by every county; everything else grows with the city.
REFERENCE = {
    "account", "account_secret", "account_contact", "post", "sign_in", "invitation", "organization", "area", "area_shape", "category",
    "alembic_version", "spatial_ref_sys", "category_scheme", "filing_condition", "calendar_version",
    "calendar_day", "routing_rule", "message_template", "team", "leave",
    "procedure",
}  # fmt: skip

KEYS = text(
    """
    SELECT c.conrelid::regclass::text AS "table", c.conname AS name, c.contype AS kind,
           c.confrelid::regclass::text AS refers,
           (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1])
               AS first
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
    WHERE n.nspname = 'public' AND c.contype IN ('p', 'u', 'f', 'x')
    """
)


def test_tables_that_grow_begin_their_keys_with_the_county(catalogue) -> None:  # type: ignore[no-untyped-def]
    rows = [r for r in catalogue.execute(KEYS) if r.table not in REFERENCE]
    assert {r.table for r in rows} == set(Base.metadata.tables) - REFERENCE
    assert [r.name for r in rows if r.first != "county_code"] == []


def test_unique_indexes_too(catalogue) -> None:  # type: ignore[no-untyped-def]
    rows = catalogue.execute(
        text(
            """
            SELECT i.indrelid::regclass::text AS "table", i.indexrelid::regclass::text AS name,
                   (SELECT attname FROM pg_attribute
                    WHERE attrelid = i.indrelid AND attnum = i.indkey[0]) AS first
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND i.indisunique
            """
        )
    )
    wrong = [r.name for r in rows if r.table not in REFERENCE and r.first != "county_code"]
    assert wrong == []


def test_shared_tables_refer_to_no_table_that_grows(catalogue) -> None:  # type: ignore[no-untyped-def]
    rows = [r for r in catalogue.execute(KEYS) if r.kind == "f" and r.table in REFERENCE]
    assert rows
    assert [r.name for r in rows if r.refers not in REFERENCE] == []


def test_there_are_no_triggers_and_no_serial_numbers(catalogue) -> None:  # type: ignore[no-untyped-def]
    triggers = catalogue.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")).all()
    sequences = catalogue.execute(
        text("SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
             " WHERE relkind = 'S' AND n.nspname = 'public'")
    ).all()  # fmt: skip
    assert (triggers, sequences) == ([], [])


PERSONAL = {
    "event", "event_action", "event_contact", "reveal", "media", "notice", "message", "item",
    "item_action", "review", "review_line", "review_entry", "review_person", "review_vote", "deliberation", "deliberation_action", "sitting",
    "sitting_person", "objection", "roll_member", "audit_entry", "sign_in", "client_key",
    "house", "account", "account_secret", "account_contact",
}  # fmt: skip


# Read by everybody who works here, and why that may be. A new table stands here or above.
OPEN = {
    "posts of public servants, and hashes of links that open an account once": {
        "post", "invitation", "leave", "organization", "team",
    },
    "the tree, things that stand in the street, and counts": {
        "area", "area_shape", "asset", "counter", "counter_delta", "hot_spot",
    },
    "rules, editions and words": {
        "calendar_day", "calendar_version", "category", "category_scheme", "filing_condition",
        "message_template", "procedure", "review_pattern", "routing_rule",
    },
    "keys, states and times of what stands in a protected table": {
        "alarm", "assignment", "clock_segment", "external_reference", "item_event", "job_run",
        "milestone", "outbox", "supervision_serial",
    },
}  # fmt: skip


def test_every_table_is_personal_or_open_for_a_reason() -> None:
    said = [name for names in OPEN.values() for name in names]
    assert len(said) == len(set(said)) and not PERSONAL & set(said)
    assert PERSONAL | set(said) == set(Base.metadata.tables)


def test_personal_tables_have_row_level_security(catalogue) -> None:  # type: ignore[no-untyped-def]
    secured = catalogue.execute(
        text("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")
    ).scalars()
    assert set(secured) == PERSONAL


def test_the_application_cannot_change_the_log(catalogue) -> None:  # type: ignore[no-untyped-def]
    rights = catalogue.execute(
        text(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'onemap_app' AND table_name IN ('event_action', 'reveal', 'audit_entry')"
        )
    ).all()
    assert {r.privilege_type for r in rights} == {"SELECT", "INSERT"}


def test_models_and_migrations_agree(database: str) -> None:
    from alembic import command

    from backend.cli.migrating import config

    command.check(config())


def test_every_body_and_parameter_comes_through_the_edge(database: str) -> None:
    """Bodies derive from `core.inputs.Strict`, fields and parameters have a type from there."""
    from backend.api import create_app

    assert unchecked(create_app()) == []


def test_the_webs_types_are_those_of_this_api(database: str) -> None:
    from backend.api import create_app

    written = json.loads((REPOSITORY / "web" / "openapi.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(create_app().openapi())), (
        "run ./onemap openapi and then, in web/, npm run types"
    )


def test_the_guide_names_only_what_there_is() -> None:
    guide = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:backend|tests|tiles)/[\w./]+)`", guide)
    assert len(named) > 15
    assert [name for name in named if not (REPOSITORY / name).exists()] == []
