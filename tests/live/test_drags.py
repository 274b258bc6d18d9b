"""The browsers' reckoning of a drag (`web/src/board/consequence.ts`), run in Node: it says what the cases say,
to the second."""

import json
import subprocess
from pathlib import Path

from tests.live.test_typescript import installed
from tests.support.drag_cases import VECTORS

__all__ = ["installed"]
PROGRAM = Path(__file__).with_name("drag_in_node.ts")


def test_the_browsers_function_reckons_what_the_server_does(installed: Path) -> None:
    written = VECTORS.read_text(encoding="utf-8")
    done = subprocess.run(
        [installed, PROGRAM], input=written, capture_output=True, text=True, check=True
    )
    cases = json.loads(written)["cases"]
    for case, told in zip(cases, json.loads(done.stdout), strict=True):
        assert told == case["consequence"], case["drop"]
    assert len(cases) >= 100
