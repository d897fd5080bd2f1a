"""The web build is served small, and not twice."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend import web
from backend.cli.web import compress
from backend.core import http

SCRIPT = b"export const words = " + b"'one map, block by block'; " * 200


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a-1.js").write_bytes(SCRIPT)
    (tmp_path / "index.html").write_bytes(b"<html>" + b" " * 2000 + b"</html>")
    compress(tmp_path)
    monkeypatch.setattr(web, "DIST", tmp_path)
    app = FastAPI()
    http.install(app)

    async def nobody(_: object) -> None:
        return None

    @app.get("/api/words")
    def words() -> list[str]:
        return ["one map"] * 500

    app.state.read_actor = nobody
    web.mount_web(app)
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None), ("", None),
    ],
)  # fmt: skip
def test_a_script_leaves_in_the_smallest_form_that_the_browser_takes(
    served: TestClient, accepted: str, encoding: str | None
) -> None:
    with served.stream("GET", "/assets/a-1.js", headers={"Accept-Encoding": accepted}) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "accept-encoding" in answer.headers["vary"].lower()
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding](body)
    assert unpacked == SCRIPT
    assert int(answer.headers["content-length"]) == len(body)
    if encoding is not None:
        # The copy that was made once, at the build: not made anew for each browser.
        assert body == (web.DIST / "assets" / f"a-1.js{web.ENCODINGS[encoding]}").read_bytes()
        assert len(body) < len(SCRIPT) / 10


def test_what_the_api_answers_leaves_small_too(served: TestClient) -> None:
    for accepted, encoding in (("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)):
        with served.stream("GET", "/api/words", headers={"Accept-Encoding": accepted}) as answer:
            size = len(b"".join(answer.iter_raw()))
        assert answer.headers.get("content-encoding") == encoding
        assert encoding is None or size < 500


def test_what_the_browser_has_is_not_sent_again(served: TestClient) -> None:
    first = served.get("/m/anything")
    assert first.status_code == 200 and first.headers["cache-control"] == "no-cache"
    again = served.get("/m/anything", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/assets/none.js", "/../pyproject.toml", "/%00", "/" + "x" * 300])
def test_what_is_not_of_the_build_is_not_served(served: TestClient, path: str) -> None:
    answer = served.get(path)
    assert answer.status_code in (200, 404, 422)
    assert answer.status_code != 200 or answer.content.startswith(b"<html>")


def test_a_long_address_is_looked_for_nowhere(
    served: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its parts would be asked of the disk: thirty thousand took a second."""
    asked: list[Path] = []
    real = Path.resolve

    def resolve(self: Path, strict: bool = False) -> Path:
        asked.append(self)
        return real(self, strict)

    monkeypatch.setattr(Path, "resolve", resolve)
    assert served.get("/" + "a/" * 10_000).text.startswith("<html>")
    assert served.get("/assets/" + "a/" * 10_000).status_code == 404
    assert asked == []
    assert served.get("/assets/a-1.js").status_code == 200 and asked
