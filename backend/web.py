"""Serving the web build: files as they are, every page's address as the one page that routes.

Texts have a brotli and a gzip copy beside them, made once at the build; what a browser has already
is answered with 304.
"""

from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.staticfiles import StaticFiles

from backend.core.errors import NotFound
from backend.core.permissions import allow_public
from backend.embedded.place import REPOSITORY

DIST = REPOSITORY / "web" / "dist"
# Vite names these by their content, so they never change; pages and the service worker do.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_ALWAYS = "no-cache"
NOT_PAGES = ("api/", "tiles/", "assets/")
# No file of the build has a longer name. Links are looked up part by part, and an address may have
# thirty thousand parts: that took a second of a core.
NAME_MOST = 200
# By preference; the ending of the copy.
ENCODINGS = {"br": ".br", "gzip": ".gz"}


def mount_web(app: FastAPI) -> None:
    """Serve the web build from the application's root, after every other route."""
    files = StaticFiles(directory=DIST, check_dir=False)

    @app.get("/{path:path}", include_in_schema=False, dependencies=[allow_public()])
    def page(path: str, request: Request) -> Response:
        file = _inside(path)
        if file is None:
            if path.startswith(NOT_PAGES) or "." in path.rsplit("/", 1)[-1]:
                raise NotFound("nothing_here")
            file = DIST / "index.html"
            if not file.exists():
                raise NotFound("web_not_built")
        encoding, sent = _smallest(file, request.headers.get("accept-encoding", ""))
        answer = files.file_response(sent, sent.stat(), request.scope)
        answer.headers["Cache-Control"] = FOR_EVER if file.parent.name == "assets" else ASK_ALWAYS
        answer.headers["Vary"] = "Accept-Encoding"
        if encoding:
            answer.headers["Content-Encoding"] = encoding
        return answer


def _inside(path: str) -> Path | None:
    """The file of the build that a path names; None when it names none, or one elsewhere."""
    if not 0 < len(path) <= NAME_MOST:
        return None
    try:
        file = (DIST / path).resolve()
        found = file.is_file() and file.is_relative_to(DIST.resolve())
    except (OSError, ValueError):  # links in a circle, or a NUL in it
        return None
    return file if found else None


def _smallest(file: Path, accepted: str) -> tuple[str, Path]:
    """The smallest copy that the browser takes, with its encoding; the file itself without one."""
    offers = {
        name.strip(): quality.strip()
        for name, _, quality in (part.partition(";") for part in accepted.lower().split(","))
    }
    for encoding, ending in ENCODINGS.items():
        copy = file.with_name(file.name + ending)
        if offers.get(encoding, "q=0") not in ("q=0", "q=0.0") and copy.exists():
            return encoding, copy
    return "", file
