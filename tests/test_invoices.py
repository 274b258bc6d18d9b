"""Invoices through the door people use."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from tests.support.money import a_work_order, books, drafted, issued, settle_on
from tests.support.people import Company
from tests.support.queries import counted
from tests.support.server import Server
from tests.test_files import sent

HERE = ZoneInfo("America/Chicago")


def today(plus: int = 0) -> str:
    return (datetime.now(UTC).astimezone(HERE).date() + timedelta(days=plus)).isoformat()


async def test_a_draft_starts_from_the_job_type_and_the_customers_terms(acme: Company) -> None:
    await settle_on(acme, tax_rate=Decimal("0.0825"), tax_label="Texas sales tax")
    amy = await acme.person("accountant")
    order = await a_work_order(acme, price="189.5", payment_terms_days=14)

    draft = await amy.made(f"/api/v2/work-orders/{order['id']}/invoices", {})

    assert (draft["status"], draft["number"], draft["version"]) == ("draft", None, 1)
    assert (draft["customer_id"], draft["work_order_id"]) == (
        order["customer"]["id"],
        order["id"],
    )
    assert (draft["payment_terms_days"], draft["currency"]) == (14, "USD")
    assert (draft["tax_label"], draft["tax_rate"]) == ("Texas sales tax", "0.0825")
    [line] = draft["lines"]
    assert line["description"].startswith("Septic pumping")
    assert (line["quantity"], line["unit_price"], line["amount"], line["tax"]) == (
        "1", "189.5", 18950, 1563,
    )  # fmt: skip
    assert (draft["subtotal"], draft["tax"], draft["total"], draft["balance"]) == (
        18950, 1563, 20513, 0,
    )  # fmt: skip
    assert draft["allowed_transitions"] == ["issue"]
    assert await amy.got(f"/api/v2/invoices/{draft['id']}") == draft


async def test_what_is_put_on_a_work_order_stays_there_when_it_is_billed(acme: Company) -> None:
    """An invoice names its work order; who reads the one finds the papers on the other."""
    amy, order = await acme.person("admin"), await a_work_order(acme, price="100")
    about = {"entity": "work_order", "entity_id": order["id"]}
    file = await sent(amy, "permit.txt", b"Permit 4711\n")
    paper = await amy.made("/api/v2/attachments", {**about, "file_id": file["id"]})
    note = await amy.made("/api/v2/notes", {**about, "body": "Gate was open."})
    draft = await amy.made(f"/api/v2/work-orders/{order['id']}/invoices", {})
    assert draft["work_order_id"] == order["id"]
    for kind, one in (("attachments", paper), ("notes", note)):
        there = (await amy.got(f"/api/v2/{kind}", **about))["data"]
        assert [shown["id"] for shown in there] == [one["id"]]
        billed = {"entity": "invoice", "entity_id": draft["id"]}
        assert (await amy.got(f"/api/v2/{kind}", **billed))["data"] == []


async def test_an_exempt_customer_pays_no_tax_and_a_type_without_a_price_bills_nothing(
    acme: Company,
) -> None:
    await settle_on(acme, tax_rate=Decimal("0.0825"))
    amy = await acme.person("accountant")
    exempt = await drafted(amy, await a_work_order(acme, tax_exempt=True), "100")
    assert (exempt["tax_rate"], exempt["tax"], exempt["total"]) == ("0", 0, 10000)
    empty = await drafted(amy, await a_work_order(acme, price=None))
    assert (empty["lines"], empty["total"]) == ([], 0)
    refused = await amy.post(f"/api/v2/invoices/{empty['id']}/issue")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_lines")


@pytest.mark.parametrize(("round_tax_on", "tax"), [("document", 1533), ("line", 1534)])
async def test_tax_is_rounded_where_the_organisation_says(
    acme: Company, round_tax_on: str, tax: int
) -> None:
    await settle_on(acme, tax_rate=Decimal("0.23"), round_tax_on=round_tax_on)
    amy = await acme.person("accountant")
    draft = await drafted(amy, await a_work_order(acme), "55.55", "11.11")
    assert (draft["subtotal"], draft["tax"], draft["total"]) == (6666, tax, 6666 + tax)
    assert sum(line["tax"] for line in draft["lines"]) == tax
    await settle_on(acme, tax_rate=Decimal(0), round_tax_on="document")


async def test_a_draft_is_changed_deleted_and_brought_back(acme: Company) -> None:
    await settle_on(acme, tax_rate=Decimal("0.10"))
    amy = await acme.person("accountant")
    draft = await drafted(amy, await a_work_order(acme), "100", "50")
    path = f"/api/v2/invoices/{draft['id']}"

    cheaper = await amy.patched(
        path, 1, {"discount_percent": "12.5", "discount_label": "Spring offer"}
    )
    assert (cheaper["version"], cheaper["discount"], cheaper["discount_percent"]) == (
        2, 1875, "12.5",
    )  # fmt: skip
    assert (cheaper["tax"], cheaper["total"]) == (1313, 14438)
    assert [line["discount"] for line in cheaper["lines"]] == [1250, 625]

    three = [
        {"description": "Pumping", "quantity": "1.5", "unit": "h", "unit_price": "100"},
        {"description": "Filter", "unit_price": "50", "taxable": False},
        {"description": "Lid", "unit_price": "0.3333", "quantity": "3"},
    ]
    more = await amy.patched(path, 2, {"lines": three, "notes": "Thank you."})
    assert (more["version"], more["subtotal"], more["discount"]) == (3, 20100, 2513)
    assert [line["position"] for line in more["lines"]] == [1, 2, 3]
    assert [line["id"] for line in more["lines"]][:2] == [line["id"] for line in draft["lines"]]

    reworded = await amy.patched(path, 3, {"lines": [{**three[0], "detail": "Tank two"}]})
    assert (reworded["version"], len(reworded["lines"])) == (4, 1)
    same = await amy.patched(path, 4, {"lines": [{**three[0], "detail": "Tank two"}]})
    assert same["version"] == 4
    fixed = await amy.patched(path, 4, {"discount": 500})
    assert (fixed["discount"], fixed["discount_percent"]) == (500, None)

    stale = await amy.patch(path, json={"notes": "x"}, headers={"If-Match": '"v4"'})
    assert (stale.status_code, stale.json()["current"]["discount"]) == (412, 500)
    assert (await amy.patch(path, json={"notes": "x"})).status_code == 428

    assert (await amy.delete(path)).status_code == 204
    assert (await amy.get(path)).status_code == 404
    assert (await amy.made(f"{path}/restore"))["deleted_at"] is None
    told = [one["sentence"] for one in (await amy.got(f"{path}/timeline"))["data"]]
    assert told[::-1] == [
        "An invoice over $165.00 was drafted.",
        "The invoice draft was changed (discount, discount label, discount percent); it comes to $144.38.",
        "The invoice draft was changed (lines, notes); it comes to $189.08.",
        "The invoice draft was changed (lines); it comes to $144.38.",
        "The invoice draft was changed (discount, discount percent); it comes to $159.50.",
        "The invoice draft over $159.50 was deleted.",
        "The invoice draft over $159.50 was restored.",
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"total": 1}, "/total"),
        ({"tax": 0}, "/tax"),
        ({"lines": [{"description": "x", "unit_price": "1", "amount": 5}]}, "/lines/0/amount"),
        ({"lines": [{"description": "x", "unit_price": 1.5}]}, "/lines/0/unit_price"),
        ({"lines": [{"description": "x", "unit_price": "-1"}]}, "/lines/0/unit_price"),
        (
            {"lines": [{"description": "x", "unit_price": "1", "quantity": "0"}]},
            "/lines/0/quantity",
        ),
        ({"lines": [{"description": " ", "unit_price": "1"}]}, "/lines/0/description"),
        ({"discount": 18901}, "/discount"),
        ({"discount": -1}, "/discount"),
        ({"discount": True}, "/discount"),
        ({"discount": 10**30}, "/discount"),
        ({"lines": [{"description": "x", "unit_price": "١"}]}, "/lines/0/unit_price"),
        ({"lines": [{"description": "x", "unit_price": "1"}] * 201}, "/lines"),
        ({"payment_terms_days": 366}, "/payment_terms_days"),
        ({"discount_percent": "100.5"}, "/discount_percent"),
        ({"discount": 5, "discount_percent": "5"}, ""),
        (
            {"lines": [{"description": "x", "unit_price": "9999999999", "quantity": "999999999"}]},
            "/lines/0",
        ),
    ],
)
async def test_what_cannot_be_billed_is_refused(
    acme: Company, body: dict[str, object], pointer: str
) -> None:
    amy = await acme.person("accountant")
    order = await a_work_order(acme, price="189")
    reply = await amy.post(f"/api/v2/work-orders/{order['id']}/invoices", json=body)
    assert reply.status_code == 422, reply.text
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]
    listed = await amy.got("/api/v2/invoices", work_order_id=order["id"])
    assert listed["data"] == []


async def test_issuing_numbers_dates_posts_and_freezes(acme: Company) -> None:
    await settle_on(acme, tax_rate=Decimal("0.10"), payment_terms_days=30)
    amy = await acme.person("accountant")
    order = await a_work_order(acme)
    draft = await drafted(amy, order, "100", "50", discount=1000)
    path = f"/api/v2/invoices/{draft['id']}"

    invoice = await amy.made(f"{path}/issue")

    assert (invoice["status"], invoice["issued_on"], invoice["due_on"]) == (
        "issued", today(), today(30),
    )  # fmt: skip
    assert invoice["number"].startswith("INV-")
    assert (invoice["total"], invoice["balance"], invoice["overdue"]) == (15400, 15400, False)
    assert invoice["allowed_transitions"] == ["pay", "void"]
    assert await amy.got(path) == invoice
    assert await books(acme, draft["id"]) == {
        "receivable": 15400,
        "revenue": -14000,
        "tax_payable": -1400,
    }

    again = await amy.post(f"{path}/issue")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    version = {"If-Match": f'"v{invoice["version"]}"'}
    edit = await amy.patch(path, json={"notes": "x"}, headers=version)
    assert (edit.status_code, edit.json()["code"]) == (409, "issued")
    assert (await amy.delete(path)).status_code == 409
    story = await amy.got(f"/api/v2/work-orders/{order['id']}/timeline")
    assert [one["fact"] for one in story["data"]][:2] == ["invoice.issued", "invoice.drafted"]


async def test_issuing_another_version_than_the_one_seen_is_refused(acme: Company) -> None:
    amy = await acme.person("accountant")
    draft = await drafted(amy, await a_work_order(acme), "100")
    path = f"/api/v2/invoices/{draft['id']}"
    await amy.patched(path, 1, {"lines": [{"description": "Dearer", "unit_price": "900"}]})

    stale = await amy.post(f"{path}/issue", headers={"If-Match": '"v1"'})

    assert (stale.status_code, stale.json()["current"]["subtotal"]) == (412, 90000)
    unreadable = await amy.post(f"{path}/issue", headers={"If-Match": "latest"})
    assert unreadable.status_code == 400
    issued = await amy.post(f"{path}/issue", headers={"If-Match": '"v2"'})
    assert (issued.status_code, issued.headers["etag"]) == (200, '"v3"')


async def test_an_invoice_can_be_dated_and_then_be_overdue(acme: Company) -> None:
    amy = await acme.person("accountant")
    order = await a_work_order(acme, payment_terms_days=10)
    late = await drafted(amy, order, "10")
    late = await amy.made(f"/api/v2/invoices/{late['id']}/issue", {"issued_on": today(-11)})
    assert (late["due_on"], late["overdue"]) == (today(-1), True)
    on_time = await drafted(amy, order, "20")
    on_time = await amy.made(f"/api/v2/invoices/{on_time['id']}/issue", {"issued_on": today(-10)})
    assert on_time["overdue"] is False
    await drafted(amy, order, "30")

    async def totals(**filters: object) -> list[int]:
        page = await amy.got(
            "/api/v2/invoices", work_order_id=order["id"], sort="created_at", **filters
        )
        return [one["total"] for one in page["data"]]

    owed = [late["total"], on_time["total"]]
    assert await totals(overdue="true") == owed[:1]
    assert len(await totals(overdue="false")) == 2
    assert await totals(status="issued") == owed
    assert await totals(issued_from=today(-10)) == owed[1:]
    assert await totals(issued_before=today(-10)) == owed[:1]
    assert await totals(number=late["number"]) == owed[:1]
    by_due = await amy.got("/api/v2/invoices", work_order_id=order["id"], sort="-due_on")
    assert [one["total"] for one in by_due["data"]] == [*owed[::-1], 3300], "no day comes last"


async def test_an_invoice_is_not_dated_by_a_slip_of_the_keyboard(acme: Company) -> None:
    amy = await acme.person("accountant")
    draft = await drafted(amy, await a_work_order(acme), "10")
    path = f"/api/v2/invoices/{draft['id']}"
    for day in ("9999-12-31", today(400), today(-400)):
        refused = await amy.post(f"{path}/issue", json={"issued_on": day})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/issued_on")
    assert (await amy.got(path))["status"] == "draft"


async def test_an_invoice_over_nothing_is_paid_as_it_is_issued(acme: Company) -> None:
    amy = await acme.person("accountant")
    invoice = await issued(amy, await a_work_order(acme), "80", discount_percent="100")
    assert (invoice["status"], invoice["total"], invoice["balance"]) == ("paid", 0, 0)
    assert invoice["allowed_transitions"] == []
    assert await books(acme, invoice["id"]) == {}


async def test_a_void_invoice_leaves_the_books_and_keeps_its_number(acme: Company) -> None:
    amy = await acme.person("accountant")
    invoice = await issued(amy, await a_work_order(acme), "100")
    path = f"/api/v2/invoices/{invoice['id']}"
    silent = await amy.post(f"{path}/void", json={})
    assert silent.status_code == 422

    void = await amy.made(f"{path}/void", {"reason": "Wrong customer."})

    assert (void["status"], void["number"], void["balance"]) == ("void", invoice["number"], 0)
    assert (void["void_reason"], void["allowed_transitions"]) == ("Wrong customer.", [])
    assert await books(acme, invoice["id"]) == {}
    story = await amy.got(f"{path}/timeline")
    assert (
        story["data"][0]["sentence"] == f"Invoice {invoice['number']} was voided: Wrong customer."
    )
    again = await amy.post(f"{path}/void", json={"reason": "x"})
    assert (again.status_code, again.json()["detail"]) == (
        409,
        f"{invoice['number']} is void already.",
    )
    drafty = await drafted(amy, await a_work_order(acme), "1")
    early = await amy.post(f"/api/v2/invoices/{drafty['id']}/void", json={"reason": "x"})
    assert early.status_code == 409


async def test_who_may_do_what(acme: Company, rival: Company) -> None:
    amy, dana = await acme.person("accountant"), await acme.person("dispatcher")
    order = await a_work_order(acme)
    draft = await drafted(amy, order, "10")
    path = f"/api/v2/invoices/{draft['id']}"
    seen = await dana.got(path)
    assert seen["allowed_transitions"] == []
    for reply in (
        await dana.post(f"/api/v2/work-orders/{order['id']}/invoices", json={}),
        await dana.post(f"{path}/issue"),
        await dana.patch(path, json={"notes": "x"}, headers={"If-Match": '"v1"'}),
    ):
        assert reply.status_code == 403
    rob = await rival.person("owner")
    for reply in (
        await rob.get(path),
        await rob.get(f"{path}/pdf"),
        await rob.post(f"{path}/issue"),
        await rob.post(f"/api/v2/work-orders/{order['id']}/invoices", json={}),
    ):
        assert reply.status_code == 404
    assert (await rob.got("/api/v2/invoices"))["data"] == []


async def test_a_long_list_asks_no_more_than_a_short_one(acme: Company, server: Server) -> None:
    amy = await acme.person("accountant")
    order = await a_work_order(acme)
    for amount in range(20):
        draft = await drafted(amy, order, str(amount + 1))
        await amy.made(f"/api/v2/invoices/{draft['id']}/issue")
    asked = []
    for limit in (1, 20):
        with counted(server) as queries:
            page = await amy.got("/api/v2/invoices", work_order_id=order["id"], limit=limit)
        assert len(page["data"]) == limit
        asked.append(len(queries))
    assert asked[0] == asked[1]


async def test_others_wait_for_a_number_only_while_it_is_written_down(
    acme: Company, server: Server
) -> None:
    amy = await acme.person("accountant")
    draft = await drafted(amy, await a_work_order(acme), "10")
    with counted(server) as queries:
        await amy.made(f"/api/v2/invoices/{draft['id']}/issue")
    [taken] = [n for n, query in enumerate(queries) if query.startswith("UPDATE counters")]
    after = [query.split()[:2] for query in queries[taken + 1 :]]
    assert after == [["UPDATE", "invoices"], ["with", "entry"]]


async def test_the_paper_says_what_was_agreed_even_after_everybody_moved(
    acme: Company, server: Server
) -> None:
    await settle_on(
        acme,
        tax_rate=Decimal("0.0825"),
        tax_label="Sales tax",
        street="12 Depot Road",
        city="Austin",
        region="TX",
        postal_code="78702",
        payment_instructions="Bank 12345",
    )
    amy = await acme.person("accountant")
    dana = await acme.person("dispatcher")
    order = await a_work_order(
        acme,
        reference="PO 4711",
        billing_street="9 Elm Street",
        billing_city="Waco",
        phone="+12025550142",
    )
    draft = await drafted(
        amy, order, "100", "24.0875", discount_percent="10", notes="Mind the dog."
    )
    path = f"/api/v2/invoices/{draft['id']}"

    async def printed() -> str:
        reply = await amy.get(f"{path}/pdf")
        assert reply.status_code == 200, reply.text
        assert reply.headers["content-type"] == "application/pdf"
        assert reply.headers["cache-control"] == "private, no-store"
        [page] = PdfReader(BytesIO(reply.content)).pages
        return page.extract_text().replace("\u00a0", " ")

    assert "DRAFT" in await printed()
    invoice = await amy.made(f"{path}/issue")
    await amy.made(f"{path}/payments", {"amount": 2000, "method": "check", "reference": "1042"})
    named = (await amy.get(f"{path}/pdf")).headers["content-disposition"]
    assert f'filename="{invoice["number"]}.pdf"' in named
    customer = await dana.got(f"/api/v2/customers/{order['customer']['id']}")
    await dana.patched(
        f"/api/v2/customers/{order['customer']['id']}",
        customer["version"],
        {"billing_street": "1 New Street"},
    )
    await settle_on(acme, street="99 Elsewhere")

    paper = await printed()

    for said in (
        invoice["number"], order['number'], "9 Elm Street", "12 Depot Road", "Oak Lane",
        "Pump the tank", "$24.0875", "Discount (10%)", "Sales tax (8.25%)", "Mind the dog.",
        "Check 1042", "−$20.00", "Bank 12345", "Net 30", "PO 4711", "(202) 555-0142",
    ):  # fmt: skip
        assert said in paper, said
    assert "New Street" not in paper
    assert "Elsewhere" not in paper
