"""Every list as CSV and XLSX, at once or as an export that is made in the background."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.listed import lists_of
from app.api.tables import columns_of
from app.core.tables import Column, Format, Kind, restored, table_file
from tests.support.people import Company, Person
from tests.support.routes import application
from tests.support.sheets import lines, sheet
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
