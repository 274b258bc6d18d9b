"""An invoice on paper: everything that is printed, already decided, and `render` to typeset it.

Nothing is added up here. An issued invoice prints the figures that were stored when it was
issued, so a later change of rounding rule or tax rate cannot alter a page somebody has paid.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from app.core.money import money_text, price_text
from app.documents import pictures
from app.documents.pdf import compile_pdf
from app.documents.words import INVOICE

Status = Literal["draft", "issued", "partially_paid", "paid", "void", "written_off", "credited"]
Payment = tuple[date, str, int]  # day, method as the customer knows it, minor units

# Where an office printer holds Letter (CLDR); everywhere else it holds A4.
_LETTER = "BZ CA CL CO CR GT MX NI PA PH PR SV US VE"
LETTER = frozenset(_LETTER.split())

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A name and address block: the seller, the payer, or the place where the work was done."""

    name: str
    lines: tuple[str, ...] = ()
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One charge. The unit price is in major units and may be finer than the currency."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    total: int
    unit: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """What one invoice says. Amounts are minor units of `currency`; a discount is positive."""

    status: Status
    currency: str
    locale: str
    seller: Party
    bill_to: Party
    lines: tuple[InvoiceLine, ...]
    subtotal: int
    total: int
    balance: int
    number: str | None = None
    issued_on: date | None = None
    due_on: date | None = None
    terms: str = ""
    seller_tax_id: str | None = None
    logo: bytes | None = None
    service_site: Party | None = None
    work_order_number: str | None = None
    customer_reference: str | None = None
    summary: str | None = None
    discount: int = 0
    discount_label: str | None = None
    tax: int = 0
    tax_label: str | None = None
    paid: int = 0
    payments: tuple[Payment, ...] = ()
    notes: str | None = None
    footer: str | None = None
    pay_instructions: str | None = None

    def __post_init__(self) -> None:
        if self.status == "draft" and self.number:
            raise ValueError("A draft has no number yet: issuing gives it one.")
        if self.status != "draft" and not self.number:
            raise ValueError("An invoice that was issued has a number.")


def render(document: InvoiceDocument) -> bytes:
    """The invoice as a PDF. Takes a few dozen milliseconds: call it from a thread or a job."""
    return compile_pdf("invoice.typ", _Page(document).data(), dated=document.issued_on)


class _Page:
    """Turns a document into the words and figures of its template, in its own locale."""

    def __init__(self, document: InvoiceDocument) -> None:
        self.document = document
        self.locale = Locale.parse(document.locale.replace("-", "_"))
        self.language = self.locale.language if self.locale.language in INVOICE else "en"
        self.words = INVOICE[self.language]

    def data(self) -> dict[str, object]:
        doc, words = self.document, self.words
        letter = doc.currency == "USD" or self.locale.territory in LETTER
        return {
            "paper": "us-letter" if letter else "a4",
            "language": self.language,
            "words": words,
            "status": doc.status,
            "mark": words.get(f"mark_{doc.status}"),
            "number": said(doc.number),
            "dated": doc.issued_on is not None,
            "logo": self.logo(),
            "monogram": _monogram(doc.seller.name),
            "seller": {**_party(doc.seller), "tax_id": said(doc.seller_tax_id)},
            "bill_to": _party(doc.bill_to),
            "service_site": doc.service_site and _party(doc.service_site),
            "facts": self.facts(),
            "headline": self.headline(),
            "summary": said(doc.summary),
            "lines": [self.line(line) for line in doc.lines],
            "sums": self.sums(),
            "total": [words["total"], self.money(doc.total)],
            "received": self.received(),
            "balance": self.balance(),
            "payments": [] if self.payments_fit() else [self.payment(*row) for row in doc.payments],
            "pay_instructions": said(doc.pay_instructions) if self.is_owed() else None,
            "notes": said(doc.notes),
            "footer": said(doc.footer),
        }

    def logo(self) -> dict[str, object] | None:
        """A picture that cannot be printed gives way to the monogram: the invoice still goes out.

        The upload is where `pictures.refusal` is said aloud.
        """
        logo = self.document.logo
        return pictures.as_data(logo) if logo and pictures.refusal(logo) is None else None

    def facts(self) -> list[list[str]]:
        doc, words = self.document, self.words
        facts = [
            (words["number"], said(doc.number)),
            (words["issued"], doc.issued_on and self.day(doc.issued_on)),
            (words["due"], doc.due_on and self.day(doc.due_on)),
            (words["terms"], clean(doc.terms)),
            (words["work_order"], said(doc.work_order_number)),
            (words["customer_reference"], said(doc.customer_reference)),
        ]
        return [[label, value] for label, value in facts if value]

    def headline(self) -> dict[str, str]:
        """The one figure a payer looks for, before anything else."""
        doc, words = self.document, self.words
        match doc.status:
            case "draft":
                return _headline(words["total"], self.money(doc.total), words["not_issued"])
            case "void":
                return _headline(words["total"], self.money(doc.total), words["nothing_due"])
            case "paid":
                paid_on = max((day for day, _, _ in doc.payments), default=None)
                note = self.day(paid_on) if paid_on else ""
                return _headline(words["paid_in_full"], self.money(doc.paid), note)
        label, amount = self.balance()
        if not self.is_owed():
            return _headline(label, amount, words["nothing_due"])
        due = words["due_by"].format(date=self.day(doc.due_on)) if doc.due_on else ""
        return _headline(label, amount, due)

    def line(self, line: InvoiceLine) -> dict[str, str | None]:
        quantity = format_decimal(line.quantity, locale=self.locale, decimal_quantization=False)
        return {
            "description": clean(line.description),
            "detail": said(line.detail),
            "quantity": " ".join(filter(None, [quantity, said(line.unit)])),
            "unit_price": self.price(line.unit_price),
            "total": self.money(line.total),
        }

    def sums(self) -> list[list[str]]:
        """The steps from the lines to the total."""
        doc, words = self.document, self.words
        sums = [[words["subtotal"], self.money(doc.subtotal)]]
        if doc.discount:
            label = said(doc.discount_label) or words["discount"]
            sums.append([label, self.money(-doc.discount)])
        if doc.tax or doc.tax_label:
            sums.append([said(doc.tax_label) or words["tax"], self.money(doc.tax)])
        return sums

    def received(self) -> list[list[str]]:
        """The steps from the total to the balance."""
        doc = self.document
        if self.payments_fit():
            return [self.step(*payment) for payment in doc.payments]
        return [[self.words["paid"], self.money(-doc.paid)]] if doc.paid else []

    def step(self, day: date, method: str, amount: int) -> list[str]:
        """A payment as it lowers what is owed, or a refund as it raises it."""
        label = self.words["refunded"] if amount < 0 else self.words["paid"]
        parts = [f"{label} {self.day(day)}", clean(method)]
        return [" · ".join(filter(None, parts)), self.money(-amount)]

    def payments_fit(self) -> bool:
        """A few payments that explain what was paid stand among the sums; others get a table."""
        doc = self.document
        return 0 < len(doc.payments) <= 4 and sum(row[2] for row in doc.payments) == doc.paid

    def payment(self, day: date, method: str, amount: int) -> list[str]:
        return [self.day(day), clean(method), self.money(amount)]

    def is_owed(self) -> bool:
        return self.document.balance > 0 and self.document.status != "void"

    def balance(self) -> tuple[str, str]:
        """What is still owed; money that came in beyond the total is called what it is."""
        balance = self.document.balance
        label = self.words["credit"] if balance < 0 else self.words["balance"]
        return label, self.money(abs(balance))

    def money(self, minor: int) -> str:
        return money_text(minor, self.document.currency, self.document.locale)

    def price(self, amount: Decimal) -> str:
        return price_text(amount, self.document.currency, self.document.locale)

    def day(self, day: date) -> str:
        return format_date(day, "medium", locale=self.locale if self.speaks() else "en_US")

    def speaks(self) -> bool:
        """Whether we have words in this language; a date in another would be half a sentence."""
        return self.locale.language == self.language


def _headline(label: str, amount: str, note: str) -> dict[str, str]:
    return {"label": label, "amount": amount, "note": note}


def _party(party: Party) -> dict[str, object]:
    lines = [*party.lines, party.phone, party.email]
    return {"name": clean(party.name), "lines": [text for line in lines if (text := said(line))]}


def said(text: str | None) -> str | None:
    """What somebody wrote in an optional field; blank is silence."""
    return clean(text or "") or None


def clean(text: str) -> str:
    """Text as a person meant it: control characters have no shape and no place on paper."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\t", " ")).strip()


def _monogram(name: str) -> str:
    """Two initials for a company without a logo: “Summit Air & Heat” is SA."""
    words = [word for word in re.split(r"[\s\-–]+", name) if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper()
