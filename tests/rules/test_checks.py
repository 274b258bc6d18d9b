"""`docs/checks.md` names tests that exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_check_names_tests_that_exist() -> None:
    named = NAMED.findall((ROOT / "docs" / "checks.md").read_text())
    assert len(named) > 30
    missing = [f"{file}::{test}" for file, test in named if test not in functions(ROOT / file)]
    assert missing == []


def functions(path: Path) -> set[str]:
    """Names of the functions a module defines."""
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
