"""Day sheets: typeset for real, then read back."""

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from app.documents.day_sheet import (
    MOST_STEPS,
    DaySheet,
    Drive,
    Floating,
    Gathering,
    Stop,
    Stretch,
    render,
)
from app.documents.words import DAY_SHEET

DAY = date(2026, 11, 23)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute)  # noqa: DTZ001 # on the wall


STOP = Stop(
    span=(at(8, 30), at(10)),
    number="WO-1042",
    job="Septic pumping",
    summary="Pump the tank",
    customer="Ann Lee",
    address="12 Main St, Phoenix, AZ 85001",
    drive=Drive(minutes=26, metres=18_200, measured=False, leave=at(8, 4)),
    window=(at(8), at(10)),
    confirmed=True,
    phones=("(202) 555-0142",),
    access_notes="Ring first.",
    gate_code="4711#",
    hazards=("Open pit",),
    crew=("Bo Diaz",),
    vehicles=("Truck 7",),
    instructions="Bring the long hose.",
    steps=("Locate both lids", "Pump"),
    priority="emergency",
)
SHEET = DaySheet(
    technician="Tess Ode",
    day=DAY,
    company="Summit Septic",
    locale="en_US",
    currency="USD",
    country="US",
    printed=datetime(2026, 11, 22, 17, 5),  # noqa: DTZ001 # on the wall
    stretches=(Stretch(kind="work", span=(at(7, 30), at(16))),),
    floating=(Floating(minutes=30, earliest=at(11), latest=at(13)),),
    base="Yard",
    entries=(
        Gathering(span=(at(7, 30), at(8)), title="Toolbox talk", place="Yard"),
        STOP,
        replace(
            STOP,
            span=(at(12), at(13)),
            customer="Mesa Bakery",
            status="completed",
            there=at(13),
            drive=Drive(minutes=31, metres=None, measured=False),
        ),
        replace(
            STOP,
            span=(at(13), at(14)),
            status="completed",
            drive=Drive(minutes=20, metres=900, measured=True, leave=at(13), short=20),
        ),
    ),
    home=Drive(minutes=94, metres=33_000, measured=True),
)


def pages(*sheets: DaySheet) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(render(sheets))).pages]


def test_a_day_is_read_from_top_to_bottom() -> None:
    page, rest = pages(SHEET)
    page += rest
    order = [
        "Tess Ode", "Monday, November 23, 2026", "7:30 AM–4:00 PM",
        "30 min between 11:00 AM and 1:00 PM",
        "3 visits", "3 h 30 min of work", "2 h 20 min of driving", "From Yard", "Toolbox talk",
        "Leave at 8:04 AM", "26 min, 11 mi (our estimate)", "Emergency", "Ann Lee",
        "12 Main St, Phoenix, AZ 85001", "Pump the tank", "WO-1042 · Septic pumping",
        "Open pit", "(202) 555-0142", "Ring first.", "4711#", "Bring the long hose.",
        "Locate both lids", "With Bo Diaz", "Take Truck 7",
        "Drive unknown: a place is not on the map", "Mesa Bakery",
        "Leave at 1:00 PM · 20 min, 0.6 mi (by the map service) · 20 min too few",
        "Back: 1 h 34 min, 21 mi (by the map service)", "As of Nov 22, 2026, 5:05 PM",
        "Page 1 of 2",
    ]  # fmt: skip
    text = " ".join(page.replace("\u00a0", " ").split()).replace("– ", "–")
    assert [one for one in order if one not in text] == []
    assert "Arrive 8:00 AM–10:00 AM, confirmed" in text
    assert "1:00 PM there" in text
    assert text.count("Arrived") == 1  # what is over needs no line to write on


def test_an_empty_day_says_so_and_whether_anybody_knows_of_it() -> None:
    plain = replace(SHEET, entries=(), home=None, stretches=(), floating=())
    (unknown,) = pages(replace(plain, known=False))
    assert "Nothing is planned for this day." in unknown
    assert "No shift is known for this day." in unknown
    (off,) = pages(plain)
    assert "Not at work on this day." in off


def test_each_sheet_begins_on_a_page_and_counts_its_own() -> None:
    long = replace(SHEET, technician="Zoé Long", entries=(STOP,) * 9)
    tess, *zoe, bo = pages(
        replace(SHEET, entries=(STOP,)), long, replace(SHEET, technician="Bo Diaz", entries=())
    )
    assert "Tess Ode" in tess
    assert "Zoé Long" not in bo
    assert len(zoe) > 2
    for n, page in enumerate(zoe, start=1):
        assert "Zoé Long" in page  # at the head of each
        assert f"Page {n} of {len(zoe)}" in page
        assert ("Day sheet" in page) == (n == 1)
    assert sum(page.count("Pump the tank") for page in zoe) == 9
    assert "Page 1 of 1" in bo


@pytest.mark.parametrize(
    ("locale", "currency", "paper", "said"),
    [
        ("en_US", "USD", (612, 792), "Leave at 8:04"),
        ("en_GB", "GBP", (595, 842), "Leave at 08:04"),
        ("fr_CA", "CAD", (612, 792), "Partir à 08 h 04"),
        ("es_ES", "EUR", (595, 842), "Salir a las 8:04"),
        ("de_DE", "EUR", (595, 842), "Leave at 8:04"),
    ],
)
def test_paper_and_words_are_those_of_the_office(
    locale: str, currency: str, paper: tuple[int, int], said: str
) -> None:
    sheet = replace(SHEET, locale=locale, currency=currency, country=locale[-2:])
    reader = PdfReader(BytesIO(render([sheet])))
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == paper
    assert said in reader.pages[0].extract_text().replace("\u00a0", " ")


def test_every_language_has_every_word() -> None:
    assert {frozenset(words) for words in DAY_SHEET.values()} == {frozenset(DAY_SHEET["en"])}


def test_a_long_checklist_is_cut_and_says_so() -> None:
    steps = tuple(f"Step {n}." for n in range(1, MOST_STEPS + 4))
    text = " ".join(pages(replace(SHEET, entries=(replace(STOP, steps=steps),))))
    assert f"Step {MOST_STEPS}." in text
    assert "Step 13." not in text
    assert "… and 3 more" in text


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.text(max_size=120), st.text(max_size=120))
def test_whatever_a_person_types_can_be_printed(one: str, other: str) -> None:
    stop = replace(
        STOP, customer=one, address=other, summary=one, access_notes=other, steps=(one, other),
        hazards=(one,), crew=(other,), description=one, phones=(other,),
    )  # fmt: skip
    event = Gathering(span=(at(7), at(8)), title=other, place=one, description=other)
    sheet = replace(SHEET, technician=one, company=other, base=one, entries=(stop, event))
    assert render([sheet]).startswith(b"%PDF-")
