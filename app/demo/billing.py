"""Billing a job: when the invoice goes out, when money comes in, and how the tables tell it.

Amounts are the product's own (`invoices.totals`, `payments`), what is printed too; nothing is
reckoned here.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from app.core.dates import day_text
from app.core.money import Rounding, money_text, share
from app.demo.catalogue import Extra, Kind
from app.demo.chronicle import Act, Chronicle
from app.demo.jobs import MINUTE, Bill, End, Job, Local, Payment
from app.models.invoices import Invoice, InvoiceLine, InvoiceStatus
from app.models.ledger import Account, LedgerEntry
from app.models.organisations import OrganisationSettings, RoundTaxOn
from app.models.payments import Payment as PaymentRow
from app.models.payments import PaymentMethod
from app.models.work_orders import WorkOrder
from app.services.facts import Fact
from app.services.invoices.document import words_on_paper
from app.services.invoices.totals import Priced, Rules, Totals, add_up

S = InvoiceStatus

DISCOUNTS = (("Senior discount", "5"), ("Neighbour's discount", "10"), ("Repeat customer", "5"))
VOIDED_BECAUSE = ("Billed with the wrong gallons", "Wrong payer", "Issued twice")


def bill(random: Random, local: Local, job: Job, terms: int) -> None:
    """Decide when the job is approved and billed, and when it is paid. Nothing is told yet."""
    finished = job.trips[-1].finished
    if job.canceled or finished is None or job.trips[-1].end is not End.completed:
        return
    office = _Hours(random, local)
    today = random.randrange(100) < 30 and local.hour(finished) < 15
    job.approved = office.on(finished, 0, 16) if today else office.on(finished, 1, 8)
    drafted = job.approved + random.randint(60, 400) * MINUTE / 60
    first = Bill(drafted, drafted + random.randint(40, 200) * MINUTE / 60)
    job.bills.append(first)
    if random.randrange(100) < 2:
        first.voided = office.on(first.issued, random.randint(1, 2), 9)
        first.reason = random.choice(VOIDED_BECAUSE)
        again = first.voided + random.randint(100, 400) * MINUTE / 60
        job.bills.append(Bill(again, again + 2 * MINUTE))
    last = job.bills[-1]
    last.payments = _payments(random, office, last.issued, terms)
    if last.payments and sum(one.share for one in last.payments) == 100:
        job.closed = last.payments[-1].at + random.randint(120, 900) * MINUTE / 60


class _Hours:
    """Moments in the office's day."""

    def __init__(self, random: Random, local: Local):
        self.random = random
        self.local = local

    def on(self, moment: datetime, days: int, hour: int) -> datetime:
        """Some time after `hour`, so many days after the day of `moment`."""
        day = self.local.day(moment) + timedelta(days=days)
        spread = 170 if hour < 12 else 50
        return self.local.at(day, hour, 20) + self.random.randrange(spread * 60) * MINUTE / 60


def _payments(random: Random, office: _Hours, issued: datetime, terms: int) -> list[Payment]:
    chance = random.randrange(100)
    if chance < 18:
        return [_payment(random, issued + random.randint(15, 60) * MINUTE, 100)]
    if chance < 72:
        return [_payment(random, office.on(issued, random.randint(2, max(3, terms)), 9), 100)]
    if chance < 80:
        first = random.choice((40, 50, 60))
        days = random.randint(3, 10)
        later = days + random.randint(7, 14)
        return [
            _payment(random, office.on(issued, days, 9), first),
            _payment(random, office.on(issued, later, 9), 100 - first),
        ]
    if chance < 84:
        return [_payment(random, office.on(issued, random.randint(5, 20), 9), 50)]
    if chance < 91:
        return [_payment(random, office.on(issued, terms + random.randint(3, 20), 9), 100)]
    return []


def _payment(random: Random, at: datetime, part: int) -> Payment:
    [method] = random.choices(("check", "card", "bank_transfer", "cash"), (45, 35, 16, 4))
    reference = {
        "check": f"No. {random.randint(1001, 9899)}",
        "card": f"ending {random.randint(1000, 9999)}",
        "bank_transfer": f"ACH {random.randint(100000, 999999)}",
    }.get(method)
    return Payment(at, part, method, reference)


class Billing:
    """Writes the bills of jobs into the tables."""

    def __init__(
        self,
        told: Chronicle,
        random: Random,
        local: Local,
        organisation: OrganisationSettings,
        accountant: UUID,
    ):
        self.told = told
        self.random = random
        self.local = local
        self.organisation = organisation
        self.accountant = accountant

    def tell(self, job: Job, work_order_id: UUID) -> None:
        """All bills of a job, which has its numbers."""
        priced = self._lines(job)
        discount = self.random.choice(DISCOUNTS) if self.random.randrange(100) < 9 else None
        for bill in job.bills:
            _Billed(self, job, work_order_id, bill, priced, discount).tell()

    def _lines(self, job: Job) -> list[dict[str, Any]]:
        lines = [_line(job.kind.name, "1", "each", job.kind)]
        for extra in job.kind.extras:
            if self.random.randrange(100) < extra.share:
                quantity = self.random.choice(extra.quantities)
                lines.append(_line(extra.description, quantity, extra.unit, extra))
        return lines


def _line(description: str, quantity: str, unit: str, sold: Kind | Extra) -> dict[str, Any]:
    return {
        "description": description,
        "quantity": Decimal(quantity),
        "unit": unit,
        "unit_price": sold.unit_price,
        "unit_cost": sold.unit_cost,
        "taxable": True,
    }


class _Billed:
    """One invoice."""

    def __init__(
        self,
        billing: Billing,
        job: Job,
        work_order_id: UUID,
        bill: Bill,
        lines: list[dict[str, Any]],
        discount: tuple[str, str] | None,
    ):
        self.told = billing.told
        self.local = billing.local
        self.organisation = billing.organisation
        self.accountant = billing.accountant
        self.job = job
        self.work_order_id = work_order_id
        self.bill = bill
        self.lines = lines
        self.discount = discount
        self.row = self._blank()
        self.totals = self._reckon()

    def _blank(self) -> dict[str, Any]:
        client, organisation = self.job.client, self.organisation
        terms = client.row.get("payment_terms_days")
        label, percent = self.discount or (None, None)
        return {
            "status": S.draft,
            "work_order_id": self.work_order_id,
            "customer_id": client.id,
            "currency": organisation.currency,
            "payment_terms_days": organisation.payment_terms_days if terms is None else terms,
            "tax_label": organisation.tax_label,
            "tax_rate": Decimal(0) if client.row.get("tax_exempt") else organisation.tax_rate,
            "rounding": organisation.rounding,
            "round_tax_on": organisation.round_tax_on,
            "discount_label": label,
            "discount_percent": Decimal(percent) if percent else None,
            "lines_revision": 1,
        }

    def _reckon(self) -> Totals:
        row = self.row
        rules = Rules(
            row["currency"],
            Rounding(row["rounding"]),
            row["tax_rate"],
            RoundTaxOn(row["round_tax_on"]),
        )
        priced = [Priced(line["quantity"], line["unit_price"]) for line in self.lines]
        totals = add_up(priced, rules, discount=row["discount_percent"] or 0)
        row |= {
            "subtotal": totals.subtotal,
            "discount": totals.discount,
            "tax": totals.tax,
            "total": totals.total,
        }
        return totals

    def tell(self) -> None:
        """Drafted, issued, and voided or paid as decided."""
        self._draft()
        self._issue()
        if self.bill.voided is not None:
            self._void(self.bill.voided)
        parts = [one.share for one in self.bill.payments]
        unpaid = 100 - sum(parts)
        amounts = share(self.totals.total, [*parts, unpaid])
        left = self.totals.total
        for payment, amount in zip(self.bill.payments, amounts, strict=False):
            left -= amount
            self._pay(payment, amount, left)

    def _act(self, at: datetime) -> Act:
        return self.told.act(at, self.accountant)

    def _draft(self) -> None:
        act = self._act(self.bill.drafted)
        self.id = self.told.add(act, Invoice, **self.row)
        for place, (line, sums) in enumerate(zip(self.lines, self.totals.lines, strict=True), 1):
            self.told.add(
                act,
                InvoiceLine,
                invoice_id=self.id,
                position=place,
                amount=sums.amount,
                discount=sums.discount,
                tax=sums.tax,
                **line,
            )
        self._say(act, Fact.invoice_drafted, total=self._money(self.totals.total))

    def _issue(self) -> None:
        act = self._act(self.bill.issued)
        on = self.local.day(act.at)
        due = on + timedelta(days=self.row["payment_terms_days"])
        self._post(
            act,
            {
                Account.receivable: self.totals.total,
                Account.revenue: self.totals.discount - self.totals.subtotal,
                Account.tax_payable: -self.totals.tax,
            },
        )
        self.told.change(
            act,
            Invoice,
            self.id,
            status=S.issued,
            number=self.bill.number,
            issued_at=act.at,
            issued_on=on,
            due_on=due,
            printed=words_on_paper(self.organisation, self._record()),
        )
        self._say(
            act,
            Fact.invoice_issued,
            number=self.bill.number,
            total=self._money(self.totals.total),
            due=day_text(due, self.organisation.locale),
        )

    def _record(self) -> Invoice:
        """As a record, for what reads records; never added to a session."""
        job = self.job
        work_order = WorkOrder(number=job.number, summary=job.summary, site=job.place.site)
        return Invoice(customer=job.client.customer, work_order=work_order)

    def _void(self, at: datetime) -> None:
        act = self._act(at)
        self._post(
            act,
            {
                Account.receivable: -self.totals.total,
                Account.revenue: self.totals.subtotal - self.totals.discount,
                Account.tax_payable: self.totals.tax,
            },
        )
        reason = self.bill.reason
        self.told.change(act, Invoice, self.id, status=S.void, void_reason=reason)
        self._say(act, Fact.invoice_voided, number=self.bill.number, reason=reason)

    def _pay(self, payment: Payment, amount: int, left: int) -> None:
        act = self._act(payment.at)
        method = PaymentMethod(payment.method)
        id = self.told.add(
            act,
            PaymentRow,
            invoice_id=self.id,
            customer_id=self.job.client.id,
            method=method,
            amount=amount,
            currency=self.row["currency"],
            received_on=self.local.day(act.at),
            reference=payment.reference,
        )
        self._post(act, {Account.cash: amount, Account.receivable: -amount}, payment_id=id)
        status = S.partially_paid if left else S.paid
        self.told.change(act, Invoice, self.id, status=status)
        self.told.say(
            act,
            Fact.payment_recorded,
            PaymentRow,
            id,
            self.id,
            self.work_order_id,
            self.job.client.id,
            number=self.bill.number,
            amount=self._money(amount),
            amount_minor=amount,
            currency=self.row["currency"],
            method=method.value.replace("_", " "),
            balance=self._money(left),
        )
        if not left:
            self._say(act, Fact.invoice_paid, number=self.bill.number)

    def _post(
        self, act: Act, amounts: dict[Account, int], *, payment_id: UUID | None = None
    ) -> None:
        posting = self.told.ids.at(act.at)
        for account, amount in amounts.items():
            if amount:
                self.told.add(
                    act,
                    LedgerEntry,
                    posting_id=posting,
                    account=account,
                    amount=amount,
                    currency=self.row["currency"],
                    customer_id=self.job.client.id,
                    invoice_id=self.id,
                    payment_id=payment_id,
                )

    def _say(self, act: Act, fact: Fact, **data: Any) -> None:
        self.told.say(act, fact, Invoice, self.id, self.work_order_id, self.job.client.id, **data)

    def _money(self, minor: int) -> str:
        return money_text(minor, self.row["currency"], self.organisation.locale)
