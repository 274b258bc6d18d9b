"""Roles that an organisation makes: nobody raises anybody above themselves by them (rows B1, A3)."""

from typing import Any

import asyncpg

from tests.support.people import Company, Person, sign_in
from tests.support.server import Server

ROLES, INVITATIONS = "/api/v2/roles", "/api/v2/invitations"
NIGHT = {
    "name": "Night desk",
    "level": 40,
    "record_scope": "all",
    "permissions": ["visits:read", "customers:read", "customers:write", "members:read"],
}


async def _holder(company: Company, name: str, role: dict[str, Any]) -> Person:
    """Somebody new who holds this role, given by the owner."""
    owner, person = await company.person("owner"), await company.person("viewer", name)
    await owner.patched(f"/api/v2/memberships/{person.user_id}", 1, {"role": role["name"]})
    await person.again()
    return person


async def test_a_role_is_made_given_changed_and_counts_at_once(acme: Company) -> None:
    owner = await acme.person("owner")
    made = await owner.made(ROLES, NIGHT)
    assert made["permissions"] == sorted(NIGHT["permissions"])
    assert (made["system"], made["version"]) == (False, 1)
    nora = await _holder(acme, "nora", made)
    await nora.made("/api/v2/customers", {"name": "By night"})

    changed = await owner.patched(f"{ROLES}/{made['id']}", 1, {"permissions": ["customers:read"]})
    assert changed["version"] == 2
    stale = await nora.get("/api/v2/customers")
    assert (stale.status_code, stale.headers["x-permission-stale"]) == (401, "true")
    await nora.again()
    assert (await nora.post("/api/v2/customers", json={"name": "No"})).status_code == 403
    late = await owner.patch(
        f"{ROLES}/{made['id']}", json={"level": 1}, headers={"If-Match": '"v1"'}
    )
    assert (late.status_code, late.json()["current"]["version"]) == (412, 2)

    told = (await owner.got("/api/v2/organisation/timeline"))["data"]
    may = ", ".join(sorted(NIGHT["permissions"]))
    assert [one["sentence"] for one in told[:2]] == [
        "The role Night desk was changed: may no longer customers:write, members:read, visits:read.",
        f"The role Night desk was made: level 40, sees everything, may {may}.",
    ]
    hers = (await owner.got(f"/api/v2/memberships/{nora.user_id}/timeline"))["data"]
    assert hers[0]["sentence"] == told[0]["sentence"]


async def test_a_new_name_alone_disturbs_nobody(acme: Company) -> None:
    owner = await acme.person("owner")
    made = await owner.made(ROLES, {**NIGHT, "name": "Weekend desk"})
    wim = await _holder(acme, "wim", made)
    await owner.patched(f"{ROLES}/{made['id']}", 1, {"name": "Sunday desk"})
    assert (await wim.got("/api/v2/me"))["org"]["role"] == "Sunday desk"


async def test_a_role_is_deleted_when_nobody_holds_it(acme: Company) -> None:
    owner = await acme.person("owner")
    made = await owner.made(ROLES, {**NIGHT, "name": "Helper"})
    hal = await _holder(acme, "hal", made)
    held = await owner.delete(f"{ROLES}/{made['id']}")
    assert (held.status_code, held.json()["code"]) == (409, "in_use")
    assert held.json()["detail"].startswith("1 person has the role Helper.")
    await owner.patched(f"/api/v2/memberships/{hal.user_id}", 2, {"role": "viewer"})
    assert (await owner.delete(f"{ROLES}/{made['id']}")).status_code == 204
    assert (await owner.get(f"{ROLES}/{made['id']}")).status_code == 404
    await owner.made(ROLES, {**NIGHT, "name": "Helper"})


async def test_a_role_is_deleted_when_no_open_invitation_gives_it(acme: Company) -> None:
    owner = await acme.person("owner")
    made = await owner.made(ROLES, {**NIGHT, "name": "Seasonal"})
    asked = [
        await owner.made(
            INVITATIONS, {"email": f"{name}@example.com", "name": name, "role": "Seasonal"}
        )
        for name in ("sten", "sol")
    ]
    waiting = await owner.delete(f"{ROLES}/{made['id']}")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "in_use")
    assert waiting.json()["detail"].startswith("2 open invitations give the role Seasonal.")
    for one in asked:
        assert (await owner.delete(f"{INVITATIONS}/{one['id']}")).status_code == 204
    assert (await owner.delete(f"{ROLES}/{made['id']}")).status_code == 204
    over = await owner.got(f"{INVITATIONS}/{asked[0]['id']}")
    assert (over["status"], over["role"], over["role_id"]) == ("revoked", "Seasonal", None)
    assert asked[1]["id"] in [one["id"] for one in (await owner.got(INVITATIONS))["data"]]


async def test_an_invitation_that_ran_out_outlives_its_role(
    server: Server, acme: Company, behind: asyncpg.Connection
) -> None:
    owner = await acme.person("owner")
    made = await owner.made(ROLES, {**NIGHT, "name": "Interim"})
    body = {"email": "ina@example.com", "name": "Ina", "role": "Interim"}
    asked = await owner.made(INVITATIONS, body)
    await behind.execute(
        "update identity.invitations set expires_at = expires_at - interval '7 days'"
        " where email = 'ina@example.com'"
    )
    assert (await owner.delete(f"{ROLES}/{made['id']}")).status_code == 204
    gone = await owner.post(f"{INVITATIONS}/{asked['id']}/resend")
    assert (gone.status_code, gone.json()["code"]) == (409, "role_gone")
    assert (await owner.delete(f"{INVITATIONS}/{asked['id']}")).status_code == 204
    told = (await owner.got("/api/v2/organisation/timeline"))["data"]
    assert "Interim" in told[0]["sentence"]


async def test_the_roles_one_is_born_with_stay(acme: Company) -> None:
    owner = await acme.person("owner")
    born = next(one for one in (await owner.got(ROLES))["data"] if one["name"] == "technician")
    path = f"{ROLES}/{born['id']}"
    for reply in (await owner.patch(path, json={"level": 99}), await owner.delete(path)):
        assert (reply.status_code, reply.json()["code"]) == (409, "system_role")
    twice = await owner.post(ROLES, json={**NIGHT, "name": "technician"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_exists")


async def test_nobody_makes_gives_or_takes_what_they_do_not_have(acme: Company) -> None:
    owner = await acme.person("owner")
    keeper = {
        "name": "Keeper",
        "level": 60,
        "record_scope": "own",
        "permissions": ["members:read", "members:write", "customers:read"],
    }
    kim = await _holder(acme, "kim", await owner.made(ROLES, keeper))
    vic = await acme.person("viewer", "vic")
    small = {"name": "Small", "level": 60, "record_scope": "own", "permissions": ["members:read"]}
    mine = await kim.made(ROLES, small)

    for more in (
        {"level": 61},
        {"record_scope": "all"},
        {"permissions": ["members:read", "invoices:issue"]},
    ):
        made = await kim.post(ROLES, json={**small, "name": "More", **more})
        edited = await kim.patch(f"{ROLES}/{mine['id']}", json=more)
        for reply in (made, edited):
            assert (reply.status_code, reply.json()["code"]) == (403, "above_own_role"), more
    assert made.json()["permissions"] == ["invoices:issue"]

    wide = await owner.made(ROLES, {**NIGHT, "name": "Wide", "level": 5})
    path = f"/api/v2/memberships/{vic.user_id}"
    refused = [
        await kim.patch(path, json={"role": "Wide"}),  # gives what she has not
        await kim.patch(path, json={"role": "Small"}),  # vic is a viewer, who sees everything
        await kim.patch(f"{ROLES}/{wide['id']}", json={"level": 4}),
        await kim.delete(f"{ROLES}/{wide['id']}"),
    ]
    assert [reply.json()["code"] for reply in refused] == ["above_own_role"] * 4
    own = next(one for one in (await kim.got(ROLES))["data"] if one["name"] == "Keeper")
    reply = await kim.patch(f"{ROLES}/{own['id']}", json={"permissions": ["members:write"]})
    assert (reply.status_code, reply.json()["code"]) == (409, "own_role")
    assert (await owner.post(ROLES, json={**NIGHT, "level": 100})).status_code == 422


async def test_a_role_of_another_organisation_is_not_there(
    server: Server, acme: Company, rival: Company
) -> None:
    owner, ann = await acme.person("owner"), await rival.person("owner")
    theirs = await ann.made(ROLES, {**NIGHT, "name": "Theirs"})
    vic = await acme.person("viewer", "vera")
    replies = [
        await owner.get(f"{ROLES}/{theirs['id']}"),
        await owner.patch(f"{ROLES}/{theirs['id']}", json={"level": 1}),
        await owner.delete(f"{ROLES}/{theirs['id']}"),
        await owner.patch(f"/api/v2/memberships/{vic.user_id}", json={"role": "Theirs"}),
    ]
    assert [reply.status_code for reply in replies] == [404] * 4
    again = await sign_in(server, ann.email, rival.slug)
    assert (await again.got(f"{ROLES}/{theirs['id']}"))["version"] == 1
    await again.aclose()
