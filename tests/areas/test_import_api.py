"""Importing areas through the API; what it commits stays in this module's own database."""

import io
import zipfile
from pathlib import Path

import pytest

from backend.city.areas import opening
from backend.core import apart
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
    monkeypatch.setattr(opening, "_pool", lambda: apart.Pool(1, 800, 5, once=True))
    answer = client.post(
        "/api/areas/import?kind=.zip&crs=WGS84", content=packed.getvalue(),
        headers=bearer("demo-admin"),
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_heavy")
