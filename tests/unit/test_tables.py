"""A table file is read row by row, and a broken row costs only itself."""

import csv
import io
import itertools
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import Buffer

from app.core.tables import Row, RowError, Table, TableError, read_table

ROOT = Path(__file__).resolve().parents[2]
SEPARATORS = ",;\t|"


def rows_of(table: Table) -> list[Row]:
    """Read all rows of a table in which nothing is broken."""
    outcomes = list(table)
    errors = [outcome for outcome in outcomes if isinstance(outcome, RowError)]
    assert errors == []
    return [outcome for outcome in outcomes if isinstance(outcome, Row)]


def values(source: BinaryIO | bytes, **limits: int) -> list[list[str]]:
    return [list(row.cells.values()) for row in rows_of(read_table(source, **limits))]


def errors_of(source: bytes, **limits: int) -> list[RowError]:
    return [row for row in read_table(source, **limits) if isinstance(row, RowError)]


class Dripping(io.BytesIO):
    """A stream that gives a few bytes at a time, as sockets do."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(7, size) if size and size > 0 else 7)


class Pieces(io.RawIOBase):
    """A stream that never has the whole file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        self._rest = self._rest or next(self._pieces, b"")
        piece, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(piece)] = piece
        return len(piece)


# What people send


def test_headings_and_rows_with_their_places() -> None:
    table = read_table(b"Name,Phone\r\nAnn,1\r\n\r\nBob,2\r\n")
    assert table.headings == ("Name", "Phone")
    assert (table.encoding, table.delimiter) == ("utf-8", ",")
    assert rows_of(table) == [
        Row(1, 2, {"Name": "Ann", "Phone": "1"}),
        Row(2, 4, {"Name": "Bob", "Phone": "2"}),
    ]


@pytest.mark.parametrize("delimiter", list(SEPARATORS))
def test_the_separator_is_found(delimiter: str) -> None:
    text = f'Name{delimiter}City{delimiter}Note\nAnn{delimiter}"Rome{delimiter} IT"{delimiter}x\n'
    table = read_table(text.encode())
    assert table.delimiter == delimiter
    assert rows_of(table)[0].cells["City"] == f"Rome{delimiter} IT"


def test_a_separator_inside_a_heading_is_outvoted_by_the_rows() -> None:
    table = read_table(b"Name, full, legal;Phone\nAnn;1\nBob;2\n")
    assert table.headings == ("Name, full, legal", "Phone")


def test_the_line_that_excel_obeys_is_obeyed_and_skipped() -> None:
    table = read_table(b"sep=;\r\na,b;c\r\n1;2\r\n")
    assert table.headings == ("a,b", "c")
    assert rows_of(table)[0].line == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    source = f"{mark}Näme,City\nJosé,Łódź\n👷,東京\n".encode(encoding)
    assert read_table(source).headings == ("Näme", "City")
    assert values(source) == [["José", "Łódź"], ["👷", "東京"]]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_and_line_breaks_inside_quotes(newline: str) -> None:
    source = newline.join(["a,b", 'x,"one', 'two"', "y,z", ""]).encode()
    assert values(source) == [["x", f"one{newline}two"], ["y", "z"]]


def test_a_stray_carriage_return_spoils_only_its_row() -> None:
    source = b"a,b\nx\ry,1\nz,2\n"
    first, second = read_table(source)
    assert isinstance(first, RowError)
    assert (first.code, first.column) == ("malformed", None)
    assert second == Row(2, 3, {"a": "z", "b": "2"})


def test_empty_cells_beyond_the_headings_are_tolerated() -> None:
    assert values(b"a,b\n1,2,,,\n3,\n") == [["1", "2"], ["3", ""]]


def test_cells_keep_their_text_exactly() -> None:
    assert values(b'a,b\n  x ,"say ""hi"""\n12" pipe,6"\n') == [
        ["  x ", 'say "hi"'],
        ['12" pipe', '6"'],
    ]


def test_a_source_that_gives_a_few_bytes_at_a_time() -> None:
    text = "Näme,Note\r\n" + 'José,"zwei\r\nZeilen"\r\n' * 50
    assert values(Dripping(text.encode())) == values(text.encode())
    assert values(Dripping(text.encode("utf-16"))) == values(text.encode())


def test_letters_of_several_bytes_across_every_piece_of_the_file() -> None:
    rows = [[f"é東👷{n}", "ü" * (n % 7)] for n in range(20_000)]
    text = "a,b\n" + "".join(f"{a},{b}\n" for a, b in rows)
    assert values(text.encode()) == rows


# What makes the whole file unreadable


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (b"a,,c\n1,2,3\n", "Column 2 has no heading."),
        (b"a,b,a \n1,2,3\n", "Two columns are called “a”."),
        (b"N\xe4me,b\n1,2\n", "The headings are not readable text."),
        ("a,b\n1,2\n".encode("utf-16-le"), "The headings are not readable text."),
        (b'a,"b\n1,2\n', "The line of headings cannot be read."),
        (b"PK\x03\x04....", "This is a spreadsheet or a zip file."),
        (b",".join(b"c%d" % n for n in range(201)), "The file has 201 columns;"),
    ],
)
def test_a_file_that_cannot_be_read(source: bytes, sentence: str) -> None:
    with pytest.raises(TableError) as refusal:
        read_table(source)
    assert str(refusal.value).startswith(sentence)


def test_headings_alone_are_a_table_without_rows() -> None:
    assert values(b"a,b") == []


# What costs one row


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        (b"x,\xff,z", "invalid_encoding", "b"),
        (b"x,y,\xc3", "invalid_encoding", "c"),
        (b"x\0,y,z", "nul_byte", "a"),
        (b"x,y", "too_few_cells", "c"),
        (b"x,y,z,w", "too_many_cells", None),
        (b"x,y," + b"z" * 21, "cell_too_long", "c"),
        (b"x" * 300 + b",y,z", "line_too_long", None),
        (b'x,"y" and,z', "malformed", "b"),
        (b'x,"y,z', "unclosed_quote", "b"),
        (b'"x,y,z', "unclosed_quote", "a"),
        (b'x,y,"', "unclosed_quote", "c"),
    ],
)
def test_a_broken_row_costs_only_itself(line: bytes, code: str, column: str | None) -> None:
    source = b"a,b,c\n1,2,3\n" + line + b"\n4,5,6\n7,8,9\n"
    before, broken, *after = read_table(source, max_cell=20, max_columns=10)
    assert isinstance(before, Row)
    assert isinstance(broken, RowError)
    assert (broken.number, broken.line, broken.code, broken.column) == (2, 3, code, column)
    assert broken.reason.endswith(".")
    assert after == [
        Row(3, 4, {"a": "4", "b": "5", "c": "6"}),
        Row(4, 5, {"a": "7", "b": "8", "c": "9"}),
    ]


def test_half_a_surrogate_pair_in_utf_16_costs_one_row() -> None:
    source = "\ufeffa,b\n1,2\n".encode("utf-16-le") + b"\x00\xd8,\x00x\x00\n\x003\x00,\x004\x00"
    good, bad, last = read_table(source)
    assert isinstance(bad, RowError)
    assert (bad.number, bad.code, bad.column) == (2, "invalid_encoding", "a")
    assert isinstance(good, Row)
    assert last == Row(3, 4, {"a": "3", "b": "4"})


def test_half_a_character_at_the_end_of_utf_16_costs_the_last_row() -> None:
    source = "\ufeffa,b\n1,2\n3,4".encode("utf-16-le") + b"x"
    assert [(error.number, error.column) for error in errors_of(source)] == [(2, "b")]


# The forgotten quote


@pytest.mark.parametrize(
    "below",
    [
        pytest.param('c,"quoted, text",1', id="the next quote opens a cell"),
        pytest.param('"","",1\n"c","d","1"', id="empty quoted cells come first"),
        pytest.param('"c","d","1"', id="every cell is quoted"),
        pytest.param('c,", Apt 4",1', id="the next quoted cell starts with a separator"),
        pytest.param('c,"two\nlines",1', id="a cell of two lines comes below"),
        pytest.param('c,"say ""hi""",1', id="doubled quotes come below"),
    ],
)
def test_a_forgotten_quote_does_not_swallow_what_is_below(below: str) -> None:
    head = "n,note,k\nx,y,1\n"
    expected = values((head + "p,q,1\n" + below + "\nlast,row,9\n").encode())
    first, broken, *rest = read_table(
        (head + 'a,"b,1\np,q,1\n' + below + "\nlast,row,9\n").encode()
    )
    assert isinstance(first, Row)
    assert isinstance(broken, RowError)
    assert (broken.number, broken.code, broken.column) == (2, "unclosed_quote", "note")
    assert [list(row.cells.values()) for row in rest if isinstance(row, Row)] == expected[1:]


def test_two_forgotten_quotes_cost_two_rows() -> None:
    source = b'a,b\n1,"x\n2,y\n3,"z\n4,w\n'
    assert [error.number for error in errors_of(source)] == [1, 3]


def test_in_a_file_that_writes_inches_a_forgotten_quote_still_costs_one_row() -> None:
    lines = ["part,size,qty", 'pipe,6",1', 'hose,"long,2', "nut,M6,3", 'elbow,4",5', "cap,2,2"]
    outcomes = list(read_table("\n".join(lines).encode()))
    assert [type(outcome) for outcome in outcomes] == [Row, RowError, Row, Row, Row]


def test_a_long_cell_in_a_row_of_the_wrong_width_is_one_error() -> None:
    source = b'a,b,c\n1,"first\nsecond\nthird",3,4\n5,6,7\n'
    broken, good = read_table(source)
    assert isinstance(broken, RowError)
    assert (broken.code, broken.line) == ("too_many_cells", 2)
    assert good == Row(2, 5, {"a": "5", "b": "6", "c": "7"})


def test_a_cell_of_several_lines_that_is_too_long_is_one_error() -> None:
    source = b'a,b\n1,"' + b"some words\n" * 20 + b'"\n2,3\n'
    broken, good = read_table(source, max_cell=100)
    assert isinstance(broken, RowError)
    assert (broken.code, broken.column) == ("cell_too_long", "b")
    assert good == Row(2, 23, {"a": "2", "b": "3"})


def test_a_forgotten_quote_before_a_line_without_end_is_found() -> None:
    source = b'a,b\n1,"x\n' + b"y" * 5_000 + b'",2\n3,4\n'
    outcomes = list(read_table(source, max_cell=100, max_columns=10))
    codes = [getattr(outcome, "code", None) for outcome in outcomes]
    assert codes == ["unclosed_quote", "line_too_long", None]


@pytest.mark.parametrize("line", [b'a","c\n', b'"\n', b'x,"y\n', b'""","\n', b'",",","\n'])
def test_a_file_of_nothing_but_bad_quotes_is_read_in_time(line: bytes) -> None:
    source = b"a,b,c\n" + line * 5_000
    assert len(list(read_table(source))) >= 1_000


def test_memory_does_not_grow_with_the_file() -> None:
    forty_megabytes_in_one_line = itertools.repeat(b"x" * 1_000_000, 40)
    stream = Pieces(itertools.chain([b"a,b\n"], forty_megabytes_in_one_line, [b"\n1,2\n"]))
    tracemalloc.start()
    outcomes = list(read_table(io.BufferedReader(stream)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(outcome) for outcome in outcomes] == [RowError, Row]
    assert peak < 20_000_000


# For every table

headings = st.lists(
    st.text(st.sampled_from("abcXYZ éß\"\n'-"), min_size=1, max_size=8).filter(
        lambda heading: heading == heading.strip()
    ),
    min_size=1,
    max_size=5,
    unique=True,
)
cells = st.text(
    st.one_of(
        st.sampled_from(SEPARATORS + '"\r\n x'),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=12,
)
ways = st.sampled_from(
    [(csv.QUOTE_MINIMAL, "\r\n")] + [(csv.QUOTE_ALL, end) for end in ("\r\n", "\n", "\r")]
)


@settings(max_examples=300, deadline=None)
@given(
    data=st.data(),
    titles=headings,
    separator=st.sampled_from(SEPARATORS),
    way=ways,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_well_formed_table_reads_back_equal(
    data: st.DataObject, titles: list[str], separator: str, way: tuple[int, str], encoding: str
) -> None:
    width = len(titles)
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=8))
    text = io.StringIO(newline="")
    quoting, end = way
    writer = csv.writer(
        text,
        delimiter=separator if width > 1 else ",",
        quoting=quoting,  # type: ignore[arg-type]
        lineterminator=end,
    )
    writer.writerows([titles, *rows])
    source = text.getvalue().encode(encoding)
    assert read_table(source).headings == tuple(titles)
    assert values(source) == rows
    assert [row.number for row in rows_of(read_table(source))] == list(range(1, len(rows) + 1))


plain = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters='\0",;|\t\r\n'),
    max_size=12,
)


@st.composite
def plain_tables(draw: st.DrawFn) -> tuple[list[list[str]], int, int]:
    """Draw the rows of a plain table, and one cell of it by row and column."""
    width = draw(st.integers(2, 6))
    row = st.lists(plain, min_size=width, max_size=width)
    rows = draw(st.lists(row, min_size=1, max_size=40))
    return rows, draw(st.integers(0, len(rows) - 1)), draw(st.integers(0, width - 1))


def _source(rows: list[list[bytes]], end: bytes) -> bytes:
    titles = [b"h%d" % n for n in range(len(rows[0]))]
    return end.join(b",".join(row) for row in [titles, *rows]) + end


def _expect_one_error(source: bytes, rows: list[list[str]], row: int, column: int) -> RowError:
    outcomes = list(read_table(source))
    broken = outcomes[row]
    assert isinstance(broken, RowError)
    assert (broken.number, broken.line, broken.column) == (row + 1, row + 2, f"h{column}")
    others = [outcome for outcome in outcomes if outcome is not broken]
    assert all(isinstance(outcome, Row) for outcome in others)
    read = {
        outcome.number: list(outcome.cells.values())
        for outcome in others
        if isinstance(outcome, Row)
    }
    assert read == {n: cells for n, cells in enumerate(rows, start=1) if n != row + 1}
    return broken


@settings(max_examples=200, deadline=None)
@given(table=plain_tables(), end=st.sampled_from([b"\n", b"\r\n"]))
def test_one_forgotten_quote_is_one_error(
    table: tuple[list[list[str]], int, int], end: bytes
) -> None:
    rows, row, column = table
    lines = [[cell.encode() for cell in cells] for cells in rows]
    lines[row][column] = b'"' + lines[row][column]
    broken = _expect_one_error(_source(lines, end), rows, row, column)
    assert broken.code == "unclosed_quote"


@settings(max_examples=200, deadline=None)
@given(
    table=plain_tables(),
    end=st.sampled_from([b"\n", b"\r\n"]),
    byte=st.integers(0x80, 0xFF),
    data=st.data(),
)
def test_one_invalid_byte_is_one_error(
    table: tuple[list[list[str]], int, int], end: bytes, byte: int, data: st.DataObject
) -> None:
    rows, row, column = table
    lines = [[cell.encode() for cell in cells] for cells in rows]
    cell = lines[row][column]
    at = data.draw(st.integers(0, len(cell)))
    lines[row][column] = cell[:at] + bytes([byte]) + cell[at:]
    broken = _expect_one_error(_source(lines, end), rows, row, column)
    assert broken.code == "invalid_encoding"


def test_two_hundred_rows_of_which_six_are_broken() -> None:
    """Two of the six are ours; the other four are for those who know what the cells mean."""
    rows = [
        [f"Customer {n}", f"c{n}@example.com", f"{n} Main St", "10001", f"K{n}", f"note {n}"]
        for n in range(1, 201)
    ]
    rows[19][0] = ""  # no name
    rows[39][1] = "not-an-email"
    rows[59][3] = "00000"  # no such postal code
    rows[119][4] = "K7"  # a key twice in the file
    rows[9][5] = "gate code 7,\nring twice"  # and a cell of two lines, which is fine
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["Name", "E-mail", "Street", "Zip", "Key", "Notes"], *rows])
    lines = text.getvalue().encode().split(b"\r\n")
    lines[80] = lines[80].replace(b"Main", b"M\xe4in")
    lines[140] = lines[140].replace(b"note", b'"note')
    outcomes = list(read_table(b"\r\n".join(lines)))

    assert len(outcomes) == 200
    assert [
        (outcome.number, outcome.line, outcome.code, outcome.column)
        for outcome in outcomes
        if isinstance(outcome, RowError)
    ] == [(80, 82, "invalid_encoding", "Street"), (140, 142, "unclosed_quote", "Notes")]
    read = {row.number: list(row.cells.values()) for row in outcomes if isinstance(row, Row)}
    assert read == {n: cells for n, cells in enumerate(rows, start=1) if n not in (80, 140)}


def test_in_a_long_quoted_file_ten_forgotten_quotes_cost_ten_rows() -> None:
    hit = set(random.Random(7).sample(range(1, 3_001), 10))
    cell_of_two_lines = '"line one\nline, two"'
    lines = [f'"name {n}","{n} St",{cell_of_two_lines}' for n in range(1, 3_001)]
    for n in hit:
        lines[n - 1] = f'"name {n}","{n} St","never closed'
    outcomes = list(read_table("\n".join(['"a","b","c"', *lines]).encode()))
    assert {outcome.number for outcome in outcomes if isinstance(outcome, RowError)} == hit
    assert len(outcomes) == 3_000


def test_a_process_that_reads_a_table_waits_for_nothing_else() -> None:
    """Each list that is sent is read by a process of its own: what that begins with, somebody waits for."""
    names = "{name.partition('.')[0] for name in sys.modules}"
    heavy = "{'sqlalchemy', 'xlsxwriter', 'pydantic', 'asyncio'}"
    asked = f"import sys, app.core.tables; print(sorted({names} & {heavy}))"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"
