"""Building the web pages, when their sources changed."""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import brotli

from backend.cli.environment import console, say
from backend.embedded.place import REPOSITORY

WEB = REPOSITORY / "web"
# Vite 8's own requirement.
NODE_LEAST = (20, 19)
SOURCES = ("src", "public", "index.html", "package-lock.json", "vite.config.ts", "tsconfig.json")


def _version(node: str) -> tuple[int, ...]:
    done = subprocess.run([node, "--version"], capture_output=True, text=True)
    digits = done.stdout.strip().lstrip("v").split(".")
    return tuple(int(d) for d in digits if d.isdigit())


def node_folder() -> str | None:
    """The folder of a Node that fits: the system's, or the one from the locked wheel."""
    system = shutil.which("node")
    if system and _version(system) >= NODE_LEAST and shutil.which("npm"):
        return None
    own = Path(sys.prefix) / "bin" / "node"
    if not own.exists():
        say("installing Node.js into .venv (the system has none that fits)")
        _run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--require-hashes", "-r", str(REPOSITORY / "requirements-node.lock")],
            "Node.js could not be installed", "With the network back, run the same command again.",
        )  # fmt: skip
    return str(own.parent)


def _run(command: list[str], failed: str, cure: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=WEB, env=env, capture_output=True, text=True)
    if done.returncode:
        console.print((done.stdout + done.stderr)[-3000:], markup=False)
        console.print(f"[red]✗ {failed}[/]\n  {cure}")
        raise SystemExit(1)


def environment() -> dict[str, str]:
    """The environment in which npm and our own Node find each other."""
    folder = node_folder()
    path = os.environ["PATH"]
    return {**os.environ, "PATH": f"{folder}:{path}" if folder else path}


def _fingerprint(parts: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        root = WEB / part
        for file in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if file.is_file():
                digest.update(str(file.relative_to(WEB)).encode() + file.read_bytes())
    return digest.hexdigest()


def install() -> dict[str, str]:
    """Install the locked npm packages when the lock changed; npm's environment."""
    env = environment()
    folder = WEB / "node_modules"
    stamp = folder / ".onemap-lock"
    wanted = _fingerprint(("package-lock.json",))
    if not stamp.exists() or stamp.read_text() != wanted:
        if folder.is_symlink():
            # npm empties what a link leads to, and that belongs to another checkout.
            folder.unlink()
        say("installing web packages (about half a minute the first time)")
        _run(
            ["npm", "ci", "--no-audit", "--no-fund"], "the web packages could not be installed",
            "With the network back, run the same command again.", env,
        )  # fmt: skip
        folder.mkdir(exist_ok=True)
        stamp.write_text(wanted)
    return env


# What is worth compressing; pictures and fonts are compressed already.
TEXTS = frozenset({".css", ".html", ".js", ".json", ".map", ".mjs", ".svg", ".webmanifest"})
LEAST_BYTES = 1000


def compress(folder: Path) -> None:
    """Lay a brotli and a gzip copy beside every text of a build, once, as small as they get."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in TEXTS and file.stat().st_size >= LEAST_BYTES:
            data = file.read_bytes()
            file.with_name(file.name + ".br").write_bytes(brotli.compress(data, quality=11))
            file.with_name(file.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))


def build() -> None:
    """Build ``web/dist`` when its sources changed."""
    stamp = WEB / "dist" / ".onemap-sources"
    wanted = _fingerprint(SOURCES)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    env = install()
    say("building the web pages")
    _run(
        ["npm", "run", "build"], "the web pages could not be built",
        "The lines above name the file and the line.", env,
    )  # fmt: skip
    compress(WEB / "dist")
    stamp.write_text(wanted)
