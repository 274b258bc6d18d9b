"""Invoices on paper: typeset for real, then read back as a payer's software reads them."""

import base64
import re
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from app.documents import pictures
from app.documents.invoice import InvoiceDocument, InvoiceLine, Party, Payment, render
from app.documents.words import INVOICE
from tests.support.pictures import make_png

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10"><path d="M0 0h9v9z"/>%s</svg>'
)
DAY = date(2025, 3, 14)


def make_line(description: str = "Diagnostic visit", **given: object) -> InvoiceLine:
    line = InvoiceLine(
        description=description, quantity=Decimal(1), unit_price=Decimal(129), total=12900
    )
    return replace(line, **given)  # type: ignore[arg-type]


def make_invoice(**given: object) -> InvoiceDocument:
    invoice = InvoiceDocument(
        status="issued",
        number="INV-1042",
        issued_on=DAY,
        due_on=date(2025, 4, 13),
        terms="Net 30",
        currency="USD",
        locale="en_US",
        seller=Party(name="Summit Heating & Air", lines=("2210 Larimer Street", "Denver, CO")),
        seller_tax_id="84-1234567",
        bill_to=Party(name="Ridgeline Property Group", email="ap@ridgeline.example"),
        service_site=Party(name="Juniper Court", lines=("418 Juniper Court",)),
        work_order_number="WO-2291",
        summary="Replaced the condenser fan motor.",
        lines=(
            make_line(detail="Includes travel"),
            make_line(
                "Labor", quantity=Decimal("3.5"), unit="h", unit_price=Decimal(145), total=50750
            ),
            make_line("Capacitor", unit_price=Decimal("24.0875"), total=2409),
        ),
        subtotal=66059,
        discount=5000,
        discount_label="Plan discount",
        tax=5404,
        tax_label="Sales tax (8.85%)",
        total=66463,
        paid=20000,
        balance=46463,
        payments=((DAY, "Visa ending 4242", 20000),),
        notes="Unit 5 shows early bearing wear.",
        footer="Licensed, bonded and insured",
        pay_instructions="Pay online at pay.example/INV-1042",
    )
    return replace(invoice, **given)  # type: ignore[arg-type]


def make_draft(**given: object) -> InvoiceDocument:
    return make_invoice(status="draft", number=None, issued_on=None, **given)


def pages(invoice: InvoiceDocument) -> list[str]:
    reader = PdfReader(BytesIO(render(invoice)))
    return [plain(page.extract_text()) for page in reader.pages]


def text(invoice: InvoiceDocument) -> str:
    return "\n".join(pages(invoice))


def plain(extracted: str) -> str:
    return re.sub(r"[ \u00a0\u202f]+", " ", extracted)


def squeezed(extracted: str) -> str:
    return re.sub(r"\s|\u200b", "", extracted)


def size(invoice: InvoiceDocument) -> tuple[int, int]:
    box = PdfReader(BytesIO(render(invoice))).pages[0].mediabox
    return round(box.width), round(box.height)


def test_says_everything_the_payer_needs() -> None:
    printed = text(make_invoice())

    for said in (
        "INV-1042", "Mar 14, 2025", "Due Apr 13, 2025", "Net 30", "WO-2291",
        "Summit Heating & Air", "84-1234567", "Ridgeline Property Group", "418 Juniper Court",
        "Replaced the condenser fan motor.", "Includes travel", "3.5 h",
        "Plan discount", "Sales tax (8.85%)", "Visa ending 4242", "early bearing wear",
        "Licensed, bonded and insured", "pay.example/INV-1042", "Page 1 of 1",
    ):  # fmt: skip
        assert said in printed


def test_prints_each_amount_in_its_currency() -> None:
    printed = text(make_invoice())

    for amount in (
        "$129.00", "$145.00", "$507.50", "$24.0875", "$24.09",
        "$660.59", "−$50.00", "$54.04", "$664.63", "−$200.00", "$464.63",
    ):  # fmt: skip
        assert amount in printed


@pytest.mark.parametrize(
    ("currency", "locale", "total"),
    [
        ("JPY", "ja_JP", "¥1,234,567"),
        ("KWD", "en_GB", "KWD 1,234.567"),
        ("IQD", "en_GB", "IQD 1,234.567"),
        ("EUR", "de_DE", "12.345,67 €"),
        ("CAD", "fr-CA", "12 345,67 $"),
    ],
)
def test_prints_minor_units_as_the_currency_counts_them(
    currency: str, locale: str, total: str
) -> None:
    invoice = make_invoice(currency=currency, locale=locale, total=1234567)

    assert total.replace("¥", "") in text(invoice).replace("¥", "").replace("￥", "")


def test_text_is_printed_and_never_run() -> None:
    nasty = '#panic("x") *bold* _it_ @ref $x^2$ \\alpha <a> // note /* c */ -- `r` ~ = h - i 3x4 ->'
    invoice = make_invoice(
        lines=(make_line(nasty, detail=nasty),),
        terms=nasty,
        notes=nasty,
        footer=nasty,
        seller=Party(name=nasty, lines=(nasty,)),
        payments=((DAY, nasty, 20000),),
    )

    assert squeezed(text(invoice)).count(squeezed(nasty)) >= 6


def test_scripts_of_the_neighbourhood_are_printed() -> None:
    name = "Σωκράτης Иванов Nguyễn שלום مرحبا ปั๊ม पंप"

    reader = PdfReader(BytesIO(render(make_invoice(bill_to=Party(name=name)))))
    fonts = {str(font["/BaseFont"]) for page in reader.pages for font in page_fonts(page)}

    for family in ("Inter", "Hebrew", "Arabic", "Thai", "Devanagari"):
        assert any(family in font for font in fonts)
    assert "Σωκράτης" in reader.pages[0].extract_text()


def page_fonts(page: object) -> list[dict[str, object]]:
    fonts = page["/Resources"]["/Font"]  # type: ignore[index]
    return [font.get_object() for font in fonts.values()]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.text(max_size=120), st.text(max_size=120))
def test_whatever_a_person_types_can_be_printed(one: str, other: str) -> None:
    invoice = make_invoice(
        seller=Party(name=one, lines=(other,)),
        lines=(make_line(one, detail=other, unit=one),),
        terms=other,
        summary=one,
        discount_label=one,
        payments=((DAY, other, 20000),),
        footer=other,
    )

    assert render(invoice).startswith(b"%PDF-")


def test_the_same_invoice_is_the_same_bytes() -> None:
    first = render(make_invoice(logo=make_png()))
    render(make_draft())

    assert render(make_invoice(logo=make_png())) == first


def test_many_threads_get_their_own_invoice() -> None:
    invoices = [make_invoice(number=f"INV-{number}") for number in range(2000, 2016)]
    with ThreadPoolExecutor(8) as threads:
        printed = list(threads.map(render, invoices))

    for invoice, pdf in zip(invoices, printed, strict=True):
        assert str(invoice.number) in PdfReader(BytesIO(pdf)).pages[0].extract_text()


def test_a_long_invoice_repeats_its_header_and_keeps_its_totals_together() -> None:
    lines = tuple(make_line(f"Filter for unit {unit}.") for unit in range(1, 61))

    printed = pages(make_invoice(lines=lines))

    assert len(printed) >= 3
    for number, page in enumerate(printed, start=1):
        assert f"Page {number} of {len(printed)}" in page
        assert ("Unit price" in page) == ("Filter for unit" in page)
    for page in printed[1:]:
        assert "Invoice INV-1042" in page
    for unit in range(1, 61):
        assert sum(f"unit {unit}." in page for page in printed) == 1
    (totals,) = [page for page in printed if "Subtotal" in page]
    assert "Balance due" in totals
    assert "Sales tax" in totals


def test_an_invoice_without_lines_says_so() -> None:
    assert "No charges." in text(make_invoice(lines=()))


def test_long_words_stay_on_the_paper() -> None:
    word = "Rindfleischetikettierungsüberwachungsaufgabe" * 3
    name = Party(name=word, lines=(word,), email=f"{word}@example.com")

    printed = text(make_invoice(seller=name, bill_to=name, lines=(make_line(word),)))

    assert squeezed(printed).count(word) >= 5


def test_a_draft_is_marked_and_has_no_number() -> None:
    printed = text(make_draft(pay_instructions=None))

    assert printed.count("DRAFT") == 2  # beside the title and across the page
    assert "INV-" not in printed
    assert "Not issued yet" in printed


def test_a_draft_is_refused_a_number_and_an_issued_invoice_needs_one() -> None:
    with pytest.raises(ValueError, match="A draft has no number yet"):
        replace(make_draft(), number="INV-1")
    with pytest.raises(ValueError, match="has a number"):
        make_invoice(number=None)


def test_a_paid_invoice_is_marked_and_asks_for_nothing() -> None:
    payments = ((DAY, "Deposit", 20000), (date(2025, 4, 2), "Check 10442", 46463))
    printed = text(make_invoice(status="paid", paid=66463, balance=0, payments=payments))

    assert "PAID" in printed
    assert "Paid in full\n$664.63\nApr 2, 2025" in printed
    assert "−$464.63" in printed
    assert "How to pay" not in printed


def test_a_void_invoice_is_marked_and_asks_for_nothing() -> None:
    printed = text(make_invoice(status="void", paid=0, balance=0, payments=()))

    assert printed.count("VOID") == 2
    assert "Nothing is due" in printed
    assert "How to pay" not in printed


def test_money_beyond_the_total_is_called_a_credit() -> None:
    printed = text(make_invoice(paid=70000, balance=-3537, payments=((DAY, "Check", 70000),)))

    assert "Credit balance" in printed
    assert "$35.37" in printed


def test_a_refund_raises_what_is_owed_again() -> None:
    payments = ((DAY, "Visa ending 4242", 20000), (date(2025, 3, 20), "Visa ending 4242", -5000))

    printed = text(make_invoice(paid=15000, balance=51463, payments=payments))

    assert "Refunded Mar 20, 2025 · Visa ending 4242 $50.00" in printed


def test_payments_that_do_not_fit_among_the_sums_get_a_table() -> None:
    payments: tuple[Payment, ...] = tuple((DAY, f"Visit {visit}", 1000) for visit in range(20))

    printed = text(make_invoice(payments=payments))

    assert "Payments received" in printed
    assert "Visit 19 $10.00" in printed
    assert "−$200.00" in printed


@pytest.mark.parametrize(
    ("currency", "locale", "paper"),
    [
        ("USD", "en_US", (612, 792)),
        ("USD", "en_GB", (612, 792)),
        ("EUR", "en_US", (612, 792)),
        ("CAD", "fr_CA", (612, 792)),
        ("GBP", "en_GB", (595, 842)),
        ("EUR", "de", (595, 842)),
    ],
)
def test_paper_is_what_the_printer_holds(
    currency: str, locale: str, paper: tuple[int, int]
) -> None:
    assert size(make_invoice(currency=currency, locale=locale)) == paper


def test_speaks_the_payers_language_or_english() -> None:
    assert "Saldo pendiente" in text(make_invoice(locale="es_MX"))
    assert "14 mars 2025" in text(make_invoice(locale="fr_CA"))
    assert "Due Apr 13, 2025" in text(make_invoice(locale="de_DE"))


def test_every_language_has_every_word() -> None:
    assert {frozenset(words) for words in INVOICE.values()} == {frozenset(INVOICE["en"])}


@pytest.mark.parametrize("logo", [make_png(), SVG % b""], ids=["png", "svg"])
def test_a_logo_takes_the_place_of_the_monogram(logo: bytes) -> None:
    assert pictures.refusal(logo) is None
    assert text(make_invoice()).startswith("SH ")
    assert not text(make_invoice(logo=logo)).startswith("SH ")


@pytest.mark.parametrize(
    ("logo", "why"),
    [
        (b"GIF89a\xff\xff", "neither a PNG nor an SVG"),
        (b"plain words", "cannot be read"),
        (make_png()[:60], "cannot be read"),
        (make_png()[:12], "cannot be read"),
        (
            make_png(1, 1).replace(struct.pack(">II", 1, 1), struct.pack(">II", 9999, 9999)),
            "pixels",
        ),
        (b"<svg>" + b" " * pictures.MAX_BYTES, "larger than 1 MB"),
        (SVG % b'<image href="invoice.typ" width="9" height="9"/>', "effects"),
        (SVG % b'<g id="a"><use href="#b"/><use href="#b"/></g>', "effects"),
        (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG % b"&a;", "effects"),
        (SVG % (b'<rect clip-path="url(#a)"/>' * 13), "effects"),
    ],
    ids=range(10),
)
def test_a_logo_that_cannot_be_printed_is_refused_in_words(logo: bytes, why: str) -> None:
    assert why in (pictures.refusal(logo) or "")
    assert text(make_invoice(logo=logo)).startswith("SH ")


def test_a_png_inside_an_svg_is_no_way_around_the_limits() -> None:
    hidden = base64.b64encode(make_png())

    why = pictures.refusal(SVG % (b'<image href="data:image/png;base64,%s"/>' % hidden))

    assert why is not None
