"""What is sold has a cost: taken over into invoices, kept through changes, seen by few (row B4)."""

import json
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from app.core.ids import new_id
from app.models.permissions import SYSTEM_ROLES, Permission
from tests.support.exports import EXPORTS, asked, make
from tests.support.journal import numbered, relaying
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.server import Server
from tests.support.sheets import lines as rows_of
from tests.support.work import some_work

TYPES, INVOICES = "/api/v2/job-types", "/api/v2/invoices"
CSV = {"Accept": "text/csv"}
COST, DEARER = "41.2468", "43.8642"
"""No other number of a test has these digits."""
PRICES: list[dict[str, Any]] = [
    {"description": "Pumping", "unit_price": "385", "unit_cost": "120.5"},
    {"description": "Digging", "unit": "hour", "quantity": "2.5", "unit_price": "95",
     "unit_cost": COST},
    {"description": "Disposal fee", "unit_price": "42"},
]  # fmt: skip
SEE = {"owner", "admin", "manager", "accountant"}
COSTS = {"unit_cost", "cost", "margin", "lines_without_cost"}


async def _template(company: Company, **more: Any) -> Any:
    owner = await company.person("owner")
    body = {"name": f"Pump-out {new_id()}", "trade": "septic", "duration_minutes": 90}
    return await owner.made(TYPES, {**body, "price_lines": PRICES, **more})


async def _draft(company: Company, who: Person, template: Any, **more: Any) -> Any:
    work = await some_work(company, await company.person("dispatcher"))
    order = await work.order(job_type_id=template["id"])
    return await who.made(f"/api/v2/work-orders/{order['id']}/invoices", more)


async def _biller(company: Company) -> Person:
    """Somebody who writes templates and invoices, and sees no costs."""
    if "bill" in company.people:
        return company.people["bill"]
    rights = [one for one in SYSTEM_ROLES["manager"][2] if one is not Permission.prices_costs]
    role = {"name": "Biller", "level": 30, "record_scope": "all", "permissions": rights}
    await (await company.person("owner")).made("/api/v2/roles", role)
    return await company.person("Biller", "bill")


def _of(invoice: Any) -> tuple[int, int, int]:
    return invoice["cost"], invoice["margin"], invoice["lines_without_cost"]


def _keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_keys, value))
    return set(value).union(*map(_keys, value.values())) if isinstance(value, dict) else set()


async def test_a_draft_takes_its_costs_over_and_says_what_is_left(acme: Company) -> None:
    amy = await acme.person("accountant")
    template = await _template(acme)
    assert [one["unit_cost"] for one in template["price_lines"]] == ["120.5", COST, None]
    draft = await _draft(acme, amy, template, discount_percent="10")
    assert [one["unit_cost"] for one in draft["lines"]] == ["120.5", COST, None]
    # 120.50, and 2.5 hours of 41.2468: 103.117, rounded once
    assert (draft["subtotal"], draft["discount"]) == (66450, 6645)
    assert _of(draft) == (12050 + 10312, 66450 - 6645 - 22362, 1)

    path, charges = f"{INVOICES}/{draft['id']}", [dict(one) for one in PRICES]
    charges[2]["unit_cost"] = "600"
    dear = await amy.patched(path, 1, {"lines": charges})
    assert _of(dear) == (82362, 66450 - 6645 - 82362, 0)
    charges[2]["unit_cost"] = None
    unknown = await amy.patched(path, 2, {"lines": charges})
    assert (unknown["version"], *_of(unknown)) == (3, *_of(draft))
    told = [one["sentence"] for one in (await amy.got(f"{path}/timeline"))["data"]]
    assert told[0].startswith("The invoice draft was changed (other details); it comes to ")

    issued = await amy.made(f"{path}/issue")
    assert _of(issued) == _of(draft)
    late = await amy.patch(
        path, json={"lines": PRICES}, headers={"If-Match": f'"v{issued["version"]}"'}
    )
    assert (late.status_code, late.json()["code"]) == (409, "issued")
    mine = {"customer_id": draft["customer_id"]}
    (listed,) = (await amy.got(INVOICES, **mine))["data"]
    assert _of(listed) == _of(draft)
    (row,) = rows_of((await amy.get(INVOICES, params=mine, headers=CSV)).content)
    assert (row["cost"], row["margin"], row["lines_without_cost"]) == ("223.62", "374.43", "1")


async def test_one_price_has_one_cost(acme: Company) -> None:
    olive = await acme.person("owner")
    template = await _template(acme, price_lines=[], unit_price="189", unit_cost="71.125")
    assert template["unit_cost"] == "71.125"
    draft = await _draft(acme, olive, template)
    assert (draft["lines"][0]["unit_cost"], *_of(draft)) == ("71.125", 7113, 18900 - 7113, 0)
    by = json.dumps({"field": "unit_cost", "op": "eq", "value": "71.125"})
    found = (await olive.got(TYPES, filter=by))["data"]
    assert [one["id"] for one in found] == [template["id"]]
    changed = await olive.patched(f"{TYPES}/{template['id']}", 1, {"unit_cost": None})
    assert changed["unit_cost"] is None
    told = (await olive.got(f"{TYPES}/{template['id']}/timeline"))["data"][0]
    assert told["sentence"] == f"Job type {template['name']} was changed (other details)."


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"unit_cost": "-1"}, "/lines/0/unit_cost"),
        ({"unit_cost": 1.5}, "/lines/0/unit_cost"),
        ({"unit_cost": "1.00001"}, "/lines/0/unit_cost"),
        ({"unit_cost": "9999999999", "quantity": "10001"}, "/lines/0/unit_cost"),
    ],
)
async def test_a_cost_that_cannot_be_is_refused(
    acme: Company, wrong: dict[str, Any], pointer: str
) -> None:
    amy, template = await acme.person("accountant"), await _template(acme)
    order = await (await some_work(acme, await acme.person("dispatcher"))).order(
        job_type_id=template["id"]
    )
    body = {"lines": [{"description": "x", "unit_price": "1", **wrong}]}
    reply = await amy.post(f"/api/v2/work-orders/{order['id']}/invoices", json=body)
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, pointer)


async def _everything(person: Person, template: Any, invoice: Any) -> dict[str, str]:
    """What every way to a job type and an invoice answers this person."""
    by_name, by_customer = {"name": template["name"]}, {"customer_id": invoice["customer_id"]}
    kind, bill = f"{TYPES}/{template['id']}", f"{INVOICES}/{invoice['id']}"
    stale = {"headers": {"If-Match": '"v1"'}}
    replies = {
        "job type": await person.get(kind),
        "job types": await person.get(TYPES, params=by_name),
        "job types as a table": await person.get(TYPES, params=by_name, headers=CSV),
        "history of the job type": await person.get(f"{kind}/history"),
        "timeline of the job type": await person.get(f"{kind}/timeline"),
        "stale job type": await person.patch(kind, json={"trade": "x"}, **stale),
        "invoice": await person.get(bill),
        "invoices": await person.get(INVOICES, params=by_customer),
        "invoices as a table": await person.get(INVOICES, params=by_customer, headers=CSV),
        "history of the invoice": await person.get(f"{bill}/history"),
        "timeline of the invoice": await person.get(f"{bill}/timeline"),
        "stale invoice": await person.patch(bill, json={"notes": "x"}, **stale),
        "search": await person.get("/api/v2/search", params={"q": "pump"}),
        "search by cost": await person.get("/api/v2/search", params={"q": COST}),
    }
    told, since = [], 0
    while page := (await person.get(f"/api/v2/journal?since={since}&limit=200")).json().get("data"):
        told, since = [*told, *page], page[-1]["seq"]
    shown = {name: one.text for name, one in replies.items() if one.status_code in (200, 412)}
    return {**shown, "journal": json.dumps(told)}


@pytest.mark.parametrize("role", [*SYSTEM_ROLES, "Biller"])
async def test_costs_are_there_for_those_who_may_see_them(
    acme: Company, server: Server, role: str
) -> None:
    owner, template = await acme.person("owner"), await _template(acme, unit_cost=DEARER)
    invoice = await _draft(acme, owner, template)
    dearer = [{**one, "unit_cost": DEARER} for one in PRICES]
    await owner.patched(f"{TYPES}/{template['id']}", 1, {"price_lines": dearer})
    await owner.patched(f"{INVOICES}/{invoice['id']}", 1, {"lines": dearer})
    async with relaying(server.database):
        await numbered(server.database, acme.id)
    person = await (_biller(acme) if role == "Biller" else acme.person(role))
    answers = await _everything(person, template, invoice)
    assert {"job type", "job types", "history of the job type", "search"} <= answers.keys()

    seen = {name for name, text in answers.items() if COST in text or DEARER in text}
    named = {name for name, text in answers.items() if any(key in text for key in COSTS)}
    if role not in SEE:
        assert (seen, named) == (set(), set())
    else:
        assert {"job type", "job types", "history of the job type", "invoice"} <= seen
        assert {"invoices", "invoices as a table"} <= named
        assert "search by cost" not in seen
        assert "journal" in seen
        assert _keys(json.loads(answers["invoice"])) >= COSTS
        assert _keys(json.loads(answers["invoices"])) >= COSTS - {"unit_cost"}
    by = json.dumps({"field": "unit_cost", "op": "gte", "value": "1"})
    filtered = await person.get(TYPES, params={"filter": by})
    assert filtered.status_code == (200 if role in SEE else 422)
    for sort in ("unit_cost", "cost", "margin"):
        assert (await person.get(INVOICES, params={"sort": sort})).status_code in (403, 422)
    assert (await person.get(TYPES, params={"sort": "unit_cost"})).status_code == 422


async def test_a_change_of_costs_alone_is_no_change_of_prices(acme: Company) -> None:
    owner, vera = await acme.person("owner"), await acme.person("viewer")
    template = await _template(acme)
    path, name = f"{TYPES}/{template['id']}", template["name"]
    first, second, third = PRICES
    await owner.patched(path, 1, {"price_lines": [first, {**second, "unit_cost": DEARER}, third]})
    await owner.patched(path, 2, {"price_lines": [first, {**second, "unit_price": "96"}, third]})
    mine, hers = [(await one.got(f"{path}/history"))["data"] for one in (owner, vera)]
    assert mine[1]["changes"]["price_lines"][1][1]["unit_cost"] == DEARER
    assert (hers[1]["version"], hers[1]["changes"]) == (2, {})
    before, after = hers[0]["changes"]["price_lines"]
    assert (before[1]["unit_price"], after[1]["unit_price"]) == ("95", "96")
    assert not COSTS & _keys(hers)
    told = [one["sentence"] for one in (await vera.got(f"{path}/timeline"))["data"]]
    assert told[:2] == [
        f"Job type {name} was changed (price lines).",
        f"Job type {name} was changed (other details).",
    ]


async def test_who_may_not_see_costs_sets_none_and_wipes_none(acme: Company) -> None:
    owner, template = await acme.person("owner"), await _template(acme, unit_cost="99")
    bill = await _biller(acme)
    kind = f"{TYPES}/{template['id']}"
    draft = await _draft(acme, bill, template)
    assert not COSTS & _keys(draft)
    path = f"{INVOICES}/{draft['id']}"
    named = {"description": "Pumping", "unit_price": "1", "unit_cost": None}
    orders = f"/api/v2/work-orders/{draft['work_order_id']}/invoices"
    fresh = {"name": "Other", "trade": "septic", "duration_minutes": 60}
    for method, where, body in (
        ("PATCH", path, {"lines": [named]}),
        ("POST", orders, {"lines": [named]}),
        ("PATCH", kind, {"unit_cost": None}),
        ("PATCH", kind, {"price_lines": [named]}),
        ("POST", TYPES, {**fresh, "unit_cost": "1"}),
        ("POST", TYPES, {**fresh, "price_lines": [named]}),
    ):
        headers = {"If-Match": '"v1"'} if method == "PATCH" else {}
        refused = await bill.request(method, where, json=body, headers=headers)
        assert (refused.status_code, refused.json()["permission"]) == (403, "prices:costs"), where
        assert refused.json()["detail"].endswith("Leave unit_cost out: what is there stays.")

    pumping, digging, fee = (
        {name: value for name, value in one.items() if name != "unit_cost"} for one in PRICES
    )
    lines = [
        {"description": "Filter", "unit_price": "50"},
        {**digging, "quantity": "4"},
        {**pumping, "unit_price": "400", "detail": "By the meter."},
    ]
    changed = await bill.patched(path, 1, {"lines": lines})
    assert not COSTS & _keys(changed)
    kept = await owner.got(path)
    assert [one["unit_cost"] for one in kept["lines"]] == [None, COST, "120.5"]
    # four hours of 41.2468
    assert _of(kept) == (16499 + 12050, kept["subtotal"] - 28549, 1)
    same = await bill.patched(path, 2, {"lines": lines, "notes": "Thanks."})
    assert (same["version"], same["lines"]) == (3, changed["lines"])

    shorter = await bill.patched(kind, 1, {"price_lines": [digging, fee], "crew_size": 2})
    assert not COSTS & _keys(shorter)
    kept = await owner.got(kind)
    assert (kept["unit_cost"], [one["unit_cost"] for one in kept["price_lines"]]) == (
        "99", [COST, None],
    )  # fmt: skip


async def test_who_sees_no_costs_finds_none_out_by_refusals(acme: Company) -> None:
    """A quantity that makes a cost too large is refused to those who see it, and to nobody else."""
    bill, amy = await _biller(acme), await acme.person("accountant")
    priced = {"description": "Pumping", "unit_price": "0.01", "unit_cost": "9999999"}
    template = await _template(acme, price_lines=[priced])
    draft = await _draft(acme, bill, template)
    path = f"{INVOICES}/{draft['id']}"
    many = {"lines": [{"description": "Pumping", "unit_price": "0.01", "quantity": "9999999"}]}
    refused = await amy.patch(path, json=many, headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
        422, "/lines/0/unit_cost",
    )  # fmt: skip
    changed = await bill.patched(path, 1, many)
    assert (changed["subtotal"], changed["lines"][0]["quantity"]) == (9999999, "9999999")
    assert _of(await amy.got(path)) == (0, 9999999, 1)


async def test_the_paper_says_nothing_of_costs(acme: Company) -> None:
    amy = await acme.person("accountant")
    draft = await _draft(acme, amy, await _template(acme))
    for _ in range(2):
        reply = await amy.get(f"{INVOICES}/{draft['id']}/pdf")
        (page,) = PdfReader(BytesIO(reply.content)).pages
        text = page.extract_text()
        assert "Digging" in text
        for said in (COST, "41.25", "103.12", "120.50", "223.62", "440.88", "ost", "argin"):
            assert said not in text
        await amy.post(f"{INVOICES}/{draft['id']}/issue")


async def test_an_export_holds_costs_for_those_who_see_them(acme: Company, server: Server) -> None:
    amy, bill = await acme.person("accountant"), await _biller(acme)
    template = await _template(acme, unit_cost=COST)
    draft = await _draft(acme, amy, template)
    found = {}
    for person in (amy, bill):
        for name, record in (("invoices", draft), ("job-types", template)):
            export = await asked(person, list=name, format="csv")
            await make(server, person, acme.id, export["id"])
            link = (await person.got(f"{EXPORTS}/{export['id']}"))["link"]
            rows = rows_of((await person.get(link)).content)
            (row,) = [one for one in rows if one["id"] == record["id"]]
            found[person.email[:4], name] = row
    assert found["acco", "invoices"]["margin"] == "440.88"
    assert COST in found["acco", "job-types"]["price_lines"]
    for name in ("invoices", "job-types"):
        row = found["bill", name]
        assert not COSTS & row.keys()
        assert "cost" not in str(row)
        assert COST not in str(row)


async def test_a_view_by_cost_is_not_for_those_who_see_none(acme: Company) -> None:
    owner, vera = await acme.person("owner"), await acme.person("viewer")
    template = await _template(acme, unit_cost=COST)
    body = {
        "list": "job-types", "name": "Dear work", "shared": "everyone",
        "filter": {"field": "unit_cost", "op": "gte", "value": "40"},
        "columns": ["name", "unit_cost"],
    }  # fmt: skip
    view = await owner.made("/api/v2/saved-views", body)
    shown = (await owner.got(TYPES, view=view["id"]))["data"]
    assert template["id"] in [one["id"] for one in shown]
    refused = await vera.get(TYPES, params={"view": view["id"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "view_outdated")
    plain = await owner.made("/api/v2/saved-views", {**body, "name": "Work", "filter": None})
    table = await vera.get(TYPES, params={"view": plain["id"]}, headers=CSV)
    assert (table.status_code, list(rows_of(table.content)[0])) == (200, ["name"])


async def test_a_list_with_costs_asks_no_more_for_many(acme: Company, server: Server) -> None:
    amy, template = await acme.person("accountant"), await _template(acme)
    first = await _draft(acme, amy, template)
    with counted(server) as few:
        await amy.got(INVOICES, work_order_id=first["work_order_id"])
    for _ in range(4):
        await amy.made(f"/api/v2/work-orders/{first['work_order_id']}/invoices", {})
    with counted(server) as many:
        found = await amy.got(INVOICES, work_order_id=first["work_order_id"])
    assert len(found["data"]) == 5
    assert len(few) == len(many)
