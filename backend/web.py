"""Serving the web build: files as they are, every page's address as the one page that routes."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse

from backend.core.errors import NotFound
from backend.core.permissions import allow_public
from backend.embedded.place import REPOSITORY

DIST = REPOSITORY / "web" / "dist"
# Vite names these by their content, so they never change; pages and the service worker do.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_ALWAYS = "no-cache"
NOT_PAGES = ("api/", "tiles/", "assets/")


def mount_web(app: FastAPI) -> None:
    """Serve the web build from the application's root, after every other route."""

    @app.get("/{path:path}", include_in_schema=False, dependencies=[allow_public()])
    def page(path: str) -> FileResponse:
        file = (DIST / path).resolve()
        if path and file.is_file() and file.is_relative_to(DIST.resolve()):
            return FileResponse(file, headers={"Cache-Control": _caching(file)})
        if path.startswith(NOT_PAGES) or "." in path.rsplit("/", 1)[-1]:
            raise NotFound("nothing_here")
        if not (DIST / "index.html").exists():
            raise NotFound("web_not_built")
        return FileResponse(DIST / "index.html", headers={"Cache-Control": ASK_ALWAYS})


def _caching(file: Path) -> str:
    return FOR_EVER if file.parent.name == "assets" else ASK_ALWAYS
