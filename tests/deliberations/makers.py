"""Motions, rolls and assemblies for tests, through the API as people would."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient

from backend.core import clock
from tests.conftest import Town
from tests.events.makers import a_photo

SIZES = {"two_committees": 7, "party_assembly": 9, "villager_rep_assembly": 12}
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
Headers = dict[str, str]


class Village:
    """A village that decides: its secretary, its reviewers, and short ways to take a step."""

    def __init__(self, client: TestClient, bearer: Callable[[str], Headers], town: Town) -> None:
        self.client, self.town = client, town
        self.code = town["demo-village"].area_code
        self.secretary = bearer("demo-village")
        self.party, self.centre = bearer("demo-party"), bearer("demo-town")
        for assembly, size in SIZES.items():
            self.roll(assembly, [f"{assembly[:5]}{i}" for i in range(size)])

    def roll(self, assembly: str, names: list[str]) -> Any:
        return self.client.put(
            f"/api/rolls/{assembly}?area={self.code}", json={"names": names}, headers=self.secretary
        )

    def motion(self, **changes: Any) -> dict[str, Any]:
        body = {
            "client_id": str(uuid4()), "area_code": self.code, "procedure": "five_step",
            "title": "村道拓宽到六米", "matter": "spend", "words": "支出 38 万元拓宽村道，资金来自村集体收入。",
            "amount": 380000,
        }  # fmt: skip
        made = self.client.post("/api/deliberations", json=body | changes, headers=self.secretary)
        assert made.status_code == 201, made.text
        shown: dict[str, Any] = made.json()
        return shown

    def step(
        self, motion: dict[str, Any], action: str, who: Headers | None = None, **fields: Any
    ) -> Any:
        return self.client.post(
            f"/api/deliberations/{motion['id']}/steps", headers=who or self.secretary,
            json={"client_id": str(uuid4()), "action": action} | fields,
        )  # fmt: skip

    def take(
        self, motion: dict[str, Any], action: str, who: Headers | None = None, **fields: Any
    ) -> dict[str, Any]:
        answer = self.step(motion, action, who, **fields)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def document(self, data: bytes = PDF, name: str = "预算.pdf") -> str:
        answer = self.client.post(
            "/api/media/documents", params={"name": name}, content=data, headers=self.secretary
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def photo(self) -> str:
        return str(
            self.client.post("/api/media", content=a_photo(), headers=self.secretary).json()["id"]
        )

    def sitting(
        self, motion: dict[str, Any], present: int, yes: int, no: int = 0, **changes: Any
    ) -> dict[str, Any]:
        """What an assembly of the step's roll brought: the first ``present`` of it came."""
        shown = self.client.get(f"/api/deliberations/{motion['id']}", headers=self.secretary).json()
        members = [m["id"] for m in shown["roll"]["members"]]
        fields = {
            "held_at": clock.now().isoformat(), "place": "村部会议室", "chair": "陈书记",
            "present": members[:present], "yes": yes, "no": no, "abstain": present - yes - no,
        }  # fmt: skip
        return fields | changes

    def hold(self, motion: dict[str, Any], present: int, yes: int, no: int = 0) -> dict[str, Any]:
        return self.take(
            motion, "hold", sitting=self.sitting(motion, present, yes, no), photos=[self.photo()]
        )


LONGER = timedelta(days=5)
