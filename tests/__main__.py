"""`python -m tests`: what `./test` executes. Lint, types, import contracts, then the whole suite.

Arguments go to pytest, and then only pytest runs.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKS: tuple[tuple[str, Sequence[str]], ...] = (
    ("lint", ("ruff", "check", ".")),
    ("format", ("ruff", "format", "--check", ".")),
    ("types", ("mypy",)),
    ("security lint", ("bandit", "-q", "-r", "app", "-c", "pyproject.toml")),
)


LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def main(arguments: Sequence[str]) -> int:
    """Run everything and stop at the first thing that fails; the exit code."""
    python = sys.executable
    if not arguments:
        for name, command in (
            *[(name, ["-m", *command]) for name, command in CHECKS],
            ("import contracts", ["-c", LINT_IMPORTS]),
        ):
            begun = time.monotonic()
            print(f"— {name} …", flush=True)
            done = subprocess.run([python, *command], cwd=ROOT, check=False)
            print(f"— {name}: {time.monotonic() - begun:.0f} s", flush=True)
            if done.returncode:
                return done.returncode
    # three at a time, each with a PostgreSQL of its own, for many wait; the folders first, being long
    parallel = [] if arguments else ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
    return subprocess.run(
        [python, "-m", "pytest", "--durations=10", *parallel, *arguments], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
