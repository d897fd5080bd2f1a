"""Whose post ends is followed in the restricted cases that the post had, and in no others."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.city.accounts.models import Account, Post
from backend.city.organizations.models import Kind, Organization
from backend.city.staffing import posts
from backend.core import delivery, ids
from backend.core.actor import INTAKE_COUNTY, Actor, Role
from backend.core.db import unit_of_work
from backend.matters.events.models import Assignment, Event
from backend.subscriptions import HANDLERS
from tests.conftest import Town
from tests.events.makers import HELPER, LEAD, an_event_at, reported
from tests.owner import owner
from tests.people import add_person


def somebody(session: Session) -> Account:
    return add_person(session, f"handing-{ids.new_id()}", "交接人")


def post_of(session: Session, town: Town, account: Account, role: Role, **where: object) -> Post:
    home = INTAKE_COUNTY if where.pop("citys", False) else town.counties[0]
    post = Post(account_id=account.id, role=role, home_county=home, **where)
    session.add(post)
    session.flush()
    return post


def clerk_of(session: Session, town: Town, account: Account, body: str) -> Post:
    where = {"organization_id": town.bodies[body]}
    return post_of(session, town, account, Role.DEPARTMENT_CLERK, **where)


def restricted_to(event_id: UUID, *people: UUID) -> UUID:
    with owner() as session:
        event = session.scalars(select(Event).where(Event.id == event_id)).one()
        event.restricted, event.named = True, sorted(people)
    return event_id


def given(event_id: UUID, body: UUID) -> None:
    """An organization is at it as well."""
    with owner() as session:
        event = session.scalars(select(Event).where(Event.id == event_id)).one()
        session.add(
            Assignment(
                county_code=event.county_code, event_id=event_id, organization_id=body,
                lead=False, status="accepted",
            )
        )  # fmt: skip


def ended(actor: Actor, post: Post, successor: UUID | None) -> None:
    with unit_of_work(actor) as session:
        posts.end(session, actor, post.id, successor)
    while delivery.drain(post.home_county, HANDLERS):
        pass


def named(event_id: UUID) -> set[UUID]:
    with owner() as session:
        return set(session.scalars(select(Event.named).where(Event.id == event_id)).one())


def test_a_clerks_successor_is_shown_what_the_office_was_given_and_nothing_else(
    town: Town,
) -> None:
    with owner() as session:
        leaves, follows = somebody(session), somebody(session)
        post = clerk_of(session, town, leaves, LEAD)
        clerk_of(session, town, follows, LEAD)
    desk = town["demo-village"].id
    offices = restricted_to(an_event_at(town, "handling"), desk, leaves.id)
    # Named by hand in another case of the county, as a witness for one.
    others = restricted_to(reported(town, town.unit_head_of(town.villages[1])), desk, leaves.id)
    ended(town["demo-town"], post, follows.id)
    assert named(offices) == {desk, follows.id}
    assert named(others) == {desk, leaves.id}


def test_who_has_the_case_by_another_post_as_well_stays_named(town: Town) -> None:
    with owner() as session:
        leaves, follows = somebody(session), somebody(session)
        post = clerk_of(session, town, leaves, LEAD)
        clerk_of(session, town, leaves, HELPER)
        clerk_of(session, town, follows, LEAD)
    desk = town["demo-village"].id
    leads, both = an_event_at(town, "handling"), an_event_at(town, "handling")
    given(both, town.bodies[HELPER])
    for event_id in (leads, both):
        restricted_to(event_id, desk, leaves.id)
    ended(town["demo-town"], post, follows.id)
    assert named(leads) == {desk, follows.id}
    assert named(both) == {desk, leaves.id, follows.id}


def test_a_post_of_the_whole_city_is_followed_in_the_counties(town: Town) -> None:
    """Its fact is one of the city's own county, where none of its cases lies."""
    with owner() as session:
        leaves, follows = somebody(session), somebody(session)
        bureau = Organization(name="市水务局", kind=Kind.DEPARTMENT, area_code="3599")
        session.add(bureau)
        session.flush()
        desk_post = post_of(
            session, town, leaves, Role.CITY_DISPATCHER, area_code="3599", citys=True
        )
        clerks_post = post_of(
            session, town, leaves, Role.DEPARTMENT_CLERK, organization_id=bureau.id, citys=True
        )
        post_of(session, town, follows, Role.CITY_DISPATCHER, area_code="3599", citys=True)
    desk = town["demo-village"].id
    bureaus = restricted_to(an_event_at(town, "handling"), desk, leaves.id)
    given(bureaus, bureau.id)
    anywhere = restricted_to(reported(town, town.unit_head_of(town.grids[0])), desk, leaves.id)
    ended(town["demo-admin"], desk_post, follows.id)
    assert named(anywhere) == {desk, follows.id}
    assert named(bureaus) == {desk, leaves.id, follows.id}
    ended(town["demo-admin"], clerks_post, None)
    assert named(bureaus) == {desk, follows.id}


def test_of_a_case_that_nobody_else_is_named_in_the_holder_stays(town: Town) -> None:
    with owner() as session:
        leaves = somebody(session)
        post = clerk_of(session, town, leaves, LEAD)
    alone = restricted_to(an_event_at(town, "handling"), leaves.id)
    ended(town["demo-town"], post, None)
    assert named(alone) == {leaves.id}
