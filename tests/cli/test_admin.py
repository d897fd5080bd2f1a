"""The first administrator of a real, empty database."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from backend.cli.app import app
from backend.core.db import get_engine
from backend.embedded import postgres
from backend.embedded.place import Place
from tests.conftest import use


@pytest.fixture
def real(servers: Place) -> Iterator[Place]:
    """A database that is not the private one of this checkout."""
    postgres.prepare_database(servers, "t_real")
    use(servers, "t_real")
    yield servers
    get_engine().dispose()
    postgres.psql(servers, "DROP DATABASE t_real WITH (FORCE)")


def test_a_real_database_is_never_seeded_and_gets_an_administrator(real: Place) -> None:
    run = CliRunner()
    refused = run.invoke(app, ["seed", "--scale", "town", "--fresh"])
    assert refused.exit_code == 1 and "never seeded" in refused.output
    made = run.invoke(
        app,
        [
            "admin",
            "create",
            "--username",
            "boss",
            "--name",
            "管理员",
            "--city",
            "9901",
            "--city-name",
            "某市",
        ],
    )
    assert made.exit_code == 0, made.output
    found = re.search(r"/welcome#(\S+)", made.output)
    assert found
    from backend.api import create_app

    with TestClient(create_app(), base_url="http://onemap.test") as client:
        body = {"secret": found.group(1), "password": "a long enough one", "bearer": True}
        me = client.post("/api/auth/invitation", json=body).json()
        assert (me["post"]["role"], me["post"]["area_code"]) == ("sys_admin", "9901")
        bearer = {"Authorization": f"Bearer {me['access']}"}
        invited = {
            "username": "chief",
            "name": "调度",
            "role": "city_dispatcher",
            "area_code": "9901",
        }
        assert client.post("/api/accounts", json=invited, headers=bearer).status_code == 201
        assert client.get("/api/auth/demo").json() == []
        assert len(client.get("/api/categories").json()) > 5


CASES = "reported_at,lon,lat\n2026-11-20 08:30,119.05,25.42\n"


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--category", "9999"), 1, "There is no category 9999"),
        (("--category", "0201", "--timezone", "Mars"), 2, "Asia/Shanghai"),
        (("--category", "0201", "--column", "when=open_dt"), 2, "reported_at"),
        (("--category", "0201", "--crs", "moon"), 1, "row"),
        (("--category", "0201"), 0, "1 rows: 1 added"),
    ],
)
def test_imports_answer_in_sentences(database: str, tmp_path: Path, options, status, said) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "cases.csv"
    file.write_text(CASES)
    command = [
        "import",
        "events",
        str(file),
        "--crs",
        "WGS84",
        "--timezone",
        "Asia/Shanghai",
        *options,
    ]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == status, result.output
    assert said in result.output and "Traceback" not in result.output
