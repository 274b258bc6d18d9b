"""Roles and memberships: seen, changed, suspended; and never across organisations."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import event

from tests.support.people import PASSWORD, Company, Person, found_company, sign_in
from tests.support.server import Server
from tests.support.waiting import until, waiting_for_locks

SYSTEM_ROLES = ["owner", "admin", "manager", "accountant", "dispatcher", "technician", "viewer"]


async def test_roles_are_listed_strongest_first(acme: Company) -> None:
    viewer = await acme.person("viewer")
    roles = (await viewer.got("/api/v2/roles"))["data"]
    levels = [role["level"] for role in roles]
    assert levels == sorted(levels, reverse=True)
    assert sorted(role["name"] for role in roles) == sorted(SYSTEM_ROLES)
    technician = next(role for role in roles if role["name"] == "technician")
    assert (technician["record_scope"], technician["system"]) == ("own", True)
    assert "members:read" not in technician["permissions"]
    first = await viewer.got("/api/v2/roles", limit=3)
    rest = await viewer.got("/api/v2/roles", limit=10, cursor=first["next_cursor"])
    assert [r["name"] for r in first["data"] + rest["data"]] == [r["name"] for r in roles]


async def test_memberships_are_listed_filtered_and_shown(acme: Company) -> None:
    owner = await acme.person("owner")
    tess, vic = await acme.person("technician", "tess"), await acme.person("viewer", "vic")
    listed = await owner.got("/api/v2/memberships", include_total="true")
    names = [one["name"] for one in listed["data"]]
    assert names == sorted(names)
    assert listed["total"] == len(names)
    technicians = await owner.got("/api/v2/memberships", role="technician")
    assert [one["id"] for one in technicians["data"]] == [str(tess.user_id)]
    assert technicians["data"][0]["role"] == "technician"
    by_mail = await owner.got("/api/v2/memberships", email=vic.email)
    assert [one["id"] for one in by_mail["data"]] == [str(vic.user_id)]
    shown = await owner.get(f"/api/v2/memberships/{tess.user_id}")
    assert shown.json() == technicians["data"][0]
    assert shown.headers["etag"] == '"v1"'
    assert (await tess.get("/api/v2/memberships")).status_code == 403


async def test_a_new_role_counts_from_the_next_request(acme: Company) -> None:
    owner, nia = await acme.person("owner"), await acme.person("viewer", "nia")
    path = f"/api/v2/memberships/{nia.user_id}"
    assert (await nia.post("/api/v2/customers", json={"name": "Early"})).status_code == 403

    changed = await owner.patch(path, json={"role": "dispatcher"})
    assert (changed.status_code, changed.json()["role"]) == (200, "dispatcher")
    assert (changed.json()["version"], changed.headers["etag"]) == (2, '"v2"')

    stale = await nia.get("/api/v2/customers")
    assert (stale.status_code, stale.headers["x-permission-stale"]) == (401, "true")
    assert stale.json()["code"] == "permissions_stale"
    tokens = await nia.made("/api/v2/auth/refresh", {"refresh_token": nia.tokens["refresh_token"]})
    assert "customers:write" in tokens["permissions"]
    nia.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    await nia.made("/api/v2/customers", {"name": "Now"})

    story = await owner.got(f"{path}/timeline")
    assert story["data"][0]["sentence"] == "Nia is now dispatcher."
    assert story["data"][0]["actor"]["id"] == str(owner.user_id)
    again = await owner.patch(path, json={"role": "dispatcher"})
    assert again.json()["version"] == 2
    assert len((await owner.got(f"{path}/timeline"))["data"]) == len(story["data"])


async def test_a_change_of_what_moved_meanwhile_is_refused(acme: Company) -> None:
    owner, ned = await acme.person("owner"), await acme.person("viewer", "ned")
    path = f"/api/v2/memberships/{ned.user_id}"
    await owner.patched(path, 1, {"role": "dispatcher"})
    late = await owner.patch(path, json={"role": "manager"}, headers={"If-Match": '"v1"'})
    assert (late.status_code, late.json()["current"]["role"]) == (412, "dispatcher")


async def test_nobody_reaches_above_their_own_level(acme: Company) -> None:
    owner, admin = await acme.person("owner"), await acme.person("admin")
    ida = await acme.person("viewer", "ida")
    up = await admin.patch(f"/api/v2/memberships/{ida.user_id}", json={"role": "owner"})
    assert (up.status_code, up.json()["code"]) == (403, "above_own_role")
    down = await admin.patch(f"/api/v2/memberships/{owner.user_id}", json={"role": "viewer"})
    assert (down.status_code, down.json()["code"]) == (403, "above_own_role")
    out = await admin.post(f"/api/v2/memberships/{owner.user_id}/suspend")
    assert (out.status_code, out.json()["code"]) == (403, "above_own_role")
    own = await admin.patch(f"/api/v2/memberships/{admin.user_id}", json={"role": "viewer"})
    assert (own.status_code, own.json()["code"]) == (409, "own_membership")
    same = await admin.patch(f"/api/v2/memberships/{ida.user_id}", json={"role": "admin"})
    assert same.status_code == 200
    unknown = await owner.patch(f"/api/v2/memberships/{ida.user_id}", json={"role": "wizard"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (404, "/role")


async def test_a_suspended_person_is_out_at_once_and_signs_in_anew(
    server: Server, acme: Company
) -> None:
    owner, sam = await acme.person("owner"), await acme.person("dispatcher", "sam")
    path = f"/api/v2/memberships/{sam.user_id}"
    assert (await sam.get("/api/v2/me")).status_code == 200
    suspended = await owner.made(f"{path}/suspend")
    assert suspended["suspended_at"] is not None
    assert (await sam.get("/api/v2/me")).status_code == 401
    refreshed = await sam.post(
        "/api/v2/auth/refresh", json={"refresh_token": sam.tokens["refresh_token"]}
    )
    assert refreshed.status_code == 401
    credentials = {"email": sam.email, "password": PASSWORD, "org": acme.slug}
    assert (await sam.post("/api/v2/auth/login", json=credentials)).status_code == 401
    out = await owner.got("/api/v2/memberships", suspended="true")
    assert [one["id"] for one in out["data"]] == [str(sam.user_id)]
    again = await owner.post(f"{path}/suspend")
    assert (again.status_code, again.json()["code"]) == (409, "already_suspended")

    await owner.made(f"{path}/reinstate")
    assert (await sam.get("/api/v2/me")).status_code == 401, "an ended session stays ended"
    back = await sign_in(server, sam.email, acme.slug)
    assert (await back.got("/api/v2/me"))["org"]["role"] == "dispatcher"
    await back.aclose()
    reinstated = await owner.post(f"{path}/reinstate")
    assert (reinstated.status_code, reinstated.json()["code"]) == (409, "not_suspended")
    facts = [one["fact"] for one in (await owner.got(f"{path}/timeline"))["data"]]
    assert facts[:2] == ["member.reinstated", "member.suspended"]


@pytest.mark.parametrize("word", ["suspend", "demote"])
async def test_two_owners_who_turn_on_each_other_leave_one(server: Server, word: str) -> None:
    company = await found_company(server, f"duel-{word}")
    ann, bob = await company.person("owner", "ann"), await company.person("owner", "bob")
    oust = {"suspend": _suspend, "demote": _demote}[word]
    holder = await asyncpg.connect(server.database.admin)
    async with holder.transaction():
        await holder.execute(
            "select from identity.organisations where id = $1 for update", company.id
        )
        both = asyncio.gather(oust(ann, bob), oust(bob, ann))
        await until(lambda: waiting_for_locks(holder, 2))
    replies = await both
    await holder.close()
    assert sorted(reply.status_code for reply in replies) == [200, 409]
    assert next(r for r in replies if r.status_code == 409).json()["code"] == "last_owner"
    statuses = [(await one.get("/api/v2/me")).status_code for one in (ann, bob)]
    assert sorted(statuses) == [200, 401]
    await company.close()


async def _suspend(who: Person, whom: Person) -> Any:
    return await who.post(f"/api/v2/memberships/{whom.user_id}/suspend")


async def _demote(who: Person, whom: Person) -> Any:
    return await who.patch(f"/api/v2/memberships/{whom.user_id}", json={"role": "viewer"})


@pytest_asyncio.fixture
async def both(server: Server, acme: Company, rival: Company) -> AsyncIterator[tuple[Person, ...]]:
    """One person with two memberships: owner of the rival, viewer of ours."""
    email = "both@example.com"
    await acme.add(email, "Bo Th", "viewer")
    await rival.add(email, "Bo Th", "owner")
    ours, theirs = await sign_in(server, email, "acme"), await sign_in(server, email, "rival")
    yield ours, theirs
    await ours.aclose()
    await theirs.aclose()


async def test_one_person_has_a_life_of_their_own_in_each_organisation(
    acme: Company, both: tuple[Person, Person]
) -> None:
    owner = await acme.person("owner")
    ours, theirs = both
    assert ours.user_id == theirs.user_id
    path = f"/api/v2/memberships/{ours.user_id}"
    assert (await owner.got(path))["role"] == "viewer"
    assert (await theirs.got(path))["role"] == "owner"

    assert (await owner.patch(path, json={"role": "dispatcher"})).status_code == 200
    assert (await theirs.got(path))["version"] == 1
    assert (await theirs.got("/api/v2/me"))["org"]["role"] == "owner"
    await owner.made(f"{path}/suspend")
    assert (await ours.get("/api/v2/me")).status_code == 401
    assert (await theirs.got(path))["suspended_at"] is None


async def test_nobody_lets_somebody_in_again_who_may_do_more_than_they_do(acme: Company) -> None:
    owner, mia = await acme.person("owner"), await acme.person("accountant", "mia")
    role = {
        "name": "Keeper", "level": 60, "record_scope": "all",
        "permissions": ["members:read", "members:write", "customers:read"],
    }  # fmt: skip
    await owner.made("/api/v2/roles", role)
    kay = await acme.person("Keeper", "kay")
    path = f"/api/v2/memberships/{mia.user_id}"
    await owner.made(f"{path}/suspend")
    refused = await kay.post(f"{path}/reinstate")
    assert (refused.status_code, refused.json()["code"]) == (403, "above_own_role")
    assert "invoices:issue" in refused.json()["permissions"]
    assert (await owner.got(path))["suspended_at"] is not None
    await owner.made(f"{path}/reinstate")


async def test_a_stranger_is_not_there(acme: Company, rival: Company) -> None:
    owner, ann = await acme.person("owner"), await rival.person("owner", "ann")
    assert str(ann.user_id) not in (await owner.get("/api/v2/memberships?limit=200")).text
    mine = {role["id"] for role in (await owner.got("/api/v2/roles"))["data"]}
    theirs = {role["id"] for role in (await ann.got("/api/v2/roles"))["data"]}
    assert mine.isdisjoint(theirs)
    path = f"/api/v2/memberships/{ann.user_id}"
    replies = [
        await owner.get(path),
        await owner.patch(path, json={"role": "viewer"}),
        await owner.post(f"{path}/suspend"),
        await owner.post(f"{path}/reinstate"),
        await owner.get(f"{path}/timeline"),
    ]
    assert [reply.status_code for reply in replies] == [404] * 5
    assert (await ann.got(path))["version"] >= 1


@pytest.fixture
def statements(server: Server) -> Iterator[list[tuple[str, Any]]]:
    """Every statement the server sends while the test runs, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def listen(_c: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        sent.append((sql, parameters))

    engine = server.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    yield sent
    event.remove(engine, "before_cursor_execute", listen)


async def test_every_statement_on_the_identity_plane_names_the_organisation(
    acme: Company, statements: list[tuple[str, Any]]
) -> None:
    owner, una = await acme.person("owner"), await acme.person("viewer", "una")
    path = f"/api/v2/memberships/{una.user_id}"
    statements.clear()
    await owner.got("/api/v2/roles", include_total="true")
    await owner.got("/api/v2/memberships", role="viewer", suspended="false", include_total="true")
    await owner.got(path)
    assert (await owner.patch(path, json={"role": "technician"})).status_code == 200
    await owner.made(f"{path}/suspend")
    await owner.made(f"{path}/reinstate")
    tables = ("identity.memberships", "identity.roles", "identity.sessions", "identity.org")
    reaching = [one for one in statements if any(table in one[0] for table in tables)]
    assert len(reaching) >= 12
    unbound = [sql for sql, parameters in reaching if acme.id not in _values(parameters)]
    assert unbound == []


def _values(parameters: Any) -> list[Any]:
    return list(parameters.values() if isinstance(parameters, dict) else parameters)
