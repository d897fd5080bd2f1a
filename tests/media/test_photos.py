"""Photos: known by their content, stripped of what they know, refused when hostile."""

import io
import resource
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from redis import Redis

from backend.core import clock
from backend.core.actor import INTAKE_COUNTY
from backend.core.db import unit_of_work
from backend.core.settings import get_settings
from backend.tools.media import service, tidying
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


def test_a_picture_of_sixteen_bits_stays_what_it_shows(client: TestClient, bearer: Header) -> None:
    grey = Image.fromarray(np.full((20, 30), 0x8000, np.uint16))
    answer = upload(client, bearer("demo-unit"), encoded("PNG", grey)).json()
    kept = client.get(f"/api/media/{answer['id']}/full.jpg", headers=bearer("demo-unit"))
    shade = Image.open(io.BytesIO(kept.content)).getpixel((10, 10))
    assert isinstance(shade, tuple) and all(abs(value - 128) < 4 for value in shade)


def camera(**said: object) -> bytes:
    exif = Image.Exif()
    if "gps" in said:
        exif[0x8825] = said["gps"]
    inner = exif.get_ifd(0x8769)
    for tag, name in ((0x9003, "taken"), (0x9011, "offset")):
        if name in said:
            inner[tag] = said[name]
    return encoded("JPEG", exif=exif)


def test_zeros_of_a_camera_without_a_fix_are_no_place(client: TestClient, bearer: Header) -> None:
    nowhere = camera(gps={1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)})
    answer = upload(client, bearer("demo-unit"), nowhere).json()
    assert answer["suggested_position"] is None


@pytest.mark.parametrize(
    ("taken", "offset"),
    [
        ("0001:01:01 00:00:00", "+14:00"), ("9999:12:31 23:59:59", "-12:00"),
        ("1899:12:30 00:00:00", "+08:00"), ("2199:01:01 00:00:00", "+08:00"),
        ("0000:00:00 00:00:00", "+08:00"), ("2026:11:20 08:30:00", "+99:99"),
    ],
)  # fmt: skip
def test_a_cameras_senseless_clock_breaks_no_list(
    client: TestClient, bearer: Header, town: Town, taken: str, offset: str
) -> None:
    sent = upload(client, {}, camera(taken=taken, offset=offset)).json()
    body = a_report(town, photos=[sent["id"]], claims=[sent["claim"]])
    made = client.post("/api/public/events", json=body.model_dump(mode="json"))
    assert made.status_code == 201, made.text
    event = made.json()["id"]
    for path in ("/api/events?size=200", f"/api/events/{event}"):
        answer = client.get(path, headers=bearer("demo-town"))
        assert answer.status_code == 200 and event in answer.text


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


def test_large_pictures_at_once_leave_the_api_answering(client: TestClient, bearer: Header) -> None:
    header = bearer("demo-unit")
    large = encoded("PNG", Image.new("RGBA", (6900, 6900)))
    sent = threading.Barrier(5)

    def one(_: int) -> int:
        sent.wait()
        return upload(client, header, large).status_code

    with ThreadPoolExecutor(4) as senders:
        answers = [senders.submit(one, i) for i in range(4)]
        sent.wait()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        while not all(answer.done() for answer in answers):
            assert client.get("/api/auth/me", headers=header).status_code == 200
        grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [answer.result() for answer in answers] == [201] * 4
    # Each would take 190 MB in this process.
    assert grown_kb < 150_000


def test_strangers_may_upload_so_often_an_hour(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEMAP_PUBLIC_UPLOADS_PER_HOUR", "3")
    get_settings.cache_clear()
    Redis.from_url(get_settings().redis_url).flushall()
    answers = [upload(client, {}, a_photo()).status_code for _ in range(5)]
    # A household has a whole network of IPv6 addresses, and is one sender with all of them.
    household = [TestClient(client.app, client=(f"2001:db8::{n}", 4711)) for n in range(1, 5)]
    answers += [upload(one, {}, a_photo()).status_code for one in household]
    monkeypatch.undo()
    get_settings.cache_clear()
    assert answers == [201, 201, 201, 429, 429, 201, 201, 201, 429]


def test_what_no_report_took_is_removed_and_what_one_took_stays(
    client: TestClient, bearer: Header, town: Town, as_actor
) -> None:  # type: ignore[no-untyped-def]
    head = town.unit_head_of(town.grids[0])
    header = as_actor(head)
    stranger = UUID(upload(client, {}, a_photo()).json()["id"])
    forgotten = UUID(upload(client, header, a_photo()).json()["id"])
    used = UUID(upload(client, header, a_photo()).json()["id"])
    body = a_report(town, head.area_code, photos=[used]).model_dump(mode="json")
    assert client.post("/api/events", json=body, headers=header).status_code == 201

    def swept(days: int) -> set[UUID]:
        gone: set[UUID] = set()
        for county in (INTAKE_COUNTY, head.home_county):
            with clock.at(datetime.now(UTC) + timedelta(days=days)):
                with unit_of_work() as session:
                    keys = tidying.remove_orphans(session, county)
                tidying.remove_files(keys)
                gone |= set(keys)
        return gone

    assert not {stranger, forgotten, used} & swept(0)
    assert stranger in (first := swept(2)) and not {forgotten, used} & first
    assert forgotten in (later := swept(31)) and used not in later
    assert not service.folder(stranger).exists() and not service.folder(forgotten).exists()
    assert client.get(f"/api/media/{used}/full.jpg", headers=header).status_code == 200


def test_a_folder_that_no_row_names_is_removed_when_it_is_old(
    client: TestClient, bearer: Header
) -> None:
    kept = UUID(upload(client, bearer("demo-unit"), a_photo()).json()["id"])
    stray = UUID(int=kept.int ^ (1 << 64))  # the same shelf
    service.folder(stray).mkdir(parents=True)
    # One that is gone by the time that it is looked at ends no round.
    service.folder(UUID(int=kept.int ^ (1 << 72))).symlink_to("/nowhere")
    shelf = kept.int & 0xFF

    def sweep(days: int) -> None:
        with clock.at(datetime.now(UTC) + timedelta(days=days)), unit_of_work() as session:
            tidying.remove_strays(session, shelf)

    sweep(0)
    assert service.folder(stray).exists()
    sweep(2)
    assert not service.folder(stray).exists() and service.folder(kept).exists()


def packed(names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return out.getvalue()


WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}
MACRO = b"<Types><Override ContentType='application/vnd.ms-office.vbaProject'/></Types>"
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\nstartxref\n9\n%%EOF\n"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (packed(WORD), 201, None),
        (PDF, 201, None),
        (packed({**WORD, "word/VBAPROJECT.BIN": b"x"}), 422, "document_macros"),
        # Macros go by their type, whatever the part is called, however the type is written.
        (packed({**WORD, "[Content_Types].xml": MACRO}), 422, "document_macros"),
        (packed({**WORD, "[Content_Types].xml": MACRO.decode().encode("utf-16")}), 422, "document_macros"),
        (packed({**WORD, "[Content_Types].xml": MACRO.replace(b"P", b"&#80;")}), 422, "document_macros"),
        (packed({**WORD, "[Content_Types].xml": b"<Types><Override ContentType='application/vnd.ms-excel.macrosheet+xml'/></Types>"}), 422, "document_macros"),
        (b"%PDF-<html><script>alert(1)</script>", 422, "document_unreadable"),
        (b"%PDF-1.7\nno end", 422, "document_unreadable"),
        (packed({**WORD, "word/media/a": bytes(300_000_000)}), 413, "document_unpacks"),
        (packed({**WORD, **{f"word/{i}": b"" for i in range(6000)}}), 413, "document_unpacks"),
        (packed(WORD)[:-10], 422, "document_unreadable"),
    ],
)  # fmt: skip
def test_a_document_is_known_by_what_it_holds(
    client: TestClient, bearer: Header, data: bytes, status: int, code: str | None
) -> None:
    answer = client.post(
        "/api/media/documents?name=a.docx", content=data, headers=bearer("demo-dept")
    )
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text


def test_a_document_keeps_its_name_with_or_without_an_ending(
    client: TestClient, bearer: Header
) -> None:
    header = bearer("demo-dept")
    for given, kept in (("申请书", "申请书.pdf"), ("a.b.pdf", "a.b.pdf"), ("...", "document.pdf")):
        sent = client.post(
            "/api/media/documents", params={"name": given}, content=PDF, headers=header
        )
        got = client.get(f"/api/media/{sent.json()['id']}/document", headers=header)
        assert quote(kept) in got.headers["content-disposition"]


def test_a_full_disk_is_said_and_nothing_half_stays(client: TestClient, bearer: Header) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (900, 900, 3), dtype=np.uint8)
    data = encoded("JPEG", Image.fromarray(noise))
    media = get_settings().media_dir
    before = {path for path in media.rglob("*") if path.is_file()}
    # No file may grow past this size: a write beyond it fails as on a full disk.
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (128 * 1024, was[1]))
    try:
        full = upload(client, bearer("demo-unit"), data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
    assert (full.status_code, full.json()["code"]) == (507, "disk_full")
    assert {path for path in media.rglob("*") if path.is_file()} == before
    assert upload(client, bearer("demo-unit"), data).status_code == 201
