"""Importing areas through the API; what it commits stays in this module's own database."""

from pathlib import Path

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
