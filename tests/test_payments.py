"""Payments through the door people use, and the books behind it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from app.core.ids import new_id
from tests.support.journal import begin
from tests.support.money import a_work_order, books, drafted, issued, settle_on
from tests.support.people import Company, found_company
from tests.support.server import Server

CASH = {"method": "cash"}


async def test_two_payments_settle_an_invoice_and_the_work_order_tells_it(acme: Company) -> None:
    await settle_on(acme, tax_rate=Decimal("0.10"))
    amy = await acme.person("accountant", "Amy Cole")
    order = await a_work_order(acme)
    invoice = await issued(amy, order, "100")
    path = f"/api/v2/invoices/{invoice['id']}"

    first = await amy.post(
        f"{path}/payments", json={"amount": 4000, "method": "check", "reference": "1042"}
    )
    assert first.status_code == 201, first.text
    assert first.headers["etag"] == '"v1"'
    part = await amy.got(path)
    assert (part["status"], part["balance"]) == ("partially_paid", 7000)
    assert part["allowed_transitions"] == ["pay"]
    second = await amy.made(f"{path}/payments", {"amount": 7000, "method": "bank_transfer"})

    whole = await amy.got(path)
    assert (whole["status"], whole["balance"], whole["allowed_transitions"]) == ("paid", 0, [])
    assert whole["version"] == invoice["version"] + 2
    assert await books(acme, invoice["id"]) == {
        "cash": 11000,
        "revenue": -10000,
        "tax_payable": -1000,
    }
    story = (await amy.got(f"/api/v2/work-orders/{order['id']}/timeline"))["data"][::-1]
    number = invoice["number"]
    due = (datetime.fromisoformat(invoice["due_on"])).strftime("%b %-d, %Y")
    assert [one["sentence"] for one in story[-5:]] == [
        "An invoice over $110.00 was drafted.",
        f"Invoice {number} over $110.00 was issued, due {due}.",
        f"A payment of $40.00 by check was recorded on {number}; $70.00 is left.",
        f"A payment of $70.00 by bank transfer was recorded on {number}; $0.00 is left.",
        f"Invoice {number} is paid in full.",
    ]
    assert {(one["actor"]["name"], one["source"]) for one in story[-5:]} == {("Amy Cole", "api")}
    entry = await amy.got(f"/api/v2/journal/{story[-2]['id']}")
    assert (entry["entity_id"], entry["changes"]["amount_minor"]) == (second["id"], 7000)


async def test_payments_are_found_again(acme: Company, rival: Company) -> None:
    amy = await acme.person("accountant", "Amy Cole")
    invoice = await issued(amy, await a_work_order(acme), "30")
    path = f"/api/v2/invoices/{invoice['id']}/payments"
    long_ago = await amy.made(path, {"amount": 100, "received_on": "2024-02-29", **CASH})
    lately = await amy.made(path, {"amount": 200, "method": "card"})

    assert await amy.got(f"/api/v2/payments/{lately['id']}") == lately
    assert (long_ago["received_on"], long_ago["currency"]) == ("2024-02-29", "USD")

    async def amounts(**filters: str) -> list[int]:
        page = await amy.got("/api/v2/payments", invoice_id=invoice["id"], **filters)
        return [one["amount"] for one in page["data"]]

    assert await amounts(sort="received_on") == [100, 200]
    assert await amounts(method="card") == [200]
    assert await amounts(received_before="2024-03-01") == [100]
    assert await amounts(customer_id=invoice["customer_id"], received_from="2024-03-01") == [200]
    [told] = (await amy.got(f"/api/v2/payments/{lately['id']}/timeline"))["data"]
    assert told["fact"] == "payment.recorded"

    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    assert (await dana.post(path, json={"amount": 1, **CASH})).status_code == 403
    assert (await rob.post(path, json={"amount": 1, **CASH})).status_code == 404
    assert (await rob.get(f"/api/v2/payments/{lately['id']}")).status_code == 404
    assert (await rob.got("/api/v2/payments"))["data"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"amount": 0}, "/amount"),
        ({"amount": -5}, "/amount"),
        ({"amount": 10.5}, "/amount"),
        ({"amount": "10"}, "/amount"),
        ({"amount": 10**16}, "/amount"),
        ({"amount": 1, "method": "shells"}, "/method"),
        ({"amount": 1, "received_on": "2199-01-01"}, "/received_on"),
        ({"amount": 1, "received_on": "10000-01-01"}, "/received_on"),
        ({"amount": 1, "currency": "EUR"}, "/currency"),
        ({"amount": 5001}, "/amount"),
    ],
)
async def test_what_cannot_be_received_is_refused(
    acme: Company, body: dict[str, object], pointer: str
) -> None:
    await settle_on(acme, tax_rate=Decimal(0))
    amy = await acme.person("accountant", "Amy Cole")
    invoice = await issued(amy, await a_work_order(acme), "50")
    path = f"/api/v2/invoices/{invoice['id']}"

    reply = await amy.post(f"{path}/payments", json={**CASH, **body})

    assert reply.status_code == 422, reply.text
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]
    assert (await amy.got(path))["balance"] == 5000


async def test_more_than_is_owed_is_refused_with_the_balance(acme: Company) -> None:
    amy = await acme.person("accountant", "Amy Cole")
    invoice = await issued(amy, await a_work_order(acme), "50")
    path = f"/api/v2/invoices/{invoice['id']}/payments"
    await amy.made(path, {"amount": 2000, **CASH})

    problem = (await amy.post(path, json={"amount": 3001, **CASH})).json()

    assert (problem["code"], problem["balance"], problem["currency"]) == (
        "overpayment",
        3000,
        "USD",
    )
    assert problem["detail"] == (
        f"$30.00 is owed on {invoice['number']}; a payment cannot be more than that."
    )


async def test_money_is_received_only_while_it_is_owed(acme: Company) -> None:
    amy = await acme.person("accountant", "Amy Cole")
    order = await a_work_order(acme)
    draft = await drafted(amy, order, "1")
    void = await issued(amy, order, "1")
    await amy.made(f"/api/v2/invoices/{void['id']}/void", {"reason": "Typo"})
    paid = await issued(amy, order, "1")
    await amy.made(f"/api/v2/invoices/{paid['id']}/payments", {"amount": 100, **CASH})

    for invoice, why in (
        (draft, "This invoice is a draft. Issue it before recording a payment."),
        (void, f"{void['number']} is void; nothing is owed on it."),
        (paid, f"{paid['number']} is paid already."),
    ):
        path = f"/api/v2/invoices/{invoice['id']}/payments"
        reply = await amy.post(path, json={"amount": 1, **CASH})
        assert (reply.status_code, reply.json()["detail"]) == (409, why)
    taken_back = await amy.post(f"/api/v2/invoices/{paid['id']}/void", json={"reason": "x"})
    assert taken_back.status_code == 409


async def test_a_payment_sent_twice_with_its_key_is_received_once(acme: Company) -> None:
    amy = await acme.person("accountant", "Amy Cole")
    invoice = await issued(amy, await a_work_order(acme), "50")
    path = f"/api/v2/invoices/{invoice['id']}/payments"
    body, key = {"amount": 1500, **CASH}, {"Idempotency-Key": "till-7"}
    first, second = [await amy.post(path, json=body, headers=key) for _ in range(2)]
    assert first.content == second.content
    assert second.headers["idempotent-replayed"] == "true"
    assert (await amy.got(f"/api/v2/invoices/{invoice['id']}"))["balance"] == 3500


async def test_of_twenty_who_pay_the_whole_at_once_one_succeeds(acme: Company) -> None:
    amy = await acme.person("accountant", "Amy Cole")
    invoice = await issued(amy, await a_work_order(acme), "50")
    path = f"/api/v2/invoices/{invoice['id']}"

    replies = await asyncio.gather(
        *(amy.post(f"{path}/payments", json={"amount": 5000, **CASH}) for _ in range(20))
    )

    assert Counter(reply.status_code for reply in replies) == {201: 1, 409: 19}
    assert (await books(acme, invoice["id"]))["cash"] == 5000
    settled = await amy.got(path)
    assert (settled["status"], settled["balance"]) == ("paid", 0)


async def test_of_many_parts_at_once_only_those_that_fit_are_taken(acme: Company) -> None:
    amy = await acme.person("accountant", "Amy Cole")
    invoice = await issued(amy, await a_work_order(acme), "100")
    path = f"/api/v2/invoices/{invoice['id']}"

    replies = await asyncio.gather(
        *(amy.post(f"{path}/payments", json={"amount": 3000, **CASH}) for _ in range(16))
    )

    assert Counter(reply.status_code for reply in replies) == {201: 3, 422: 13}
    assert {reply.json()["balance"] for reply in replies if reply.status_code == 422} == {1000}
    assert (await amy.got(path))["balance"] == 1000


async def test_a_currency_of_whole_units_stays_whole(server: Server) -> None:
    edo = await found_company(server, "edo", "Asia/Tokyo")
    await settle_on(
        edo, currency="JPY", locale="ja_JP", tax_rate=Decimal("0.10"), round_tax_on="line"
    )
    aki = await edo.person("accountant")
    invoice = await issued(aki, await a_work_order(edo), "1234.5", "999")
    assert (invoice["subtotal"], invoice["tax"], invoice["total"]) == (2234, 224, 2458)
    await aki.made(f"/api/v2/invoices/{invoice['id']}/payments", {"amount": 458, **CASH})
    told = (await aki.got(f"/api/v2/invoices/{invoice['id']}/timeline"))["data"][0]["sentence"]
    assert (
        told == f"A payment of ￥458 by cash was recorded on {invoice['number']}; ￥2,000 is left."
    )
    assert invoice["issued_on"] == (datetime.now(UTC) + timedelta(hours=9)).date().isoformat()
    await edo.close()


@pytest_asyncio.fixture
async def app_role(server: Server) -> AsyncIterator[asyncpg.Connection]:
    """A raw connection as the role that serves."""
    connection = await asyncpg.connect(server.database.app)
    yield connection
    await connection.close()


ENTRY = (
    "insert into ledger_entries (org_id, id, posting_id, account, amount, currency, customer_id,"
    " invoice_id) values ($1, $2, $3, $4, $5, $6, $7, $8)"
)


async def test_a_posting_that_does_not_balance_is_refused_at_commit(
    acme: Company, app_role: asyncpg.Connection
) -> None:
    amy = await acme.person("accountant", "Amy Cole")
    invoice = await issued(amy, await a_work_order(acme), "50")
    about = (UUID(invoice["customer_id"]), UUID(invoice["id"]))

    async def enter(*entries: tuple[str, int, str]) -> None:
        transaction = await begin(app_role, acme.id)
        posting = new_id()
        for account, amount, currency in entries:
            await app_role.execute(
                ENTRY, acme.id, new_id(), posting, account, amount, currency, *about
            )
        await transaction.commit()

    with pytest.raises(asyncpg.CheckViolationError, match="does not balance: 5 USD"):
        await enter(("cash", 10, "USD"), ("receivable", -5, "USD"))
    with pytest.raises(asyncpg.CheckViolationError, match="does not balance"):
        await enter(("cash", 10, "USD"), ("receivable", -10, "EUR"))
    await enter(("cash", 10, "USD"), ("receivable", -10, "USD"))
    assert (await books(acme, invoice["id"]))["cash"] == 10


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("update ledger_entries set amount = -amount", asyncpg.InsufficientPrivilegeError),
        ("delete from ledger_entries", asyncpg.InsufficientPrivilegeError),
        ("truncate ledger_entries", asyncpg.InsufficientPrivilegeError),
        ("update payments set amount = amount + 1", asyncpg.CheckViolationError),
        ("delete from payments", asyncpg.CheckViolationError),
        ("update invoices set total = total + 1, tax = tax + 1", asyncpg.CheckViolationError),
        ("update invoices set due_on = due_on + 1", asyncpg.CheckViolationError),
        ("update invoices set printed = '{}'", asyncpg.CheckViolationError),
        ("update invoices set deleted_at = now()", asyncpg.CheckViolationError),
        ("delete from invoices", asyncpg.CheckViolationError),
        ("update invoice_lines set description = 'Other'", asyncpg.CheckViolationError),
        ("delete from invoice_lines", asyncpg.CheckViolationError),
    ],
)
async def test_what_is_in_the_books_stands(
    acme: Company,
    app_role: asyncpg.Connection,
    statement: str,
    refusal: type[asyncpg.PostgresError],
) -> None:
    amy = await acme.person("accountant", "Amy Cole")
    invoice = await issued(amy, await a_work_order(acme), "50")
    await amy.made(f"/api/v2/invoices/{invoice['id']}/payments", {"amount": 1, **CASH})
    before = await books(acme, invoice["id"])
    transaction = await begin(app_role, acme.id)
    with pytest.raises(refusal):
        await app_role.execute(statement)
    await transaction.rollback()
    assert await books(acme, invoice["id"]) == before


async def test_a_draft_cannot_be_issued_with_totals_that_are_not_its_lines(
    acme: Company, app_role: asyncpg.Connection
) -> None:
    amy = await acme.person("accountant", "Amy Cole")
    draft = await drafted(amy, await a_work_order(acme), "50")
    transaction = await begin(app_role, acme.id)
    with pytest.raises(asyncpg.CheckViolationError, match="do not add up"):
        await app_role.execute(
            "update invoices set status = 'issued', number = 'X-1', issued_on = current_date,"
            " issued_at = now(), due_on = current_date, printed = '{}',"
            " subtotal = subtotal + 1, total = total + 1 where id = $1",
            UUID(draft["id"]),
        )
    await transaction.rollback()
