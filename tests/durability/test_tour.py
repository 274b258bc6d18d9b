"""`docs/tour.md` and `docs/api/README.md`, run as they stand against a Truckroll as users start it."""

import asyncio
import os
import re
import subprocess
import tempfile
from pathlib import Path

from tests.support import process


def script() -> str:
    """The `sh` blocks of both pages as one script; the second goes on where the first ends."""
    pages = ("docs/tour.md", "docs/api/README.md")
    text = "\n".join((process.ROOT / page).read_text() for page in pages)
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))


async def test_the_tour_runs_as_it_stands() -> None:
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        data = Path(folder)
        await asyncio.to_thread(data.chmod, 0o755)
        running = await asyncio.to_thread(process.start, data)
        done = await asyncio.to_thread(
            subprocess.run,
            ["sh", "-c", script()],
            cwd=process.ROOT,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            env={**os.environ, "TRUCKROLL_DATA": str(data)},
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "the story is whole" in done.stdout
        assert done.stdout.splitlines()[-1] == "the page is true"
        assert await asyncio.to_thread(running.stop) == 0
        assert await process.until_gone(data)
