"""Setting up the web packages."""

import json
from pathlib import Path

import pytest

from backend.cli import web


def test_packages_that_another_checkout_lends_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = tmp_path / "lent"
    (lent / "somebody").mkdir(parents=True)
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "node_modules").symlink_to(lent)
    package = {"name": "empty", "version": "1.0.0"}
    lock = {**package, "lockfileVersion": 3, "requires": True, "packages": {"": package}}
    (checkout / "package.json").write_text(json.dumps(package))
    (checkout / "package-lock.json").write_text(json.dumps(lock))
    monkeypatch.setattr(web, "WEB", checkout)

    web.install()

    assert (lent / "somebody").is_dir()
    assert not (checkout / "node_modules").is_symlink()
    assert (checkout / "node_modules" / ".onemap-lock").exists()
