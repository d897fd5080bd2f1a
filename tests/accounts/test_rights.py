"""Who may put whom where: organizations, second posts, links, the last administrator, the city's own."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from backend.city.accounts.audit import What
from backend.city.accounts.models import Account, AuditEntry, Post
from backend.city.accounts.queries import running
from backend.city.organizations.models import Kind, Organization
from backend.city.staffing import appointing
from backend.core import clock, ids
from backend.core.actor import INTAKE_COUNTY, Actor, Role
from backend.core.day import today
from backend.core.db import unit_of_work
from backend.core.settings import get_settings
from tests.conftest import Town
from tests.events.makers import LEAD, a_photo, an_event_at
from tests.owner import owner
from tests.people import add_person

Bearer = Callable[[str], dict[str, str]]
AsActor = Callable[[Actor], dict[str, str]]
HEAD = "姓名,手机,岗位,区域编码,单位,用户名\n"


def a_person(
    role: Role, area: str | None, county: str, *, organization: UUID | None = None,
    password: str | None = "x", name: str = "李四",
) -> Actor:  # fmt: skip
    """Somebody with an account and one post, as an actor without a scope of their own."""
    account, post = ids.new_id(), ids.new_id()
    with owner() as session:
        add_person(session, f"p{account.hex}", name, account_id=account, password_hash=password)
        session.add(
            Post(
                id=post, account_id=account, role=role, area_code=area, home_county=county,
                organization_id=organization,
            )
        )  # fmt: skip
    return Actor(account, role, post, name, area or "", county, (), organization)


def username(actor: Actor) -> str:
    return f"p{actor.id.hex}"


def held(account_id: UUID) -> list[tuple[str, str | None]]:
    with unit_of_work() as session:
        rows = session.scalars(select(Post).where(Post.account_id == account_id, running()))
        return sorted((row.role, row.area_code) for row in rows)


def alone(*administrators: Actor) -> None:
    """Nobody else administers the whole city."""
    kept = [one.post_id for one in administrators]
    with owner() as session:
        session.execute(
            update(Post)
            .where(Post.role == Role.SYS_ADMIN, Post.area_code == "3599", Post.id.not_in(kept))
            .values(valid_to=today() - timedelta(days=1))
        )


def noted(what: What, subject: UUID) -> int:
    with owner() as session:
        return len(
            session.scalars(
                select(AuditEntry).where(
                    AuditEntry.what == what.value, AuditEntry.subject_id == subject
                )
            ).all()
        )


@pytest.fixture
def secretary(town: Town) -> Actor:
    """The secretary of the second village."""
    return next(
        a for a in town.actors.values()
        if a.role is Role.VILLAGE_SECRETARY and a.area_code == town.villages[1]
    )  # fmt: skip


class TestOrganizations:
    def test_a_secretary_cannot_hang_a_post_on_a_foreign_organization(
        self, client: TestClient, town: Town, as_actor: AsActor, secretary: Actor
    ) -> None:
        event = an_event_at(town, "handling")
        h = as_actor(secretary)
        assert client.get(f"/api/events/{event}", headers=h).status_code == 404
        unit = next(u for u in town.units if u.startswith(secretary.area_code))
        grid = next(g for g in town.grids if g.startswith(secretary.area_code))
        for role, area in (("unit_head", unit), ("grid_worker", grid)):
            for body in town.bodies.values():
                with unit_of_work() as session:
                    its = session.get(Organization, body)
                    own = its is not None and its.area_code == secretary.area_code
                sent = {"username": ids.new_id().hex, "name": "鼹鼠", "role": role,
                        "area_code": area, "organization_id": str(body)}  # fmt: skip
                answer = client.post("/api/accounts", headers=h, json=sent)
                assert answer.status_code == (201 if own else 403), (body, answer.text)

    def test_a_clerks_place_is_the_organizations_own(
        self, client: TestClient, town: Town, bearer: Bearer
    ) -> None:
        with unit_of_work() as session:
            bodies = list(session.scalars(select(Organization)))
        county = next(b for b in bodies if len(b.area_code) == 6)
        in_town = next(b for b in bodies if b.area_code == town.towns[0])
        in_village = next(b for b in bodies if b.area_code == town.villages[0])
        h = bearer("demo-town")

        def clerk(body: UUID | None, area: str | None) -> int:
            sent = {"username": ids.new_id().hex, "name": "办事员", "role": "department_clerk",
                    "area_code": area, "organization_id": str(body) if body else None}  # fmt: skip
            return client.post("/api/accounts", headers=h, json=sent).status_code

        assert clerk(county.id, None) == 403
        # The area that is given along says nothing about where the organization is.
        assert clerk(county.id, town.towns[0]) == 403
        assert clerk(in_village.id, town.towns[0]) == 422
        assert clerk(None, town.towns[0]) == 422
        assert clerk(in_town.id, None) == 201
        assert clerk(in_village.id, in_village.area_code) == 201

    def test_a_sheet_obeys_the_same(
        self, client: TestClient, town: Town, as_actor: AsActor, secretary: Actor
    ) -> None:
        unit = next(u for u in town.units if u.startswith(secretary.area_code))
        rows = f"{HEAD}鼹鼠,,单元长,{unit},{LEAD},\n"
        told = client.post(
            "/api/staff/roster", content=rows.encode(), headers=as_actor(secretary)
        ).json()
        assert [(f["row"], f["column"]) for f in told["faults"]] == [(2, "单位")]
        assert told["invited"] == []

    def test_of_two_with_one_name_a_sheet_means_the_one_of_the_place(
        self, client: TestClient, town: Town, as_actor: AsActor, secretary: Actor
    ) -> None:
        mine, theirs = ids.new_id(), ids.new_id()
        with owner() as session:
            for key, area in ((theirs, town.villages[0]), (mine, secretary.area_code)):
                session.add(Organization(id=key, name="物业站", kind=Kind.UTILITY, area_code=area))
        grid = next(g for g in town.grids if g.startswith(secretary.area_code))
        rows = f"{HEAD}张三,,网格员,{grid},物业站,\n".encode()
        told = client.post("/api/staff/roster", content=rows, headers=as_actor(secretary)).json()
        assert told["faults"] == []
        with unit_of_work() as session:
            post = session.scalars(select(Post).where(Post.organization_id.in_([mine, theirs])))
            assert [p.organization_id for p in post] == [mine]

    def test_a_closed_organization_takes_nobody(
        self, client: TestClient, town: Town, bearer: Bearer
    ) -> None:
        made = client.post(
            "/api/organizations", headers=bearer("demo-town"),
            json={"name": "临时办", "kind": "department", "area_code": town.towns[0]},
        ).json()  # fmt: skip
        path = f"/api/organizations/{made['id']}"
        assert client.delete(path, headers=bearer("demo-town")).status_code == 204
        sent = {"username": "late", "name": "迟到", "role": "department_clerk",
                "organization_id": made["id"]}  # fmt: skip
        answer = client.post("/api/accounts", headers=bearer("demo-town"), json=sent)
        assert answer.status_code == 422


class TestSecondPosts:
    def adopt(
        self, client: TestClient, headers: dict[str, str], person: Actor, area: str,
        role: str = "unit_head", **more: Any,
    ) -> Any:  # fmt: skip
        sent = {"username": username(person), "name": person.name, "role": role,
                "area_code": area} | more  # fmt: skip
        return client.post("/api/accounts", headers=headers, json=sent)

    def test_who_is_known_gets_a_second_post_and_keeps_the_account(
        self, client: TestClient, town: Town, as_actor: AsActor, bearer: Bearer
    ) -> None:
        village = town.villages[0]
        first, second = [u for u in town.units if u.startswith(village)][:2]
        head = a_person(Role.UNIT_HEAD, first, town.counties[0])
        answer = self.adopt(client, bearer("demo-village"), head, second)
        assert answer.status_code == 201
        assert (answer.json()["link"], answer.json()["qr_svg"]) == (None, None)
        assert held(head.id) == [("unit_head", first), ("unit_head", second)]
        h = as_actor(head)
        posts = client.get("/api/auth/me", headers=h).json()["posts"]
        assert {p["area_code"] for p in posts} == {first, second}
        words = [n["words"] for n in client.get("/api/notices", headers=h).json()]
        assert any("one more post" in w for w in words)
        assert noted(What.APPOINTED, head.id) == 1
        # The same again is told, and adds nothing.
        assert self.adopt(client, bearer("demo-village"), head, second).status_code == 409
        # A grid worker as well: two roles for one person.
        grid = first[:15]
        answer = self.adopt(client, bearer("demo-village"), head, grid, "grid_worker")
        assert answer.status_code == 201 and len(held(head.id)) == 3

    def test_another_name_is_another_person(
        self, client: TestClient, town: Town, bearer: Bearer
    ) -> None:
        unit = next(u for u in town.units if u.startswith(town.villages[0]))
        head = a_person(Role.UNIT_HEAD, unit, town.counties[0])
        answer = self.adopt(client, bearer("demo-village"), head, unit[:15], "grid_worker",
                            name="王五")  # fmt: skip
        assert answer.status_code == 409 and len(held(head.id)) == 1

    def test_a_sheet_adds_posts_too(self, client: TestClient, town: Town, bearer: Bearer) -> None:
        first, second = [u for u in town.units if u.startswith(town.villages[0])][2:4]
        head = a_person(Role.UNIT_HEAD, first, town.counties[0])
        rows = (
            f"李四,,单元长,{second},,{username(head)}\n"
            f"新来,,单元长,{first},,adopts\n新来,,单元长,{second},,adopts\n"
        )
        told = client.post(
            "/api/staff/roster", content=(HEAD + rows).encode(), headers=bearer("demo-village")
        ).json()
        assert told["faults"] == []
        assert [bool(i["link"]) for i in told["invited"]] == [False, True, False]
        assert len(held(head.id)) == 2
        again = client.post(
            "/api/staff/roster", content=(HEAD + rows).encode(), headers=bearer("demo-village")
        ).json()
        assert [(f["row"], f["column"]) for f in again["faults"]] == [
            (n, "用户名") for n in (2, 3, 4)
        ]

    def test_a_sheet_tells_of_posts_on_it_that_stand_apart(
        self, client: TestClient, town: Town, bearer: Bearer
    ) -> None:
        """Also of somebody new: trying it said that all was well, and doing it refused it all."""
        rows = f"{HEAD}两头,,审计员,3599,,both-ends\n两头,,单元长,{town.units[0]},,both-ends\n"
        told = client.post(
            "/api/staff/roster?dry=true", content=rows.encode(), headers=bearer("demo-admin")
        ).json()
        assert [(f["row"], f["column"]) for f in told["faults"]] == [(3, "岗位")]

    def test_nobody_appoints_themselves_and_some_posts_stand_apart(
        self, client: TestClient, town: Town, bearer: Bearer, as_actor: AsActor
    ) -> None:
        admin = a_person(Role.SYS_ADMIN, "3599", INTAKE_COUNTY)
        answer = self.adopt(client, as_actor(admin), admin, town.towns[0], "town_dispatcher")
        assert answer.status_code == 403
        desk = a_person(Role.TOWN_DISPATCHER, town.towns[0], town.counties[0])
        for role in ("sys_admin", "auditor"):
            answer = self.adopt(client, bearer("demo-admin"), desk, "3599", role)
            assert answer.status_code == 409, role
        answer = self.adopt(client, bearer("demo-admin"), admin, town.towns[0], "town_dispatcher")
        assert answer.status_code == 409

    def test_pressed_twice_at_once_it_is_one_post(self, town: Town) -> None:
        first, second = [u for u in town.units if u.startswith(town.villages[0])][4:6]
        head = a_person(Role.UNIT_HEAD, first, town.counties[0])
        wanted = appointing.Wanted(username(head), head.name, Role.UNIT_HEAD, second)
        refused = []

        def press() -> None:
            try:
                with unit_of_work(town["demo-village"]) as session:
                    appointing.appoint(session, town["demo-village"], wanted)
            except appointing.Conflict as conflict:
                refused.append(conflict.code)

        presses = [Thread(target=press) for _ in range(4)]
        for one in presses:
            one.start()
        for one in presses:
            one.join()
        assert refused == ["post_held_already"] * 3
        assert held(head.id) == [("unit_head", first), ("unit_head", second)]


class TestLinks:
    def again(self, client: TestClient, headers: dict[str, str], person: Actor) -> Any:
        return client.post(f"/api/accounts/{person.id}/invitations", headers=headers)

    def test_nobody_gets_a_link_to_an_account_with_posts_elsewhere(
        self, client: TestClient, town: Town, bearer: Bearer
    ) -> None:
        mine, theirs = (next(u for u in town.units if u.startswith(v)) for v in town.villages)
        person = a_person(Role.UNIT_HEAD, mine, town.counties[0], password=None)
        assert self.again(client, bearer("demo-village"), person).status_code == 201
        with owner() as session:
            session.add(Post(account_id=person.id, role="unit_head", area_code=theirs,
                             home_county=town.counties[0]))  # fmt: skip
        refused = self.again(client, bearer("demo-village"), person)
        assert (refused.status_code, refused.json()["code"]) == (403, "account_holds_others")
        # Whoever governs both may.
        assert self.again(client, bearer("demo-town"), person).status_code == 201
        assert noted(What.INVITED_AGAIN, person.id) == 2

    def test_an_account_with_a_password_is_opened_anew_by_an_administrator_alone(
        self, client: TestClient, town: Town, bearer: Bearer, as_actor: AsActor
    ) -> None:
        unit = next(u for u in town.units if u.startswith(town.villages[0]))
        person = a_person(Role.UNIT_HEAD, unit, town.counties[0])
        for who in ("demo-village", "demo-town"):
            answer = self.again(client, bearer(who), person)
            assert (answer.status_code, answer.json()["code"]) == (403, "account_has_password")
        small = a_person(Role.SYS_ADMIN, town.towns[0], town.counties[0])
        assert self.again(client, as_actor(small), person).status_code == 201
        leader = a_person(Role.LEADER, "3599", INTAKE_COUNTY)
        assert self.again(client, as_actor(small), leader).status_code == 404
        with owner() as session:
            session.add(Post(account_id=person.id, role="leader", area_code=town.counties[0],
                             home_county=town.counties[0]))  # fmt: skip
        assert self.again(client, as_actor(small), person).status_code == 403
        assert self.again(client, bearer("demo-admin"), person).status_code == 201
        assert self.again(client, as_actor(small), small).status_code == 403

    def test_an_older_link_does_not_open_a_post_that_came_after_it(
        self, client: TestClient, town: Town, bearer: Bearer
    ) -> None:
        unit = next(u for u in town.units if u.startswith(town.villages[0]))
        sent = {"username": "trap", "name": "陷阱", "role": "unit_head", "area_code": unit}
        made = client.post("/api/accounts", headers=bearer("demo-village"), json=sent).json()
        sent |= {"role": "village_secretary", "area_code": town.villages[1]}
        assert (
            client.post("/api/accounts", headers=bearer("demo-town"), json=sent).status_code == 201
        )
        secret = made["link"].split("#")[1]
        opened = client.post(
            "/api/auth/invitation",
            json={"secret": secret, "password": "a long password 1", "bearer": True},
        )
        assert opened.status_code == 404


class TestEndingPosts:
    def test_the_last_administrator_stays(
        self, client: TestClient, town: Town, bearer: Bearer, as_actor: AsActor
    ) -> None:
        first = town["demo-admin"]
        alone(first)
        for body in ({}, {"own": True}):
            answer = client.post(
                f"/api/posts/{first.post_id}/end", headers=bearer("demo-admin"), json=body
            )
            assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
        # One who never joined administers nothing.
        a_person(Role.SYS_ADMIN, "3599", INTAKE_COUNTY, password=None)
        path = f"/api/posts/{first.post_id}/end"
        assert (
            client.post(path, headers=bearer("demo-admin"), json={"own": True}).status_code == 409
        )
        second = a_person(Role.SYS_ADMIN, "3599", INTAKE_COUNTY)
        h = as_actor(second)
        asked = client.post(f"/api/posts/{second.post_id}/end", headers=h, json={})
        assert (asked.status_code, asked.json()["code"]) == (409, "ends_own_post")
        done = client.post(f"/api/posts/{second.post_id}/end", headers=h, json={"own": True})
        assert done.status_code == 204 and noted(What.POST_ENDED, second.id) == 1

    @pytest.mark.parametrize("how", ["end", "disable"])
    def test_two_that_shut_each_other_out_at_once_leave_one(
        self, client: TestClient, town: Town, as_actor: AsActor, how: str
    ) -> None:
        first = town["demo-admin"]
        alone(first)
        two = [a_person(Role.SYS_ADMIN, "3599", INTAKE_COUNTY) for _ in range(2)]
        alone(*two)
        answers: list[int] = []

        def end(who: Actor, whom: Actor) -> None:
            path = f"/api/posts/{whom.post_id}/end"
            if how == "disable":
                path = f"/api/accounts/{whom.id}/disable"
            body = {"reason": "互相停用"} if how == "disable" else {}
            answers.append(client.post(path, headers=headers[who.id], json=body).status_code)

        headers = {one.id: as_actor(one) for one in two}
        ends = [Thread(target=end, args=pair) for pair in (two, two[::-1])]
        for one in ends:
            one.start()
        for one in ends:
            one.join()
        # The second waits, and finds either that it is the last or that its own post has ended.
        assert sorted(answers)[0] == 204 and sorted(answers)[1] in (401, 404, 409)
        with owner() as session:
            open_ = [session.get_one(Account, one.id).disabled_at is None for one in two]
            held_ = [bool(held(one.id)) for one in two]
            assert [a and b for a, b in zip(open_, held_, strict=True)].count(True) == 1
            session.execute(update(Post).where(Post.id == first.post_id).values(valid_to=None))

    def test_a_smaller_administrator_ends_and_makes_nothing_above(
        self, client: TestClient, town: Town, as_actor: AsActor
    ) -> None:
        small = a_person(Role.SYS_ADMIN, town.towns[0], town.counties[0])
        h = as_actor(small)
        path = f"/api/posts/{town['demo-admin'].post_id}/end"
        assert client.post(path, headers=h, json={}).status_code == 404
        for area in ("3599", town.counties[0]):
            sent = {
                "username": ids.new_id().hex,
                "name": "高",
                "role": "sys_admin",
                "area_code": area,
            }
            assert client.post("/api/accounts", headers=h, json=sent).status_code == 403
        assert town["demo-admin"].id not in {
            UUID(p["account_id"])
            for p in client.get("/api/staff?size=200", headers=h).json()["items"]
        }


class TestTheCitysOwn:
    def test_it_is_written_from_a_post_of_the_whole_city(
        self, client: TestClient, town: Town, as_actor: AsActor, bearer: Bearer
    ) -> None:
        writes: list[tuple[str, str, dict[str, Any]]] = [
            ("PUT", "/api/calendar", {"json": {"hours": [["08:00", "12:00"]], "days": []}}),
            ("POST", "/api/calendar/days", {"content": b"x"}),
            ("POST", "/api/categories/schemes", {"content": b"x"}),
            ("PUT", "/api/notices/templates/told.file", {"json": {"words": "x"}}),
        ]
        for area in (town.towns[0], town.counties[0]):
            h = as_actor(a_person(Role.SYS_ADMIN, area, town.counties[0]))
            for method, path, sent in writes:
                answer = client.request(method, path, headers=h, **sent)
                assert (answer.status_code, answer.json()["code"]) == (403, "needs_city_post"), path

    def test_a_countys_procedure_counts_there_and_leaves_the_citys_alone(
        self, client: TestClient, town: Town, as_actor: AsActor, bearer: Bearer
    ) -> None:
        def version(who: str, code: str) -> int:
            listed = client.get("/api/procedures", headers=bearer(who)).json()
            return next(p["version"] for p in listed if p["body"]["code"] == code)

        body = client.get("/api/procedures", headers=bearer("demo-admin")).json()[0]["body"]
        code = body["code"]
        first = version("demo-admin", code)
        made = client.post("/api/procedures", headers=bearer("demo-county"), json=body)
        assert made.status_code == 201
        seen = [version(who, code) for who in ("demo-village", "demo-county", "demo-admin")]
        assert seen == [first + 1, first + 1, first]
        # A later edition of the city's does not undo the county's own.
        later = body | {"zh": "改过的程序"}
        assert client.post("/api/procedures", headers=bearer("demo-city"), json=later).is_success
        seen = [version(who, code) for who in ("demo-village", "demo-admin")]
        assert seen == [first + 1, first + 2]
        small = as_actor(a_person(Role.SYS_ADMIN, town.towns[0], town.counties[0]))
        for method in ("POST", "DELETE"):
            path = "/api/procedures" if method == "POST" else f"/api/procedures/{code}"
            answer = client.request(
                method, path, headers=small, json=body if method == "POST" else None
            )
            assert (answer.status_code, answer.json()["code"]) == (403, "needs_county_post")
        # Withdrawn, the city's counts again, and the county can begin anew.
        county = bearer("demo-county")
        left = client.delete(f"/api/procedures/{code}", headers=county)
        assert left.status_code == 200, left.text
        assert {p["area_code"] for p in left.json()} == {""}
        seen = [version(who, code) for who in ("demo-village", "demo-county", "demo-admin")]
        assert seen == [first + 2, first + 2, first + 2]
        for who in ("demo-county", "demo-city"):
            again = client.delete(f"/api/procedures/{code}", headers=bearer(who))
            assert (again.status_code, again.json()["code"]) == (404, "procedure_not_own"), who
        assert client.post("/api/procedures", headers=county, json=body).is_success
        assert version("demo-village", code) == first + 4

    def test_a_procedure_gives_its_steps_to_those_who_may_take_them(
        self, client: TestClient, bearer: Bearer
    ) -> None:
        procedure = client.get("/api/procedures", headers=bearer("demo-admin")).json()[0]["body"]
        procedure["steps"][0]["who"] = ["auditor"]
        answer = client.post("/api/procedures", headers=bearer("demo-admin"), json=procedure)
        assert (answer.status_code, answer.json()["code"]) == (422, "procedure_who")

    def test_areas_and_rules_are_changed_where_one_governs(
        self, client: TestClient, town: Town, as_actor: AsActor
    ) -> None:
        h = as_actor(a_person(Role.SYS_ADMIN, town.towns[0], town.counties[0]))

        def imported(code: str) -> int:
            return client.post(
                "/api/areas/import?kind=.csv&crs=WGS84", headers=h,
                content=f"code,name\n{code},x\n".encode(),
            ).status_code  # fmt: skip

        assert [imported(c) for c in ("3599", town.counties[0], "359902998")] == [403] * 3
        assert imported(f"{town.villages[0]}998") == 200
        rule = {"area_code": town.counties[0], "name": "x", "condition": {}}
        assert client.post("/api/routing/rules", headers=h, json=rule).status_code == 403


def test_administrators_read_no_cases(
    client: TestClient, town: Town, bearer: Bearer, as_actor: AsActor
) -> None:
    event = an_event_at(town, "handling")
    h = bearer("demo-admin")
    for path in ("/api/events", f"/api/events/{event}", "/api/items", "/api/reviews",
                 "/api/deliberations", f"/api/notices/messages?event={event}", "/api/hot-spots",
                 "/api/events/near?lon=119&lat=25", "/api/indicators?area=3599"):  # fmt: skip
        assert client.get(path, headers=h).status_code == 403, path
    # And were a route forgotten, the scope is empty: both locks hold.
    from backend.city.accounts.scopes import slices

    with unit_of_work() as session:
        post = session.get(Post, town["demo-admin"].post_id)
        assert post is not None and slices(session, post) == ()
    assert get_settings().public_url


def test_who_only_reads_never_writes(client: TestClient, town: Town, bearer: Bearer) -> None:
    event = an_event_at(town, "handling")

    def comment() -> dict[str, str]:
        return {"client_id": str(ids.new_id()), "action": "comment", "note": "x"}

    report = {"client_id": str(ids.new_id()), "text": "x", "category": "0201",
              "area_code": town.units[0]}  # fmt: skip
    for who in ("demo-audit", "demo-admin", "demo-leader"):
        assert client.post("/api/events", headers=bearer(who), json=report).status_code == 403
    for who in ("demo-audit", "demo-admin"):
        h = bearer(who)
        for path, body in (
            (f"/api/events/{event}/steps", comment() | {"action": "urge"}),
            (f"/api/items/{event}/steps", comment()),
            (f"/api/deliberations/{event}/steps", comment()),
            ("/api/reviews/join", {"code": "123456"}),
            (f"/api/reviews/{event}/entries/{event}/remarks", {"text": "x"}),
            (f"/api/reviews/{event}/entries/{event}/vote", {"choice": "yes"}),
        ):
            method = "PUT" if path.endswith("vote") else "POST"
            assert client.request(method, path, headers=h, json=body).status_code == 403, path


def test_seeing_a_meeting_is_not_being_there(
    client: TestClient, town: Town, bearer: Bearer
) -> None:
    chair = bearer("demo-village")
    an_event_at(town, "reported")
    called = client.post(
        "/api/reviews", headers=chair,
        json={"client_id": str(ids.new_id()), "area_code": town.villages[0],
              "starts_at": clock.now().isoformat()},
    ).json()  # fmt: skip
    path = f"/api/reviews/{called['id']}"
    running = client.post(f"{path}/open", headers=chair).json()
    remarks = f"{path}/entries/{running['entries'][0]['id']}/remarks"
    leader = bearer("demo-leader")
    assert client.get(path, headers=leader).status_code == 200
    said = client.post(remarks, headers=leader, json={"text": "x"})
    assert (said.status_code, said.json()["code"]) == (403, "review_sign_in_first")
    assert client.post(
        "/api/reviews/join", headers=leader, json={"code": running["code"]}
    ).is_success
    assert client.post(remarks, headers=leader, json={"text": "x"}).status_code == 204
    assert client.post(remarks, headers=chair, json={"text": "x"}).status_code == 204


def test_who_only_reads_brings_no_photo_and_no_report(
    client: TestClient, town: Town, as_actor: AsActor
) -> None:
    paths = ("/api/media", "/api/media/documents?name=a.pdf", "/api/public/events")
    for role in (Role.AUDITOR, Role.SYS_ADMIN):
        reader = as_actor(a_person(role, town.towns[0], town.counties[0]))
        for path in paths:
            answer = client.post(path, headers=reader, content=a_photo())
            assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed"), path
    # A stranger does, and a leader, whose comments carry photos.
    leader = as_actor(a_person(Role.LEADER, town.towns[0], town.counties[0]))
    for headers in ({}, leader):
        assert client.post("/api/media", headers=headers, content=a_photo()).status_code == 201
