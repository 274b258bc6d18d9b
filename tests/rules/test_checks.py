"""The tables of `docs/` name tests that exist."""

import ast
import re
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


def functions(path: Path) -> set[str]:
    """Names of the functions a module defines."""
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
