"""Photos: known by their content, stripped of what they know, refused when hostile."""

import io
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from backend.core.settings import get_settings
from backend.tools.media import service
from tests.conftest import Town
from tests.events.makers import a_photo, a_report

Header = Callable[[str], dict[str, str]]


def encoded(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (image or Image.new("RGB", (40, 30), "red")).save(out, kind, **options)
    return out.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif[0x0112] = 6  # upright only after a quarter turn
    gps = {1: "N", 2: (25.0, 27.0, 14.4), 3: "E", 4: (119.0, 0.0, 27.72)}
    exif[0x8825] = gps
    inner = exif.get_ifd(0x8769)
    inner[0x9003] = "2026:11:20 08:30:00"
    return encoded("JPEG", exif=exif)


def upload(client: TestClient, header: dict[str, str], data: bytes):  # type: ignore[no-untyped-def]
    return client.post("/api/media", content=data, headers=header)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_pictures_are_taken_whatever_their_name(
    client: TestClient, bearer: Header, kind: str
) -> None:
    answer = upload(client, bearer("demo-unit"), encoded(kind))
    assert answer.status_code == 201
    kept = client.get(f"/api/media/{answer.json()['id']}/full.jpg", headers=bearer("demo-unit"))
    assert Image.open(io.BytesIO(kept.content)).format == "JPEG"


def test_exif_is_gone_and_its_position_is_only_suggested(
    client: TestClient, bearer: Header
) -> None:
    answer = upload(client, bearer("demo-unit"), with_exif()).json()
    assert answer["suggested_position"] == pytest.approx(
        {"lon": 119.0077, "lat": 25.4540}, abs=1e-6
    )
    assert (answer["width"], answer["height"]) == (30, 40)
    for size in ("full", "thumb"):
        kept = client.get(
            f"/api/media/{answer['id']}/{size}.jpg", headers=bearer("demo-unit")
        ).content
        assert b"SecretPhone" not in kept
        assert not Image.open(io.BytesIO(kept)).getexif()


def test_a_transparent_picture_gets_a_white_ground(client: TestClient, bearer: Header) -> None:
    clear = encoded("PNG", Image.new("RGBA", (8, 8), (0, 0, 0, 0)))
    answer = upload(client, bearer("demo-unit"), clear).json()
    kept = client.get(f"/api/media/{answer['id']}/full.jpg", headers=bearer("demo-unit")).content
    assert Image.open(io.BytesIO(kept)).getpixel((4, 4)) == (255, 255, 255)


HOSTILE = {
    "nothing": b"",
    "words": b"hello",
    "html": b"<html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "gif": encoded("GIF"),
    "half a jpeg": a_photo(size=(400, 300))[:900],
    "a jpeg's head on nonsense": a_photo()[:30] + b"\x00" * 5000,
    "png with a broken chunk": encoded("PNG")[:60] + b"\xff" * 40,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_picture_gets_a_clear_answer(
    client: TestClient, bearer: Header, data: bytes
) -> None:
    answer = upload(client, bearer("demo-unit"), data)
    assert answer.status_code == 422
    assert answer.json()["code"] == "photo_unreadable"


def test_a_bomb_is_refused_before_it_is_decoded(client: TestClient, bearer: Header) -> None:
    bomb = encoded("PNG", Image.new("1", (30_000, 30_000)))
    assert len(bomb) < 200_000
    answer = upload(client, bearer("demo-unit"), bomb)
    assert (answer.status_code, answer.json()["code"]) == (413, "photo_too_many_pixels")


def test_a_large_body_is_refused(client: TestClient, bearer: Header) -> None:
    answer = upload(client, bearer("demo-unit"), b"x" * (get_settings().photo_max_bytes + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "photo_too_large")


def test_a_photo_is_seen_by_those_who_see_its_event(
    client: TestClient, bearer: Header, town: Town, as_actor
) -> None:  # type: ignore[no-untyped-def]
    head = town.unit_head_of(town.grids[0])
    header = as_actor(head)
    photo = upload(client, header, a_photo()).json()["id"]
    path = f"/api/media/{photo}/thumb.jpg"
    assert client.get(path, headers=bearer("demo-town")).status_code == 404
    body = a_report(town, head.area_code, photos=[photo]).model_dump(mode="json")
    assert client.post("/api/events", json=body, headers=header).status_code == 201
    assert client.get(path, headers=bearer("demo-town")).status_code == 200
    assert client.get(path, headers=bearer("demo-dept")).status_code == 404
    assert client.get(path).status_code == 404
    again = a_report(town, head.area_code, photos=[photo]).model_dump(mode="json")
    assert (
        client.post("/api/events", json=again, headers=header).json()["code"] == "photo_not_yours"
    )


def test_an_anonymous_photo_belongs_to_whoever_holds_its_claim(
    client: TestClient, town: Town
) -> None:
    sent = upload(client, {}, a_photo()).json()
    assert sent["claim"]
    assert client.get(f"/api/media/{sent['id']}/full.jpg").status_code == 404

    def report(claims: list[str]):  # type: ignore[no-untyped-def]
        body = a_report(town, photos=[sent["id"]], claims=claims, anonymous=True)
        return client.post("/api/public/events", json=body.model_dump(mode="json"))

    assert report([]).status_code == 422
    assert report(["guess"]).status_code == 422
    assert report([sent["claim"]]).status_code == 201
    assert client.get(f"/api/media/{sent['id']}/full.jpg").status_code == 404


def test_names_of_files_hold_nothing_of_the_user(client: TestClient, bearer: Header) -> None:
    from uuid import UUID

    photo = UUID(upload(client, bearer("demo-unit"), a_photo()).json()["id"])
    where = service.folder(photo)
    assert where.is_relative_to(get_settings().media_dir)
    assert sorted(f.name for f in where.iterdir()) == ["full.jpg", "thumb.jpg"]
