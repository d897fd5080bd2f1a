"""Where it was: the camera's memory offered on the phone, and a pin moved by the desk."""

import io
import re
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import expect

from backend.seeding.pictures import street
from tests.e2e.conftest import DESK, PHONE, People
from tests.e2e.test_loop import where_the_unit_is

pytestmark = pytest.mark.browser


def taken_at(lon: float, lat: float, file: Path) -> Path:
    """A photo whose EXIF says where it was taken (WGS 84 degrees, minutes, seconds)."""
    image = Image.open(io.BytesIO(street("0201", 2)))
    exif = image.getexif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLatitude: (int(lat), 0.0, lat % 1 * 3600),
            ExifTags.GPS.GPSLongitude: (int(lon), 0.0, lon % 1 * 3600),
        }
    )  # fmt: skip
    image.save(file, "JPEG", exif=exif)
    return file


def test_a_phone_that_does_not_know_asks_the_photo_and_the_desk_moves_the_pin(
    people: People, tmp_path: Path
) -> None:
    head = people("demo-unit", PHONE, permissions=[])
    lon, lat = where_the_unit_is(head.page)
    head.page.goto("/m")
    head.page.locator(".shutter input").set_input_files(taken_at(lon, lat, tmp_path / "here.jpg"))
    head.page.get_by_text("道路积水").click()
    head.page.get_by_label("一句话说明").fill("照片知道在哪里")
    hint = head.page.get_by_role("status").filter(has_text="照片里记着拍摄地点")
    expect(hint).to_be_visible()
    head.shot("30-photo-knows")
    head.fits()
    head.accessible()
    with head.page.expect_response(lambda r: r.url.endswith("/api/events")) as sent:
        hint.get_by_role("button", name="用照片的地点").click()
        head.page.get_by_role("button", name="上 报").click()
    event = head.page.request.get(f"/api/events/{sent.value.json()['id']}").json()
    assert (event["lon"], event["lat"]) == pytest.approx((lon, lat), abs=1e-5)
    # The photo had travelled ahead, and belongs to the report once.
    assert len(event["timeline"][0]["photos"]) == 1

    desk = people("demo-village", DESK)
    desk.page.goto("/?state=reported")
    desk.page.get_by_role("button", name=re.compile("照片知道在哪里")).first.click()
    desk.page.get_by_text("其他操作").click()
    desk.page.get_by_role("button", name="核对位置").click()
    form = desk.page.locator("form.card")
    pin = form.locator(".place[data-ready=yes] canvas")
    expect(form.get_by_role("button", name="核对位置")).to_be_disabled()
    box = pin.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    desk.page.mouse.move(*middle)
    desk.page.mouse.down()
    desk.page.mouse.move(middle[0] - 40, middle[1], steps=5)
    desk.page.mouse.up()
    expect(form.get_by_role("button", name="核对位置")).to_be_enabled()
    desk.shot("31-pin-moved")
    with desk.page.expect_response(re.compile("/steps$")) as taken:
        form.get_by_role("button", name="核对位置").click()
    moved = taken.value.json()
    assert moved["lon"] > lon + 1e-5 and moved["lat"] == pytest.approx(lat, abs=1e-4)
