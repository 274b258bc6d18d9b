"""Every list as CSV and XLSX, at once or as an export that is made in the background."""

import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.listed import lists_of
from app.api.reading import ListReader
from app.api.tables import columns_of
from app.core import clock
from app.core.errors import Forbidden
from app.core.objects import Key
from app.core.tables import Column, Format, Kind, restored, table_file
from app.models.exports import EXPORTED, Export
from app.services import exports
from app.services.exports import making
from app.services.exports.sweeping import expire
from app.services.files import sweeping
from app.tasks.schedules import in_each
from tests.support.deep import times
from tests.support.exports import EXPORTS, Attempt, asked, ended, make, makers
from tests.support.jobs import working
from tests.support.people import Company, Person, sign_in
from tests.support.routes import application
from tests.support.server import Server
from tests.support.sheets import lines, many_customers, sheet, without_customers
from tests.support.work import some_work

XLSX = {"Accept": Format.xlsx.media_type}
CSV = {"Accept": Format.csv.media_type}
NASTY = (
    "=1+1", "+Ann", "-Bob", "@sum", "\tTab", "'=kept", "O'Neil", "\uff1dx", "\uff0bx", "\uff0dx",
    "\uff20x", "<r><t>x</t></r>", "_x0041_", "https://example.com", "007", "1e5", "TRUE",
    "+1 202 555 0142", "-12.50", "a\nb", "a\r\nb", "  edges  ", "{=1}", "]]>&amp;",
)  # fmt: skip
"""Texts that a spreadsheet might take for something else."""


async def workbook(person: Person, path: str, **params: Any) -> list[dict[str, Any]]:
    reply = await person.get(path, params=params, headers=XLSX)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == Format.xlsx.media_type
    assert reply.headers["content-disposition"].endswith('.xlsx"')
    return sheet(reply.content)


async def test_a_workbook_has_the_rows_and_columns_of_the_csv(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    await work.order()
    path = "/api/v2/work-orders"
    (row,) = await workbook(dana, path)
    (line,) = lines((await dana.get(path, headers=CSV)).content)
    assert list(row) == list(line)
    assert row["site.latitude"] == float(line["site.latitude"])
    assert row["created_at"].replace(microsecond=0) == datetime.fromisoformat(
        line["created_at"]
    ).replace(microsecond=0, tzinfo=None)
    assert row["customer.name"] == line["customer.name"] == work.customer["name"]
    assert row["deleted_at"] == line["deleted_at"] == ""


async def test_amounts_are_written_as_people_write_them(acme: Company) -> None:
    mara = await acme.person("manager")
    work = await some_work(acme, mara)
    order = await work.order()
    billed = {"lines": [{"description": "Pumping", "quantity": "2", "unit_price": "94.50"}]}
    made = await mara.made(f"/api/v2/work-orders/{order['id']}/invoices", billed)
    assert made["subtotal"] == 18900
    (line,) = lines((await mara.get("/api/v2/invoices", headers=CSV)).content)
    (row,) = await workbook(mara, "/api/v2/invoices")
    assert (line["subtotal"], row["subtotal"]) == ("189.00", 189.0)
    assert row["tax_rate"] == float(line["tax_rate"])


def test_every_amount_has_its_currency_beside_it() -> None:
    listed = lists_of(application())
    headings = {name: set(one.columns) for name, one in listed.items()}
    amounts = {
        (name, column)
        for name, one in listed.items()
        for column in columns_of(one.row)
        if column.kind is Kind.amount
    }
    assert {name for name, _ in amounts} == {"invoices", "payments"}
    assert all(
        ".".join((*column.path[:-1], "currency")) in headings[name] for name, column in amounts
    )


async def test_a_workbook_keeps_to_what_one_may_see(acme: Company) -> None:
    olga, vera = await acme.person("owner"), await acme.person("viewer")
    work = await some_work(acme, olga)
    site = f"/api/v2/sites/{work.site['id']}"
    seen = (await olga.get(site)).headers["etag"]
    await olga.patch(site, json={"gate_code": "4711"}, headers={"If-Match": seen})
    assert "4711" in {row["gate_code"] for row in await workbook(olga, "/api/v2/sites")}
    assert "gate_code" not in (await workbook(vera, "/api/v2/sites"))[0]
    theo = await acme.person("technician")
    assert (await theo.get("/api/v2/invoices", headers=XLSX)).status_code == 403


def made(tmp: Path, shape: Format, texts: list[str]) -> bytes:
    columns = [Column(("id",)), Column(("text",))]
    file = table_file(shape, tmp / f"made.{shape}", columns, title="texts")
    file.add([{"id": n, "text": text} for n, text in enumerate(texts)])
    file.finish()
    return (tmp / f"made.{shape}").read_bytes()


KEPT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufffe\uffff"), max_size=30
)
STARTING = st.builds(
    "".join,
    st.tuples(st.sampled_from([*"=+-@\t\r\n'<_", "\uff1d", "\uff0b", "\uff0d", "\uff20"]), KEPT),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(KEPT, STARTING, st.sampled_from(NASTY)), min_size=1, max_size=20))
def test_no_text_is_a_formula_and_each_comes_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """I4, of any texts: in CSV and in XLSX none begins as a formula does, and none is changed by
    going out and coming in."""
    folder = tmp_path_factory.mktemp("tables")
    harmless = r"+-"
    for shape, read in ((Format.csv, lines), (Format.xlsx, sheet)):
        content = made(folder, shape, texts)
        cells = [row["text"] for row in read(content)]
        assert [restored(cell) for cell in cells] == texts
        active = [one for one in cells if one[:1] in "=@\t\r\n\uff1d\uff0b\uff0d\uff20" and one]
        assert active == []
        signed = [one for one in cells if one[:1] and one[0] in harmless]
        assert all(one[1:].replace(".", "").isdigit() for one in signed)


def test_a_sheet_holds_texts_and_no_formulas_links_or_markup(tmp_path: Path) -> None:
    content = made(tmp_path, Format.xlsx, list(NASTY))
    assert [type(row["text"]) for row in sheet(content)] == [str] * len(NASTY)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        xml = parts.read("xl/worksheets/sheet1.xml").decode()
        assert not [name for name in parts.namelist() if "rels" in name and "sheet1" in name]
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    assert "&lt;r&gt;&lt;t&gt;" in xml
    assert 'state="frozen"' in xml


def test_numbers_are_numbers_as_far_as_a_spreadsheet_counts(tmp_path: Path) -> None:
    columns = [
        Column(("n",)),
        Column(("at",), Kind.moment),
        Column(("on",), Kind.day),
        Column(("rate",), Kind.decimal),
        Column(("total",), Kind.amount),
    ]
    rows = [
        {"n": 7, "at": "2026-11-21T13:50:01.000000Z", "on": "2026-11-21", "rate": "0.0825",
         "total": -18900, "currency": "USD"},
        {"n": 10**15, "at": "1899-12-31T00:00:00Z", "on": "1899-12-31",
         "rate": "1234567890.1234567", "total": 10**15, "currency": "KWD"},
        {"n": True, "at": None, "on": None, "rate": None, "total": None, "currency": "JPY"},
    ]  # fmt: skip
    for shape in Format:
        file = table_file(shape, tmp_path / shape, columns, title="numbers")
        file.add(rows)
        file.finish()
    first, second, third = sheet((tmp_path / "xlsx").read_bytes())
    assert list(first.values())[0::3] == [7.0, 0.0825]
    assert (first["at"], first["total"]) == (datetime.fromisoformat("2026-11-21T13:50:01"), -189.0)
    assert str(first["on"]) == "2026-11-21"
    assert list(second.values()) == [
        "1000000000000000", "1899-12-31T00:00:00Z", "1899-12-31", "1234567890.1234567",
        "1000000000000.000",
    ]  # fmt: skip
    assert list(third.values()) == [True, "", "", "", ""]
    assert [one["total"] for one in lines((tmp_path / "csv").read_bytes())] == [
        "-189.00", "1000000000000.000", "",
    ]  # fmt: skip


def test_a_text_too_long_for_a_cell_says_that_it_was_cut(tmp_path: Path) -> None:
    long = "ä😀" * 20_000
    (row,) = sheet(made(tmp_path, Format.xlsx, [long]))
    assert row["text"].startswith(long[:1000])
    assert row["text"].endswith("the CSV has all of it)")
    assert lines(made(tmp_path, Format.csv, [long]))[0]["text"] == long


async def fetched(person: Person, export: dict[str, Any]) -> httpx2.Response:
    """As a browser fetches it: with the link and nothing else."""
    async with httpx2.AsyncClient(base_url=person.base_url, timeout=30) as nobody:
        return await nobody.get(export["link"])


async def test_a_list_is_exported_and_fetched_by_a_link(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    for n in range(5):
        await dana.made("/api/v2/customers", {"name": f"Exported {n}", "source": "trip"})
    body = {
        "list": "customers",
        "filter": {"field": "source", "op": "eq", "value": "trip"},
        "sort": "name",
        "columns": ["name", "source"],
    }
    first, second = [await asked(dana, **body, format=shape) for shape in ("csv", "xlsx")]
    assert (first["status"], first["rows_total"], first["rows_written"]) == ("queued", 5, 0)
    assert (await dana.got(f"{EXPORTS}/{first['id']}"))["link"] is None
    async with working(server.database, server.state.sessions, makers(server)):
        ready = [await ended(dana, one["id"]) for one in (first, second)]
    assert [(one["status"], one["rows_written"]) for one in ready] == [("ready", 5)] * 2
    expected = [{"name": f"Exported {n}", "source": "trip"} for n in range(5)]
    for export, read in zip(ready, (lines, sheet), strict=True):
        reply = await fetched(dana, export)
        assert reply.headers["content-disposition"].startswith('attachment; filename="customers-')
        assert reply.headers["cache-control"] == "no-store"
        assert int(reply.headers["content-length"]) == export["length"]
        assert read(reply.content) == expected
    told = (await dana.got(f"{EXPORTS}/{first['id']}/timeline"))["data"]
    assert [one["sentence"] for one in told] == [
        "An export of customers was downloaded.",
        "An export of customers as csv was made: 5 rows.",
        "An export of customers as csv was asked for.",
    ]


async def test_an_export_is_its_persons_alone(acme: Company, server: Server) -> None:
    dana, olga = await acme.person("dispatcher"), await acme.person("owner")
    export = await asked(dana, list="skills")
    await make(server, dana, acme.id, export["id"])
    assert (await olga.get(f"{EXPORTS}/{export['id']}")).status_code == 404
    assert export["id"] not in {one["id"] for one in (await olga.got(EXPORTS))["data"]}
    assert (await olga.post(f"{EXPORTS}/{export['id']}/cancel")).status_code == 404
    theo = await acme.person("technician")
    assert (await theo.post(EXPORTS, json={"list": "customers"})).status_code == 403


async def test_a_link_is_one_persons_way_to_one_file_for_an_hour(
    acme: Company, server: Server
) -> None:
    dana = await acme.person("dispatcher")
    one, other = [await asked(dana, list="skills") for _ in range(2)]
    for export in (one, other):
        await make(server, dana, acme.id, export["id"])
    one, other = [await dana.got(f"{EXPORTS}/{export['id']}") for export in (one, other)]
    assert (await fetched(dana, one)).status_code == 200
    wrong = {"link": one["link"].replace(one["id"], other["id"])}
    forged = {"link": one["link"][:-2] + ("AA" if one["link"][-2:] != "AA" else "BB")}
    for link in (wrong, forged):
        reply = await fetched(dana, link)
        assert (reply.status_code, reply.json()["code"]) == (403, "link_expired")
    with clock.set_to(clock.now() - timedelta(minutes=61)):
        signer = server.state.cursors.derived("export")
        async with Attempt(server, dana, acme.id).transaction() as ctx:
            old = await exports.link_of(ctx, await ctx.get(Export, UUID(one["id"])), signer)
    assert old is not None
    reply = await fetched(dana, {"link": f"{EXPORTS}/{one['id']}/file?link={old[0]}"})
    assert (reply.status_code, reply.json()["code"]) == (403, "link_expired")


async def test_whoever_loses_a_right_loses_the_file(acme: Company, server: Server) -> None:
    olga, mara = await acme.person("owner"), await acme.person("manager")
    export = await asked(mara, list="invoices")
    await make(server, mara, acme.id, export["id"])
    ready = await mara.got(f"{EXPORTS}/{export['id']}")
    assert (await fetched(mara, ready)).status_code == 200
    less = await _becomes(olga, mara, "dispatcher", acme)
    reply = await fetched(mara, ready)
    assert (reply.status_code, reply.json()["code"]) == (403, "rights_changed")
    assert (await less.got(f"{EXPORTS}/{export['id']}"))["link"] is None
    await _becomes(olga, mara, "manager", acme)
    assert (await fetched(mara, ready)).status_code == 200
    await olga.made(f"/api/v2/memberships/{mara.user_id}/suspend")
    assert (await fetched(mara, ready)).status_code == 403


async def test_whoever_goes_to_another_team_loses_the_file_of_the_old_one(
    acme: Company, server: Server
) -> None:
    olga = await acme.person("owner")
    role = {
        "name": "crew lead", "level": 10, "record_scope": "team",
        "permissions": ["exports:write", "work-orders:read"],
    }  # fmt: skip
    await olga.made("/api/v2/roles", role)
    north, south = [await olga.made("/api/v2/teams", {"name": name}) for name in ("North", "South")]
    lea = await acme.person("crew lead")
    path = f"/api/v2/memberships/{lea.user_id}"
    placed = await olga.patch(path, json={"team_id": north["id"]})
    assert placed.status_code == 200, placed.text
    await lea.again()
    export = await asked(lea, list="work-orders")
    await make(server, lea, acme.id, export["id"])
    ready = await lea.got(f"{EXPORTS}/{export['id']}")
    assert (await fetched(lea, ready)).status_code == 200
    await olga.patch(path, json={"team_id": south["id"]})
    reply = await fetched(lea, ready)
    assert (reply.status_code, reply.json()["code"]) == (403, "rights_changed")
    await lea.again()
    assert (await lea.got(f"{EXPORTS}/{export['id']}"))["link"] is None


async def test_it_is_made_with_the_rights_that_one_has_then(acme: Company, server: Server) -> None:
    olga, max_ = await acme.person("owner"), await acme.person("manager", "Max")
    export = await asked(max_, list="employees")
    less = await _becomes(olga, max_, "dispatcher", acme)
    async with working(server.database, server.state.sessions, makers(server)):
        ended_so = await ended(less, export["id"])
    assert ended_so["status"] == "failed"
    assert ended_so["failure"] == "Your role lacks the permission employees:read."
    assert ended_so["link"] is None
    again = await _becomes(olga, max_, "manager", acme)
    await make(server, max_, acme.id, export["id"])  # as when its job is tried again
    found = await again.got(f"{EXPORTS}/{export['id']}")
    assert (found["status"], found["failure"]) == ("ready", None)


async def _becomes(olga: Person, who: Person, role: str, company: Company) -> Person:
    """They, in their new role, signed in anew."""
    path = f"/api/v2/memberships/{who.user_id}"
    reply = await olga.patch(path, json={"role": role})
    assert reply.status_code == 200, reply.text
    again = await sign_in(company.server, who.email, company.slug)
    company.people[f"{who.email} as {role}"] = again
    return again


async def test_it_can_be_stopped_and_leaves_nothing(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    export = await asked(dana, list="skills")
    stopped = await dana.made(f"{EXPORTS}/{export['id']}/cancel")
    assert stopped["status"] == "canceled"
    again = await dana.post(f"{EXPORTS}/{export['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "ended")
    await make(server, dana, acme.id, export["id"])
    found = await dana.got(f"{EXPORTS}/{export['id']}")
    assert (found["status"], found["length"], found["link"]) == ("canceled", None, None)


async def test_it_stops_in_the_middle_when_told_to_or_when_a_right_is_gone(
    acme: Company, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga, mona = await acme.person("owner"), await acme.person("manager", "Mona")
    await many_customers(server, acme.id, 450)
    monkeypatch.setattr(making, "TOLD_EVERY", 0.0)
    stopped, robbed = [await asked(mona, list="customers") for _ in range(2)]
    read, attempt = ListReader(server.app), Attempt(server, mona, acme.id)
    pages: list[Any] = []

    def after_a_page(do: Callable[[], Awaitable[Any]]) -> Any:
        async def meanwhile(*args: Any, **options: Any) -> Any:
            pages.append(await read(*args, **options))
            await do()
            return pages[-1]

        return meanwhile

    async def stop() -> None:
        await mona.post(f"{EXPORTS}/{stopped['id']}/cancel")

    async def rob() -> None:
        await _becomes(olga, mona, "dispatcher", acme)

    await exports.carry_out(attempt, after_a_page(stop), UUID(stopped["id"]))
    assert (await mona.got(f"{EXPORTS}/{stopped['id']}"))["status"] == "canceled"
    with pytest.raises(Forbidden, match="allowed less than when this export began"):
        await exports.carry_out(attempt, after_a_page(rob), UUID(robbed["id"]))
    assert len(pages) == 2  # one of each
    await without_customers(server, acme.id)


async def test_a_file_goes_when_its_time_is_over(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    export = await asked(dana, list="skills")
    await make(server, dana, acme.id, export["id"])
    ready = await dana.got(f"{EXPORTS}/{export['id']}")
    async with Attempt(server, dana, acme.id).transaction() as ctx:
        row = await ctx.get(Export, UUID(export["id"]))
        assert row.object_id is not None
        key = Key(acme.id, row.object_id, EXPORTED)
    objects = server.state.sessions.tools.objects
    assert await objects.has(key)
    await _in_each(server, sweeping.remove_orphans, timedelta(hours=2))
    assert await objects.has(key)  # it is known
    await _in_each(server, expire, timedelta(days=8))
    assert not await objects.has(key)
    reply = await fetched(dana, ready)
    assert (reply.status_code, reply.json()["code"]) == (409, "expired")
    assert (await dana.got(f"{EXPORTS}/{export['id']}"))["status"] == "expired"


async def _in_each(server: Server, task: Any, later: timedelta) -> None:
    with clock.set_to(clock.now() + later):
        await in_each(server.state.sessions, "test", task)


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"list": "nothing"}, "/list"),
        ({"columns": ["name", "salary"]}, "/columns/1"),
        ({"filter": {"field": "salary", "op": "eq", "value": 1}}, "/filter/field"),
        ({"sort": "salary"}, "/sort"),
        ({"where": {"salary": "1"}}, "/where/salary"),
        ({"where": {"stage": "asleep"}}, "/where/stage"),
        ({"where": {"cursor": "x"}}, "/where/cursor"),
        ({"view": "00000000-0000-7000-8000-000000000000"}, "/view"),
        ({"format": "pdf"}, "/format"),
    ],
)
async def test_what_cannot_be_exported_is_said_at_once(
    acme: Company, more: dict[str, Any], pointer: str
) -> None:
    dana = await acme.person("dispatcher")
    reply = await dana.post(EXPORTS, json={"list": "customers", **more})
    assert reply.status_code in (404, 422)
    assert [one["pointer"] for one in reply.json()["errors"]] == [pointer]


async def test_a_view_and_plain_filters_narrow_an_export(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    for stage in ("prospect", "active"):
        await dana.made("/api/v2/customers", {"name": f"V {stage}", "stage": stage, "source": "v"})
    view = await dana.made(
        "/api/v2/saved-views",
        {
            "list": "customers",
            "name": "Of v",
            "filter": {"field": "source", "op": "eq", "value": "v"},
            "columns": ["stage", "name"],
        },
    )
    export = await asked(dana, list="customers", view=view["id"], where={"stage": "prospect"})
    assert export["rows_total"] == 1
    await make(server, dana, acme.id, export["id"])
    found = await fetched(dana, await dana.got(f"{EXPORTS}/{export['id']}"))
    assert lines(found.content) == [{"stage": "prospect", "name": "V prospect"}]


async def test_an_export_is_one_moment_of_the_list(acme: Company, server: Server) -> None:
    """Rows that are added, renamed and deleted while it is made: each row is in it as it was when it
    began, once."""
    dana = await acme.person("dispatcher")
    few = times(450, deep=20_000)
    await many_customers(server, acme.id, few)
    read, made = ListReader(server.app), []

    async def meanwhile(*args: Any, **options: Any) -> Any:
        page = await read(*args, **options)
        if len(made) < 2:
            made.append(page)
            await dana.made("/api/v2/customers", {"name": "0 before all", "source": "moment"})
            await dana.made("/api/v2/customers", {"name": "Z after all", "source": "moment"})
            last = (await dana.got("/api/v2/customers", sort="-name", limit=5, **OF_MOMENT))["data"]
            gone = last[-1]
            await dana.request(
                "DELETE",
                f"/api/v2/customers/{gone['id']}",
                headers={"If-Match": f'"v{gone["version"]}"'},
            )
        return page

    before = await everything(server, acme.id)
    export = await asked(
        dana, list="customers", sort="name", filter=json.loads(OF_MOMENT["filter"])
    )
    await exports.carry_out(Attempt(server, dana, acme.id), meanwhile, UUID(export["id"]))
    found = await fetched(dana, await dana.got(f"{EXPORTS}/{export['id']}"))
    rows = lines(found.content)
    assert [row["id"] for row in rows] == before
    assert len(before) == few
    assert await everything(server, acme.id) != before


OF_MOMENT = {"filter": json.dumps({"field": "source", "op": "eq", "value": "moment"})}


async def everything(server: Server, org_id: UUID) -> list[str]:
    connection = await asyncpg.connect(server.database.admin)
    found = await connection.fetch(
        "select id from customers where org_id = $1 and source = 'moment' and deleted_at is null"
        " order by name, id",
        org_id,
    )
    await connection.close()
    return [str(row["id"]) for row in found]
