"""Every list as a table: `Accept: text/csv`."""

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from app.core.tables import Format, neutral, restored
from tests.support.field import a_job, technician
from tests.support.journal import numbered, relaying
from tests.support.people import Company, Person
from tests.support.routes import READS, Route, routes
from tests.support.server import Server
from tests.support.work import some_work

TABLE = {"Accept": "text/csv"}


async def table(person: Person, path: str, **params: Any) -> list[dict[str, str]]:
    reply = await person.get(path, params=params, headers=TABLE)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert reply.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"), newline="")))


async def test_a_table_holds_what_the_list_shows(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    for n in range(205):
        await dana.made("/api/v2/customers", {"name": f"Row {n:03}", "payment_terms_days": n % 7})
    chosen = {"filter": json.dumps({"field": "payment_terms_days", "op": "ne", "value": 3})}
    found = await table(dana, "/api/v2/customers", sort="name", **chosen)
    page = await dana.got("/api/v2/customers", sort="name", limit=200, **chosen)
    assert [one["id"] for one in found] == [one["id"] for one in page["data"]]
    assert list(found[0]) == list(page["data"][0])
    everything = await table(dana, "/api/v2/customers")
    assert len({one["id"] for one in everything}) == 205  # more than a page


async def test_who_took_which_list_is_in_the_journal(acme: Company, server: Server) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher", "tabea")
    await dana.made("/api/v2/customers", {"name": "Table Taker", "external_key": "tt-1"})
    chosen = {"filter": json.dumps({"field": "external_key", "op": "eq", "value": "tt-1"})}
    for media in (Format.csv.media_type, Format.xlsx.media_type):
        taken = await dana.get("/api/v2/customers", params=chosen, headers={"Accept": media})
        assert taken.status_code == 200
    refused = await dana.get("/api/v2/customers?limit=3", headers=TABLE)
    assert refused.status_code == 422
    story = (await owner.got(f"/api/v2/memberships/{dana.user_id}/timeline"))["data"]
    assert [one["sentence"] for one in story if "took" in one["sentence"]] == [
        "Tabea took the list customers as xlsx: 1 rows.",
        "Tabea took the list customers as csv: 1 rows.",
    ]
    async with relaying(server.database):
        await numbered(server.database, acme.id)
    entries, since = [], 0
    while page := (await owner.got("/api/v2/journal", since=since, limit=200))["data"]:
        entries, since = [*entries, *page], page[-1]["seq"]
    told = [one for one in entries if one["action"] == "member.took_table"]
    of_hers = [one for one in told if one["entity_id"] == str(dana.user_id)]
    assert len(of_hers) == 2
    assert {one["actor"]["id"] for one in of_hers} == {str(dana.user_id)}


async def test_fields_within_fields_have_dots_and_lists_are_joined(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    order = await work.order()
    (found,) = [r for r in await table(dana, "/api/v2/work-orders") if r["id"] == order["id"]]
    assert found["customer.name"] == work.customer["name"]
    assert found["site.address"] == work.site["address"]
    assert found["allowed_transitions"] == "; ".join(order["allowed_transitions"])
    assert found["visits"] == found["deleted_at"] == ""


NASTY = (
    "=1+1",
    "+Ann",
    "-Bob",
    "@sum",
    "\uff1dx",
    "\uff0bx",
    "\uff0dx",
    "\uff20x",
    "'=kept",
    "O'Neil",
)


async def test_no_cell_is_a_formula_and_all_is_as_it_was_after_an_import(
    acme: Company,
) -> None:
    """I4: what would be computed is not (`test_round_trips` imports it again)."""
    olga = await acme.person("owner")
    for name in NASTY:
        phone = "+12025550142"
        await olga.made("/api/v2/customers", {"name": name, "phone": phone, "source": "nasty"})
    chosen = {"filter": json.dumps({"field": "source", "op": "eq", "value": "nasty"})}
    cells = [
        cell for row in await table(olga, "/api/v2/customers", **chosen) for cell in row.values()
    ]
    assert "+12025550142" in cells
    active = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
    assert [one for one in cells if active.match(one) and one != "+12025550142"] == []

    names = [row["name"] for row in await table(olga, "/api/v2/customers", **chosen)]
    assert {restored(name) for name in names} == set(NASTY)


@pytest.mark.parametrize("first", list("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))
def test_whatever_begins_a_formula_is_given_an_apostrophe(first: str) -> None:
    text = f"{first}cmd|' /C calc'!A0"
    assert neutral(text) == f"'{text}"
    assert restored(neutral(text)) == text


@pytest.mark.parametrize(
    "text",
    ["-12.50", "-3", "+12025550142", "", "a=b", "'", "''", "'x", "''=x", "=", "-", "--1", "+1-2"],
)
def test_texts_come_back_as_they_were(text: str) -> None:
    assert restored(neutral(text)) == text
    assert neutral(text) == text or text.lstrip("'")[0] in "=+-@"


async def test_a_table_is_never_longer_than_ten_thousand(acme: Company, server: Server) -> None:
    olga = await acme.person("owner")
    connection = await asyncpg.connect(server.database.admin)
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "insert into skills (org_id, id, name)"
            " select $1, gen_random_uuid(), 'S' || n from generate_series(1, 10001) n",
            acme.id,
        )
    await connection.close()
    reply = await olga.get("/api/v2/skills", headers=TABLE)
    assert (reply.status_code, reply.json()["code"]) == (422, "too_many_rows")
    assert "10,001 rows" in reply.json()["detail"]
    assert "POST /api/v2/exports, list “skills”" in reply.json()["detail"]
    chosen = {"filter": json.dumps({"field": "name", "op": "ne", "value": "S1"})}
    assert len({one["id"] for one in await table(olga, "/api/v2/skills", **chosen)}) == 10_000


async def test_whoever_may_not_read_the_list_gets_no_table(acme: Company) -> None:
    theo = await acme.person("technician")
    assert (await theo.get("/api/v2/invoices", headers=TABLE)).status_code == 403
    assert await table(theo, "/api/v2/customers") == []  # none of theirs
    reply = await theo.get("/api/v2/customers", params={"limit": 5}, headers=TABLE)
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "?limit")
    bad = await theo.get("/api/v2/customers", params={"filter": "{"}, headers=TABLE)
    assert bad.status_code == 422


PAGED = [r for r in routes() if r.allow and r.method in READS and r.takes("include_total")]


@pytest.mark.parametrize("route", PAGED, ids=lambda route: route.name)
def test_every_list_is_a_table_too(route: Route) -> None:
    content = (route.operation or {})["responses"]["200"]["content"]
    assert content.keys() == {"application/json", *(one.media_type for one in Format)}


async def test_rows_without_what_is_sorted_by_come_last(acme: Company) -> None:
    job = await a_job(acme)
    tess, order = await technician(acme), await job.work.order()
    made = [await job.visit(work_order_id=order["id"]) for _ in range(5)]
    planned = made[3:]
    for n, visit in enumerate(planned):
        start = job.nine + timedelta(hours=4 * n)
        assert (await job.schedule(visit, tess, start=start)).status_code == 200
    loose = [one["id"] for one in made[:3]]
    early, late = (one["id"] for one in planned)
    path, of = "/api/v2/visits", {"work_order_id": order["id"]}
    for sort, wanted in (
        ("planned_start", [early, late, *sorted(loose)]),
        ("-planned_start", [late, early, *sorted(loose, reverse=True)]),
    ):
        rows = await table(job.dana, path, **of, sort=sort)
        assert [one["id"] for one in rows] == wanted
        for limit in (1, 2, 3, 5):
            found: list[str] = []
            asked = {**of, "sort": sort, "limit": str(limit)}
            while asked.get("cursor", "") is not None:
                page = await job.dana.got(path, **asked)
                found += [one["id"] for one in page["data"]]
                asked["cursor"] = page["next_cursor"]
            assert found == wanted, (sort, limit)
        counted = await job.dana.got(path, **of, sort=sort, limit="1", include_total="true")
        assert counted["total"] == 5
