"""Asking people in: by mail, up to one's own level, once, and for as long as it is meant."""

import asyncio
from typing import Any

import asyncpg
import pytest

from app.core.limits import Policy
from app.services.identity import invitations
from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Company, Person
from tests.support.post import delivered, text_of, token_in
from tests.support.queries import counted
from tests.support.server import Server

PATH, ACCEPT = "/api/v2/invitations", "/api/v2/invitations/accept"
UNLIKE = {"id", "created_at", "email", "expires_at"}


async def _invite(who: Person, email: str, role: str = "dispatcher") -> Any:
    return await who.made(PATH, {"email": email, "name": "Ned New", "role": role})


async def test_somebody_new_is_invited_accepts_and_comes_in(
    server: Server, acme: Company, browser: Browser
) -> None:
    owner = await acme.person("owner")
    made = await _invite(owner, "Ned@example.com")
    assert (made["status"], made["role"], made["sent"]) == ("open", "dispatcher", 1)
    assert not any("token" in name for name in made)
    mail = await delivered(server, "ned@example.com")
    assert mail["Subject"] == "Owner invites you to Acme"
    assert "as dispatcher" in text_of(mail)
    token = token_in(mail)

    weak = await browser.write("POST", ACCEPT, json={"token": token, "password": "short"})
    assert weak.json()["errors"][0]["code"] == "too_short"
    body = {"token": token, "password": PASSWORD, "name": "Nedward New"}
    replies = await asyncio.gather(*(browser.write("POST", ACCEPT, json=body) for _ in range(3)))
    assert sorted(one.status_code for one in replies) == [200, 422, 422]
    joined = next(one.json() for one in replies if one.status_code == 200)
    assert joined == {"org": "acme", "email": "ned@example.com"}
    assert not await browser.signed_in()
    assert (await browser.sign_in("ned@example.com")).json()["org"]["role"] == "dispatcher"
    assert (await owner.got(f"{PATH}/{made['id']}"))["status"] == "accepted"
    over = await owner.delete(f"{PATH}/{made['id']}")
    assert (over.status_code, over.json()["code"]) == (409, "over")
    people = (await owner.got("/api/v2/memberships", limit=200))["data"]
    ned = next(one for one in people if one["email"] == "ned@example.com")
    story = (await owner.got(f"/api/v2/memberships/{ned['id']}/timeline"))["data"]
    assert story[0]["sentence"] == "Nedward New joined as dispatcher."


async def test_somebody_of_another_company_joins_with_the_password_they_have(
    server: Server, acme: Company, rival: Company, browser: Browser
) -> None:
    await rival.add("both@example.com", "Bo Th", "owner")
    await _invite(await acme.person("owner"), "both@example.com", "viewer")
    token = token_in(await delivered(server, "both@example.com"))
    body = {"token": token, "password": "not the right passphrase"}
    wrong = await browser.write("POST", ACCEPT, json=body)
    assert wrong.json()["errors"][0]["code"] == "wrong_password"
    right = await browser.write("POST", ACCEPT, json={**body, "password": PASSWORD})
    assert right.status_code == 200
    listed = (await browser.sign_in("both@example.com")).json()["organisations"]
    assert [one["slug"] for one in listed] == ["acme", "rival"]


async def test_nobody_invites_above_themselves(acme: Company) -> None:
    admin = await acme.person("admin")
    body = {"email": "up@example.com", "name": "U P", "role": "owner"}
    above = await admin.post(PATH, json=body)
    assert (above.status_code, above.json()["code"]) == (403, "above_own_role")
    unknown = await admin.post(PATH, json={**body, "role": "emperor"})
    assert unknown.status_code == 404
    dispatcher = await acme.person("dispatcher")
    assert (await dispatcher.post(PATH, json={**body, "role": "viewer"})).status_code == 403


async def test_who_is_here_or_invited_is_not_invited_again(acme: Company) -> None:
    owner = await acme.person("owner")
    await _invite(owner, "once@example.com")
    body = {"email": "ONCE@example.com", "name": "On Ce", "role": "viewer"}
    twice = await owner.post(PATH, json=body)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_invited")
    here = await owner.post(PATH, json={**body, "email": owner.email})
    assert (here.status_code, here.json()["code"]) == (409, "already_member")


async def test_sent_again_the_link_before_is_dead_and_taken_back_both_are(
    server: Server, acme: Company, browser: Browser
) -> None:
    owner = await acme.person("owner")
    made = await _invite(owner, "again@example.com")
    first = token_in(await delivered(server, "again@example.com"))
    sent = await owner.made(f"{PATH}/{made['id']}/resend")
    assert sent["sent"] == 2
    second = token_in(await delivered(server, "again@example.com", more_than=1))
    dead = await browser.post(ACCEPT, json={"token": first, "password": PASSWORD})
    assert (dead.status_code, dead.json()["code"]) == (422, "ticket_not_valid")
    assert (await owner.delete(f"{PATH}/{made['id']}")).status_code == 204
    gone = await browser.post(ACCEPT, json={"token": second, "password": PASSWORD})
    assert (gone.status_code, gone.json()["detail"]) == (422, dead.json()["detail"])
    revoked = await owner.got(PATH, status="revoked")
    assert made["id"] in [one["id"] for one in revoked["data"]]
    await _invite(owner, "again@example.com")


async def test_an_invitation_ends_after_seven_days(
    server: Server, acme: Company, browser: Browser, behind: asyncpg.Connection
) -> None:
    owner = await acme.person("owner")
    made = await _invite(owner, "week@example.com")
    token = token_in(await delivered(server, "week@example.com"))
    await behind.execute(
        "update identity.invitations set expires_at = expires_at - interval '7 days'"
        " where email = 'week@example.com'"
    )
    late = await browser.post(ACCEPT, json={"token": token, "password": PASSWORD})
    assert late.json()["code"] == "ticket_not_valid"
    assert (await owner.got(f"{PATH}/{made['id']}"))["status"] == "expired"


@pytest.mark.parametrize(
    ("lost", "change", "status"),
    [
        ("nothing", {"name": "Recruiter as before"}, 200),
        ("members:write", {"permissions": ["members:read", "customers:read"]}, 422),
        ("what-it-gives", {"permissions": ["members:read", "members:write"]}, 422),
        ("the-scope", {"record_scope": "own"}, 422),
        ("the-level", {"level": 3}, 422),
    ],
)
async def test_an_invitation_gives_what_its_sender_could_still_give(
    server: Server, acme: Company, browser: Browser, lost: str, change: dict[str, Any], status: int
) -> None:
    owner = await acme.person("owner")
    small = {
        "name": f"Seasonal {lost}", "level": 5, "record_scope": "team",
        "permissions": ["customers:read"],
    }  # fmt: skip
    recruiter = {
        "name": f"Recruiter {lost}", "level": 60, "record_scope": "all",
        "permissions": ["members:read", "members:write", "customers:read"],
    }  # fmt: skip
    await owner.made("/api/v2/roles", small)
    made = await owner.made("/api/v2/roles", recruiter)
    sender = await acme.person(recruiter["name"], f"sender {lost}")
    email = f"{lost.replace(':', '-')}@example.com"
    await _invite(sender, email, small["name"])
    token = token_in(await delivered(server, email))
    await owner.patched(f"/api/v2/roles/{made['id']}", 1, change)
    body = {"token": token, "password": PASSWORD}
    assert (await browser.post(ACCEPT, json=body)).status_code == status


async def test_an_invitation_is_worth_no_more_than_who_sent_it(
    server: Server, acme: Company, browser: Browser
) -> None:
    owner, admin = await acme.person("owner"), await acme.person("admin", "leaving")
    await _invite(admin, "mole@example.com", "admin")
    token = token_in(await delivered(server, "mole@example.com"))
    people = (await owner.got("/api/v2/memberships", limit=200))["data"]
    leaving = next(one for one in people if one["email"] == admin.email)
    await owner.made(f"/api/v2/memberships/{leaving['id']}/suspend")
    refused = await browser.post(ACCEPT, json={"token": token, "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (422, "ticket_not_valid")


async def test_an_address_is_not_written_to_without_end_whoever_asks(
    server: Server, acme: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Policy("invitation-mails-beyond", 2, 24 * 3600)
    monkeypatch.setattr(invitations, "BEYOND", few)
    email, owner, theirs = (
        "pest@example.com",
        await acme.person("owner"),
        await rival.person("owner"),
    )
    made = await _invite(owner, email)
    await owner.made(f"{PATH}/{made['id']}/resend")
    await owner.made(f"{PATH}/{made['id']}/resend")
    again = await owner.post(f"{PATH}/{made['id']}/resend")
    assert (again.status_code, again.json()["code"]) == (429, "too_many_mails")
    assert 0 < int(again.headers["retry-after"]) <= 12 * 3600
    assert "pest@example.com has been sent many invitations today" in again.json()["detail"]
    assert (await owner.got(f"{PATH}/{made['id']}"))["sent"] == 3
    await _invite(owner, "other@example.com")
    # whoever uses up what strangers may send keeps nobody else from inviting them
    first = await _invite(theirs, email)
    again = await theirs.post(f"{PATH}/{first['id']}/resend")
    assert (again.status_code, again.json()["code"]) == (429, "too_many_mails")


async def test_one_organisation_does_not_write_to_an_address_without_end(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "WRITTEN_TO", Policy("invitation-mails", 2, 24 * 3600))
    owner = await acme.person("owner")
    made = await _invite(owner, "poor@example.com")
    await owner.made(f"{PATH}/{made['id']}/resend")
    again = await owner.post(f"{PATH}/{made['id']}/resend")
    assert (again.status_code, again.json()["code"]) == (429, "too_many_mails")


async def test_an_invitation_says_nothing_of_whom_we_know(
    server: Server, acme: Company, rival: Company
) -> None:
    owner = await acme.person("owner")
    await rival.add("known@example.com", "Kno Wn", "viewer")
    seen = []
    for who in ("known", "nobody"):
        with counted(server) as queries:
            made = await _invite(owner, f"{who}@example.com")
        told = {name: value for name, value in made.items() if name not in UNLIKE}
        kinds = [" ".join(one.split()[:4]) for one in queries]
        mail = await delivered(server, f"{who}@example.com")
        seen.append((told, kinds, mail["Subject"], text_of(mail).replace(token_in(mail), "")))
    assert seen[0] == seen[1]
