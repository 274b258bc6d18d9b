"""`python -m tests`: what `./test` executes. Lint, types, import contracts, and the whole suite.

What takes a moment comes first and stops the rest where it fails; types and the other slow checks run
beside the suite, on the time of stories that wait. Arguments go to pytest, and then only pytest runs.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
Check = tuple[str, Sequence[str]]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
FIRST: tuple[Check, ...] = (
    ("lint", ("-m", "ruff", "check", ".")),
    ("format", ("-m", "ruff", "format", "--check", ".")),
)
BESIDE: tuple[Check, ...] = (
    ("types", ("-m", "mypy")),
    ("security lint", ("-m", "bandit", "-q", "-r", "app", "-c", "pyproject.toml")),
    ("import contracts", ("-c", LINT_IMPORTS)),
    ("clients", ("-m", "tests.web.package")),
)
# three at a time, each with a PostgreSQL of its own, for many wait; the folders first, being long
PARALLEL = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")


def main(arguments: Sequence[str]) -> int:
    """Run everything; the exit code of the first that failed."""
    if arguments:
        return _pytest(arguments)
    for check in FIRST:
        if code := _told(*_run(check)):
            return code
    with ThreadPoolExecutor(1) as pool:
        beside: list[Future[tuple[str, int, str]]] = [pool.submit(_run, one) for one in BESIDE]
        print("— beside the suite: " + ", ".join(name for name, _ in BESIDE), flush=True)
        suite = _pytest(PARALLEL)
    return next((code for code in [suite, *(_told(*one.result()) for one in beside)] if code), 0)


def _pytest(arguments: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", "--durations=10", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _run(check: Check) -> tuple[str, int, str]:
    """What to say of a check, its exit code, and what it wrote."""
    name, command = check
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return f"— {name}: {time.monotonic() - begun:.0f} s", done.returncode, done.stdout


def _told(said: str, code: int, written: str) -> int:
    print(written if code else "", said, " failed" if code else "", sep="", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
