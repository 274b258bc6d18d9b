"""An invoice on paper: what it says is gathered here and typeset by `app.documents`.

Names, addresses and the company's own words are kept at issue, so that the page a customer was sent
can be printed again when either has moved. Only the logo and what was paid since are of today.
"""

import asyncio
from decimal import Decimal
from typing import Any, cast

from babel.numbers import format_percent
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core.contacts import phone_text
from app.documents.invoice import InvoiceDocument, Party, Status, render
from app.documents.invoice import InvoiceLine as PrintedLine
from app.documents.invoice import Payment as PrintedPayment
from app.documents.words import words_in
from app.models.customers import Customer
from app.models.invoices import Invoice
from app.models.organisations import OrganisationSettings
from app.models.payments import Payment
from app.models.sites import Site
from app.models.work_orders import WorkOrder
from app.services.context import Ctx

PRINTED = (
    joinedload(Invoice.customer),
    joinedload(Invoice.work_order).joinedload(WorkOrder.site),
    selectinload(Invoice.lines),
)
"""What to load with an invoice that is to be issued or printed."""

MOST_PAYMENTS = 1000


async def pdf(ctx: Ctx, invoice: Invoice) -> bytes:
    """The invoice as a PDF; `invoice` comes with `PRINTED`. A draft says that it is one."""
    organisation = await ctx.organisation()
    logo = await ctx.session.scalar(select(OrganisationSettings.logo))
    payments = await _payments(ctx, invoice)
    printed = invoice.printed or words_on_paper(organisation, invoice)
    return await asyncio.to_thread(render, _document(invoice, printed, payments, logo))


def words_on_paper(organisation: OrganisationSettings, invoice: Invoice) -> dict[str, Any]:
    """Everything printed that could read differently tomorrow, as JSON."""
    work_order = invoice.work_order
    return {
        "locale": organisation.locale,
        "seller": _seller(organisation),
        "seller_tax_id": organisation.tax_number,
        "bill_to": _payer(invoice.customer, organisation.country),
        "service_site": _place(work_order.site) if work_order else None,
        "work_order_number": work_order.number if work_order else None,
        "customer_reference": work_order.customer_reference if work_order else None,
        "summary": work_order.summary if work_order else None,
        "footer": organisation.invoice_footer or None,
        "pay_instructions": organisation.payment_instructions or None,
    }


def _seller(organisation: OrganisationSettings) -> dict[str, Any]:
    legal = organisation.legal_name
    return {
        "name": organisation.name,
        "lines": _lines(
            legal if legal != organisation.name else None,
            organisation.street,
            _town(organisation.city, organisation.region, organisation.postal_code),
            organisation.website,
        ),
        "email": organisation.email,
        "phone": organisation.phone and phone_text(organisation.phone, organisation.country),
    }


def _payer(customer: Customer, country: str) -> dict[str, Any]:
    return {
        "name": customer.name,
        "lines": _lines(
            customer.billing_street,
            _town(customer.billing_city, customer.billing_region, customer.billing_postal_code),
        ),
        "email": customer.email,
        "phone": customer.phone and phone_text(customer.phone, country),
    }


def _place(site: Site) -> dict[str, Any]:
    street = ", ".join(filter(None, [site.street, site.unit]))
    town = _town(site.city, site.region, site.postal_code)
    if site.name:
        return {"name": site.name, "lines": _lines(street, town), "email": None, "phone": None}
    return {"name": street, "lines": _lines(town), "email": None, "phone": None}


def _town(city: str | None, region: str | None, postal_code: str | None) -> str:
    return ", ".join(filter(None, [city, " ".join(filter(None, [region, postal_code]))]))


def _lines(*lines: str | None) -> list[str]:
    return [line for line in lines if line]


async def _payments(ctx: Ctx, invoice: Invoice) -> list[Payment]:
    rows = await ctx.session.scalars(
        select(Payment)
        .where(Payment.invoice_id == invoice.id)
        .order_by(Payment.received_on, Payment.id)
        .limit(MOST_PAYMENTS)
    )
    return list(rows)


def _document(
    invoice: Invoice, printed: dict[str, Any], payments: list[Payment], logo: bytes | None
) -> InvoiceDocument:
    locale = printed["locale"]
    words = words_in(locale)
    days = invoice.payment_terms_days
    return InvoiceDocument(
        status=cast(Status, str(invoice.status)),
        currency=invoice.currency,
        locale=locale,
        logo=logo,
        seller=_party(printed["seller"]),
        seller_tax_id=printed["seller_tax_id"],
        bill_to=_party(printed["bill_to"]),
        service_site=_party(printed["service_site"]) if printed["service_site"] else None,
        work_order_number=printed["work_order_number"],
        customer_reference=printed.get("customer_reference"),
        summary=printed["summary"],
        footer=printed["footer"],
        pay_instructions=printed["pay_instructions"],
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        terms=words["terms_net"].format(days=days) if days else words["terms_now"],
        lines=tuple(
            PrintedLine(
                description=line.description,
                detail=line.detail,
                quantity=line.quantity,
                unit=None if line.unit == "each" else line.unit,
                unit_price=line.unit_price,
                total=line.amount,
            )
            for line in invoice.lines
        ),
        subtotal=invoice.subtotal,
        discount=invoice.discount,
        discount_label=invoice.discount_label or _percent_off(invoice, words, locale),
        tax=invoice.tax,
        tax_label=_tax_label(invoice.tax_label, invoice.tax_rate, locale),
        total=invoice.total,
        balance=invoice.balance if invoice.number else invoice.total,
        paid=sum(payment.amount for payment in payments),
        payments=tuple(_payment(payment, words) for payment in payments),
        notes=invoice.notes,
    )


def _party(block: dict[str, Any]) -> Party:
    return Party(
        name=block["name"],
        lines=tuple(block["lines"]),
        email=block["email"],
        phone=block["phone"],
    )


def _payment(payment: Payment, words: dict[str, str]) -> PrintedPayment:
    method = words[f"method_{payment.method}"]
    return payment.received_on, " ".join(filter(None, [method, payment.reference])), payment.amount


def _tax_label(label: str, rate: Decimal, locale: str) -> str | None:
    """`Sales tax (8.25%)`; nothing where nothing is taxed."""
    return f"{label} ({_percent(rate, locale)})" if rate else None


def _percent_off(invoice: Invoice, words: dict[str, str], locale: str) -> str | None:
    percent = invoice.discount_percent
    return f"{words['discount']} ({_percent(percent / 100, locale)})" if percent else None


def _percent(rate: Decimal, locale: str) -> str:
    return format_percent(rate, locale=locale.replace("-", "_"), decimal_quantization=False)
