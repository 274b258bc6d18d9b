"""`docs/tour.md`, extracted and run against Truckroll as its users start it."""

import asyncio
import os
import re
import subprocess
import tempfile
from pathlib import Path

from tests.support import process


def script() -> str:
    """The tour's `sh` blocks as one script."""
    text = (process.ROOT / "docs" / "tour.md").read_text()
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
        assert done.stdout.splitlines()[-1] == "the story is whole"
        assert await asyncio.to_thread(running.stop) == 0
        assert await process.until_gone(data)
