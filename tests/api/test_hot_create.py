"""A customer who is added on the short way is added as by the route: answer, journal and all.

Statements of the ORM tell which way was gone; the short way sends none.
"""

import asyncio
import re
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.api import adding
from app.core import clock
from app.core.crypto import token_hash
from app.core.hot import SETTINGS
from app.services.hot.registry import ADD_CUSTOMER
from tests.isolation.walls import undone
from tests.support.browsers import Browser
from tests.support.database import Database
from tests.support.people import Person
from tests.support.queries import counted
from tests.support.world import World

PATH = "/api/v2/customers"
EVERYTHING = {
    "kind": "business",
    "stage": "prospect",
    "name": '  É{mark} “½” \\ / " \u2028 \U0001f6b0 ',
    "email": "{mark}@EXAMPLE.com",
    "phone": "(312) 555-0{n}1",
    "second_phone": "+13125560{n}2",
    "billing_street": "90417 {mark} Street",
    "billing_city": "São {mark}",
    "billing_region": "IL",
    "billing_postal_code": "60601",
    "payment_terms_days": 0,
    "tax_exempt": True,
    "source": "a friend",
    "notes": "One\nTwo\tThree {{}}",
    "external_key": "key {mark}",
}
MARKS = {
    ("owner", False): ("Quxvbwyt", "Zjakmohp"),
    ("owner", True): ("Fyrtgscl", "Pndxeuaz"),
    ("blind", False): ("Hvzoqeri", "Bkusmjla"),
    ("blind", True): ("Tdwpynfx", "Cgiohrve"),
}
"""Names that resemble nobody's."""
MANY = """
set local session_replication_role = replica;
insert into search_documents (org_id, entity_id, entity, title, subtitle, words, digits)
  select '{org}', gen_random_uuid(), (array['customer', 'site', 'work_order'])[n % 3 + 1], 'many',
         '', md5(n::text), '' from generate_series(1, 3000) n;
insert into sites (org_id, id, street, city, region, postal_code, country, time_zone)
  select '{org}', gen_random_uuid(), n || ' Main Street', 'Topeka', 'KS', n % 100, 'US', 'UTC'
    from generate_series(1, 3000) n;
analyze search_documents;
analyze sites;
set local session_replication_role = origin;
load 'auto_explain';
"""
EXPLAINED = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "client_min_messages": "log",
    "role": "truckroll_app",
}
OWN = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z|\+1312\d+|\"id\":\d+")


def draft(which: dict[str, Any], mark: str, n: int) -> dict[str, Any]:
    return {
        name: value.format(mark=mark, n=n) if isinstance(value, str) else value
        for name, value in which.items()
    }


async def added(person: Person, world: World, body: Any, *, hot: bool, **sent: Any) -> Any:
    """The reply, once it is sure which way was gone."""
    with counted(world.company.server) as queries:
        reply = await person.post(PATH, json=body, **sent)
    assert (queries == []) is hot, queries
    return reply


async def told(person: Person, reply: Any, mark: str) -> list[str]:
    """Everything that is said of a new customer, without what is its own."""
    id = reply.json()["id"]
    pages = [
        f"{PATH}/{id}",
        f"{PATH}/{id}/history",
        f"{PATH}/{id}/timeline",
        f"/api/v2/search?q={mark}",
    ]
    texts = [reply.text, *[(await person.get(page)).text for page in pages]]
    return [OWN.sub("~", re.sub(mark, "MARK", text, flags=re.IGNORECASE)) for text in texts]


@pytest.mark.parametrize("which", [{"name": "{mark}"}, EVERYTHING], ids=["name", "everything"])
@pytest.mark.parametrize("role", ["owner", "blind"])
async def test_a_customer_is_added_the_same_both_ways(
    ours: World, monkeypatch: pytest.MonkeyPatch, which: dict[str, Any], role: str
) -> None:
    company, owner = ours.company, ours.owner
    if role == "blind" and "blind" not in company.people:
        held = ["customers:read", "customers:write", "search:read"]
        new = {"name": "Blind", "level": 5, "record_scope": "all", "permissions": held}
        await owner.made("/api/v2/roles", new)
        await company.person("Blind", "blind")
    person = owner if role == "owner" else company.people["blind"]
    n = 10 + len(which) + 2 * (role == "blind")
    one, other = MARKS[role, len(which) > 1]
    short = await added(person, ours, draft(which, one, n), hot=True)
    said = await told(person, short, one)
    monkeypatch.setattr(adding, "fits", lambda _: False)
    plain = await added(person, ours, draft(which, other, n + 1), hot=False)
    assert said == await told(person, plain, other)
    assert short.status_code == plain.status_code == 201
    assert "customer.created" in said[3] or "added" in said[3]
    for name in ("content-type", "etag", "cache-control", "vary"):
        assert short.headers.get(name) == plain.headers.get(name), name
    assert short.headers["etag"] == '"v1"'


async def test_asking_again_adds_nobody_and_answers_the_same(ours: World) -> None:
    owner = ours.owner
    for sent, body in (
        ({"headers": {"Idempotency-Key": "hot 1"}}, {"name": "Vprtsk Nbdelq"}),
        ({}, {"name": "Gwhzca Ipomxy", "id": "0192f0a0-0000-7000-8000-00000000c001"}),
    ):
        first = await added(owner, ours, body, hot=True, **sent)
        again = await added(owner, ours, body, hot=False, **sent)
        assert first.status_code == again.status_code == 201
        assert again.content == first.content
        assert again.headers["etag"] == first.headers["etag"]
        assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (
            None,
            "true",
        )
        other = await owner.post(PATH, json={**body, "notes": "other"}, **sent)
        assert other.json()["code"] == "idempotency_key_reused"
        found = await owner.got("/api/v2/search", q=body["name"], types="customer")
        assert len(found["data"]) == 1


async def test_whoever_resembles_somebody_is_told_the_same_both_ways(
    ours: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = ours.owner
    held = draft(EVERYTHING, "Lomqadif", 33)
    first = (await added(owner, ours, held, hot=True)).json()["id"]
    house = {"street": "4711 Kqvwz Road", "city": "Ostrava", "postal_code": "60601-1234"}
    await owner.made("/api/v2/sites", {**house, "customer_id": first})
    contact = {"name": "Ctrzp Bwvnk", "mobile": "+13125557788", "email": "ctrzp@example.com"}
    links = [{"customer_id": first, "roles": ["billing"]}]
    await owner.made("/api/v2/contacts", {**contact, "customers": links})
    street = {"billing_street": "4711 Kqvwz Rd"}
    for name, shared, reasons in (
        ("Vprzd Kqtbm", {"email": held["email"]}, ["same e-mail address"]),
        ("Gxnsk Wvdtz", {"phone": held["phone"]}, ["same phone"]),
        ("Bqlmt Rzvkd", {"second_phone": held["second_phone"]}, ["same phone"]),
        (held["name"], {}, ["similar name"]),
        (held["name"], {"phone": contact["mobile"]}, ["same phone", "similar name"]),
        ("Vbnqt Drfgh", {"email": contact["email"]}, ["same e-mail address"]),
        ("Rdnms Tplxv", {**street, "billing_postal_code": "60601"}, ["similar address"]),
        ("Kwzvt Gbhnq", {**street, "billing_postal_code": "60601-1234"}, ["similar address"]),
        ("Zcxvr Mndqp", {**street, "billing_city": "OSTRAVA"}, ["similar address"]),
    ):
        answers = []
        for hot in (True, False):
            monkeypatch.setattr(adding, "fits", lambda _, hot=hot: hot)
            reply = await added(owner, ours, {"name": name, **shared}, hot=hot)
            assert reply.status_code == 201, reply.text
            answers.append(OWN.sub("~", reply.text))
            (one,) = reply.json()["possible_duplicates"]
            assert (one["id"], one["reasons"]) == (first, reasons), name
            await owner.delete(f"{PATH}/{reply.json()['id']}")
        assert answers[0] == answers[1], name


async def test_what_is_asked_again_of_somebody_who_resembles_is_answered_the_same(
    ours: World,
) -> None:
    owner = ours.owner
    body = {"name": "Pqzvm Trnwk"}
    first = await added(owner, ours, body, hot=True)
    sent = {"headers": {"Idempotency-Key": "hot and alike"}}
    second = await added(owner, ours, body, hot=True, **sent)
    again = await added(owner, ours, body, hot=False, **sent)
    (one,) = second.json()["possible_duplicates"]
    assert (one["id"], one["grade"]) == (first.json()["id"], "possible")
    assert again.content == second.content
    assert len((await owner.got("/api/v2/search", q="pqzvm"))["data"]) == 2


async def test_whoever_reads_no_contacts_is_told_of_none(ours: World) -> None:
    held = ["customers:read", "customers:write"]
    new = {"name": "No contacts", "level": 5, "record_scope": "all", "permissions": held}
    await ours.owner.made("/api/v2/roles", new)
    blind = await ours.company.person("No contacts", "no contacts")
    customer = await ours.owner.made(PATH, {"name": "Jfdkw Qvzml"})
    contact = {"name": "Ltvxb Wsqrn", "phone": "+13125557799", "mobile": "+13125557796"}
    contact["email"] = "ltvxb@example.com"
    links = [{"customer_id": customer["id"], "roles": ["billing"]}]
    await ours.owner.made("/api/v2/contacts", {**contact, "customers": links})
    for name, shared in (("Hjxqw Plkmz", "phone"), ("Gdtqk Fmwvz", "email")):
        body = {"name": name, shared: contact[shared]}
        reply = await added(blind, ours, body, hot=True)
        assert (reply.status_code, reply.json()["possible_duplicates"]) == (201, [])
    both = {"name": "Jfdkw Qvzml", "phone": contact["mobile"]}
    (one,) = (await added(blind, ours, both, hot=True)).json()["possible_duplicates"]
    assert (one["id"], one["reasons"]) == (customer["id"], ["similar name"])


async def test_what_is_refused_is_refused_by_the_route(ours: World) -> None:
    owner, company = ours.owner, ours.company
    key = {"name": "Mnvxr Qtolb", "external_key": "taken once"}
    await added(owner, ours, key, hot=True)
    taken = await added(owner, ours, {**key, "name": "Bsdzp Wkuyf"}, hot=False)
    assert (taken.status_code, taken.json()["code"]) == (409, "already_exists")
    for body, status in (
        ({"name": " "}, 422),
        ({"name": "Xcvwr", "unknown": 1}, 422),
        ({"name": "Xcvwr", "phone": "12"}, 422),
        ({"name": "Xcvwr", "id": "no"}, 422),
        ({"name": "Xcvwr", "parent_id": "0192f0a0-0000-7000-8000-00000000dead"}, 404),
        (["Xcvwr"], 422),
    ):
        assert (await owner.post(PATH, json=body)).status_code == status, body
    for content, status in ((b'{"name": "A", "name": "B"}', 400), (b"{", 400), (b"", 422)):
        sent = {"Content-Type": "application/json"}
        assert (await owner.post(PATH, content=content, headers=sent)).status_code == status
    typed = await owner.post(PATH, content=b"name=A", headers={"Content-Type": "text/plain"})
    assert typed.status_code == 415
    viewer = await company.person("viewer", "hot viewer")
    refused = await viewer.post(PATH, json={"name": "Kqjzx Wbnvp"})
    assert (refused.status_code, refused.json()["permission"]) == (403, "customers:write")
    assert (await owner.got("/api/v2/search", q="kqjzx"))["data"] == []


async def test_a_page_of_ours_adds_on_the_short_way_and_no_other_page_does(ours: World) -> None:
    browser = Browser(ours.company.server)
    await browser.sign_in(ours.owner.email, ours.company.slug)
    with counted(ours.company.server) as queries:
        reply = await browser.write("POST", PATH, json={"name": "Rfvbn Tgbyh"})
    assert queries == []
    assert reply.status_code == 201
    forged = await browser.post(PATH, json={"name": "Zaqxs Wcdev"})
    assert (forged.status_code, forged.json()["code"]) == (403, "csrf")
    assert (await ours.owner.got("/api/v2/search", q="zaqxs"))["data"] == []


async def test_a_connection_lost_meanwhile_is_said_and_nobody_is_added_twice(
    ours: World, database: Database
) -> None:
    admin = await asyncpg.connect(database.admin)
    async with admin.transaction():
        await admin.execute("lock table customers in share mode")
        asked = asyncio.create_task(ours.owner.post(PATH, json={"name": "Oplkm Ujnhb"}))
        waiting = None
        async with asyncio.timeout(4):
            while waiting is None:
                waiting = await admin.fetchval(
                    "select pid from pg_stat_activity where wait_event_type = 'Lock'"
                    " and application_name = 'truckroll hot reads' and datname = current_database()"
                )
                await asyncio.sleep(0.02)
        await admin.execute(f"select pg_terminate_backend({waiting})")
        reply = await asked
    await admin.close()
    assert reply.status_code == 503, reply.text
    assert reply.headers["retry-after"] == "2"
    assert (await ours.owner.got("/api/v2/search", q="oplkm"))["data"] == []
    assert (await ours.owner.post(PATH, json={"name": "Oplkm Ujnhb"})).status_code == 201


async def test_whom_somebody_resembles_is_looked_up_by_indexes_that_hold_little_else(
    ours: World, database: Database
) -> None:
    """Names among customers alone; postal codes sign by sign, whatever language the database sorts in."""
    told: list[str] = []
    caller = [token_hash(ours.owner.tokens["access_token"]), clock.now(), "api", "plans", ""]
    named = ["person", "active", "Jwqzp Kfvxl", "jwqzp kfvxl", "jwqzp@example.com"]
    named += ["+13125559901", "+13125559902"]
    house = ["4711 Kqvwz Road", None, None, "AB1 CX", None, False, None, None, None, None]
    async with undone(database) as connection:
        await connection.execute(MANY.format(org=ours.company.id))
        for name, value in {**SETTINGS, **EXPLAINED}.items():
            await connection.execute("select set_config($1, $2, true)", name, value)
        connection.add_log_listener(lambda _, message: told.append(message.message))
        arguments = [*caller, None, None, b"", uuid4(), *named, *house]
        assert (await connection.fetchrow(ADD_CUSTOMER, *arguments))["state"] == "ok"
    plans = "\n".join(told)
    assert "Bitmap Index Scan on ix_search_documents_customers" in plans, plans
    assert "ix_search_documents_words" not in plans, plans
    assert "using ix_customers_second_phone" in plans, plans
    (house_scan,) = re.findall(r"ix_sites_house .*\n.*Index Cond: (.* ~>=~ .*)", plans)
    assert "~<~" in house_scan
    assert "house =" in house_scan
    assert "Seq Scan" not in plans, plans
