"""Importing areas through the API; what it commits stays in this module's own database."""

import io
import zipfile
from pathlib import Path

import pytest

from backend.city.areas import opening
from gis import ogr
from tests.areas.test_importing import collection


def test_an_administrator_imports_through_the_api(client, bearer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    admin = bearer("demo-admin")
    good = collection(tmp_path, ".geojson").read_bytes()
    path = "/api/areas/import?kind=.geojson&crs=WGS84"
    answer = client.post(path, content=good, headers=admin)
    assert (answer.status_code, answer.json()["added"]) == (200, 1)
    for kind in (".geojson", ".GeoJSON"):
        again = client.post(path.replace(".geojson", kind), content=good, headers=admin)
        assert again.json()["unchanged"] == 1
    table = "code,name\n359902101051,好的\n35990,短了\n".encode("gb18030")
    faulty = "/api/areas/import?kind=.csv&crs=WGS84"
    refused = client.post(faulty, content=table, headers=admin).json()
    assert (refused["refused"], refused["added"], refused["faults"][0]["row"]) == (True, 0, 2)
    assert (
        client.post(f"{faulty}&keep_good=true", content=table, headers=admin).json()["added"] == 1
    )
    broken = client.post(path, content=b"{", headers=admin)
    assert (broken.status_code, broken.json()["code"]) == (422, "file_unreadable")
    unknown = client.post("/api/areas/import?kind=.geojson&crs=moon", content=good, headers=admin)
    assert unknown.status_code == 422


def test_a_small_file_that_unpacks_to_a_large_one_is_told_and_nobody_else_notices(
    client, bearer, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.geojson", "w") as member,
    ):
        member.write(b'{"type": "FeatureCollection", "features": [')
        for _ in range(1_000):
            member.write(
                b'{"type": "Feature", "properties": {"code": "1"}, "geometry": null},' * 1_000
            )
        member.write(b'{"type": "Feature", "properties": {"code": "1"}, "geometry": null}]}')
    assert len(packed.getvalue()) < 1_000_000
    # The line that the product has, with narrower bounds: half a minute of its own would be waited for.
    monkeypatch.setattr(opening, "MEMORY_MB", 800)
    monkeypatch.setattr(opening, "CPU_S", 5)
    opening._pool.cache_clear()
    answer = client.post(
        "/api/areas/import?kind=.zip&crs=WGS84", content=packed.getvalue(),
        headers=bearer("demo-admin"),
    )  # fmt: skip
    opening._pool.cache_clear()
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_heavy")


def elsewhere(path: Path) -> bytes:
    """A file that holds nothing and says where to read: GDAL's own kind of file for that."""
    return (
        '<OGRVRTDataSource><OGRVRTLayer name="secret">'
        f'<SrcDataSource relativeToVRT="0">{path}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


def test_a_file_that_points_elsewhere_is_not_followed(client, bearer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    secret = tmp_path / "secret.csv"
    secret.write_text("code,name\nWATCHWORD,x\n")
    good = collection(tmp_path, ".geojson")
    for target in (secret, good):
        pointer = elsewhere(target)
        sent_as = [(".geojson", pointer), (".gpkg", pointer)]
        sent_as += [(".zip", zipped(name, pointer)) for name in ("a.vrt", "a.shp", "a.geojson")]
        for kind, sent in sent_as:
            answer = client.post(
                f"/api/areas/import?kind={kind}&crs=WGS84", content=sent,
                headers=bearer("demo-admin"),
            )  # fmt: skip
            assert (answer.status_code, answer.json()["code"]) == (422, "file_unreadable"), kind
            assert "WATCHWORD" not in answer.text


def test_only_the_kinds_that_we_name_are_opened() -> None:
    assert ogr.also_read() == set()
    assert set(ogr.pyogrio.list_drivers(read=True)) >= ogr.READS


def test_a_file_of_boundaries_is_opened_apart(client, bearer, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    good = collection(tmp_path, ".gpkg").read_bytes()

    def here(*_: object, **__: object) -> None:
        raise AssertionError("a foreign file is opened in the process that serves")

    monkeypatch.setattr(ogr.pyogrio.raw, "read", here)
    answer = client.post(
        "/api/areas/import?kind=.gpkg&crs=WGS84", content=good, headers=bearer("demo-admin")
    )
    assert answer.status_code == 200, answer.text
