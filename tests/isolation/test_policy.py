"""Every role on every operation: what a server answers is what the checked-in table says (check A2).

Nobody changes anything here: a read asks for what is there; a write comes without its body and for an
id that nobody has, so that whoever may is told what is wrong with it, and whoever may not is told that.
"""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from tests.support.deep import DEEP
from tests.support.people import Person
from tests.support.policy import MAY, MAY_NOT, ROLES, public, signed_in, table, written
from tests.support.routes import READS, Route
from tests.support.world import World, a_logo

PUBLIC = {
    "accept_invitation", "confirm_email", "confirm_mfa", "confirm_sign_up", "download_export",
    "enroll_mfa",
    "forget_password", "health", "health_live", "health_ready", "refresh_session",
    "reset_password", "sign_in", "sign_up", "verify_mfa",
}  # fmt: skip
"""Operations that ask nobody who they are; a new one is added here on purpose."""
ENDING = {"sign_out", "end_all_my_sessions"}
"""Operations that end the session that asks: others ask."""


@pytest_asyncio.fixture(scope="module")
async def people(ours: World) -> AsyncIterator[dict[str, Person]]:
    """Somebody of each role."""
    yield {role: await ours.company.person(role, f"policy {role}") for role in ROLES}
    await a_logo(ours)  # whoever may has taken it away


def test_the_table_has_a_row_for_each_operation() -> None:
    committed = "\n".join(",".join(row.values()) for row in table().values())
    today = "\n".join(written().splitlines()[1:])
    assert committed == today, "Look at what changed, then write it anew: make policy"


def test_what_is_public_is_public_on_purpose() -> None:
    assert public() == PUBLIC


@pytest.mark.parametrize("route", signed_in(), ids=lambda route: route.id)
async def test_each_role_is_answered_as_the_table_says(
    route: Route, ours: World, people: dict[str, Person]
) -> None:
    row = table()[route.id]
    askers = await leavers(ours) if route.id in ENDING else people
    asking = askers_of(route)
    observed = {role: verdict(await asked(ours, route, askers[role])) for role in asking}
    assert observed == {role: row[role] for role in asking}


def askers_of(route: Route) -> list[str]:
    """One role that may and one that may not, other ones for the next route; deep, all of them."""
    row, turn = table()[route.id], len(route.id)
    each = [[role for role in ROLES if row[role] == word] for word in (MAY, MAY_NOT)]
    return list(ROLES) if DEEP else [roles[turn % len(roles)] for roles in each if roles]


async def test_nobody_is_asked_to_sign_in(ours: World) -> None:
    async with httpx2.AsyncClient(base_url=ours.company.server.url, timeout=30) as nobody:
        replies = {route.id: await asked(ours, route, nobody) for route in signed_in()}
    answers = {name: (one.status_code, one.json()["code"]) for name, one in replies.items()}
    assert answers == dict.fromkeys(answers, (401, "not_signed_in"))


async def test_a_suspended_member_is_nobody(ours: World) -> None:
    sam = await ours.company.person("admin", "policy suspended")
    members = await ours.owner.got("/api/v2/memberships", limit=200)
    (his,) = [one["id"] for one in members["data"] if one["email"] == sam.email]
    await ours.owner.made(f"/api/v2/memberships/{his}/suspend")
    answers = {route.id: (await asked(ours, route, sam)).status_code for route in signed_in()}
    assert answers == dict.fromkeys(answers, 401)


async def leavers(world: World) -> dict[str, Person]:
    """Somebody of each role whose sessions may end."""
    return {role: await world.company.person(role, f"leaving {uuid4()}") for role in ROLES}


async def asked(world: World, route: Route, who: httpx2.AsyncClient) -> httpx2.Response:
    """The reply to a call that changes nothing."""
    call = world.call(route)
    if route.method not in READS:
        call.path = {name: str(uuid4()) for name in call.path}
        call.body = {}
    return await call.send(who)


def verdict(reply: httpx2.Response) -> str:
    """What the table would say of this reply."""
    assert reply.status_code < 500, reply.text
    assert reply.status_code != 401, reply.text
    return MAY_NOT if reply.status_code == 403 else MAY
