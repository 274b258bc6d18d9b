"""`python -m tests.web.package`: is what is in `web/` well written, typed, and what is served?

Lint, types, unit tests; `schema.d.ts` is made from `docs/api/openapi.json`; `web/dist` is, byte for byte,
what its sources make. `./test` runs it beside the suite. Ends with 1 where something is not so.
"""

import filecmp
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
spec = spec_from_file_location("clients", ROOT / "tools" / "clients.py")
assert spec is not None
assert spec.loader is not None
dist = module_from_spec(spec)
spec.loader.exec_module(dist)

CHECKS: tuple[tuple[str, Sequence[str]], ...] = (
    ("lint", ("node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings", ".")),
    ("types", ("node_modules/typescript/bin/tsc", "--noEmit")),
    ("unit tests", ("node_modules/vitest/vitest.mjs", "run", "--passWithNoTests")),
)


def differences(one: Path, other: Path) -> list[str]:
    """What two folders do not have alike, byte for byte."""
    names = {
        p.relative_to(where) for where in (one, other) for p in where.rglob("*") if p.is_file()
    }
    return sorted(
        str(name)
        for name in names
        if not (one / name).exists()
        or not (other / name).exists()
        or not filecmp.cmp(one / name, other / name, shallow=False)
    )


def is_built() -> bool:
    """Whether `web/dist` is what its sources make."""
    with tempfile.TemporaryDirectory() as folder:
        if dist.build(Path(folder)):
            return False
        unlike = differences(dist.DIST, Path(folder))
    if unlike:
        print("web/dist is not what its sources make; run `make web`:", *unlike, sep="\n  ")
    return not unlike


def is_described() -> bool:
    """Whether the API's types are those of its description."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "schema.d.ts"
        dist.node(
            "node_modules/openapi-typescript/bin/cli.js",
            "../docs/api/openapi.json",
            "--default-non-nullable=false",
            "--output",
            str(made),
        )
        same = filecmp.cmp(made, WEB / "src/api/schema.d.ts", shallow=False)
    if not same:
        print("web/src/api/schema.d.ts is older than docs/api/openapi.json; run `make web-schema`.")
    return same


def main() -> int:
    """All checks; 1 where one failed."""
    wrong = [name for name, command in CHECKS if dist.node(*command)]
    wrong += [] if is_described() else ["schema"]
    wrong += [] if is_built() else ["dist"]
    print("web: " + (f"failed: {', '.join(wrong)}" if wrong else "holds"))
    return int(bool(wrong))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.cmd} ended with {error.returncode}")
