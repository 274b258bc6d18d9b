"""The tables of `docs/` name tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize(("table", "least"), [("checks.md", 30), ("features.md", 6)])
def test_every_row_names_tests_that_exist(table: str, least: int) -> None:
    page = (ROOT / "docs" / table).read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ")][1:]
    named = NAMED.findall(page)
    assert len(named) >= least
    assert [row for row in rows if not NAMED.search(row)] == []
    missing = [f"{file}::{test}" for file, test in named if test not in functions(ROOT / file)]
    assert missing == []


CHECKS = (
    "A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A12 A13 A15 B1 B2 B3 B4 B5 B6 B8 B10 B12 D1 D2 D3 D4 D5 D6 D7 D8"
    " A11 D10 F5 G1 H4 H5 H6 H7 H8 H9 I1 I3 I4 I5 I7 I8 I9 I10 I13"
)
FEATURES = (
    "A1 A3 A4 A5 A6 A7 A10 B2 B4 B7 B8 C1 C6 C8 C10 C11 C12 C13 D2 D3 D6 D8 E1 E5 E14 E15 F3 F5 F6"
    " F8 F9 F12 F16 F18 G1 H1 H2 H3 H4 H5 H6 H7 K2 S2 S4 V1 V3 V4 V5"
)


@pytest.mark.parametrize(("table", "required"), [("checks.md", CHECKS), ("features.md", FEATURES)])
def test_no_row_that_is_promised_is_missing(table: str, required: str) -> None:
    page = (ROOT / "docs" / table).read_text()
    present = set(re.findall(r"^\| ([A-Z]\d+) \|", page, re.MULTILINE))
    assert set(required.split()) - present == set()


@pytest.mark.parametrize("table", ["checks.md", "features.md"])
def test_no_row_stands_twice(table: str) -> None:
    page = (ROOT / "docs" / table).read_text()
    said = re.findall(r"^\| [^|]+ \| ([^|]+) \|", page, re.MULTILINE)[2:]
    assert sorted(said) == sorted(set(said))


@cache
def functions(path: Path) -> set[str]:
    """Names of the functions a module defines."""
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
