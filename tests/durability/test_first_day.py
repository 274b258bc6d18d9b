"""`docs/first-day.md`, run as it stands against an empty Truckroll as users start it."""

import asyncio
import os
import re
import subprocess
import tempfile
from pathlib import Path

from tests.support import process
from tests.support.ready import ready


def script() -> str:
    """The `sh` blocks of the page as one script."""
    text = (process.ROOT / "docs/first-day.md").read_text()
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))


async def test_the_first_day_runs_as_it_stands() -> None:
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        data = Path(folder)
        await asyncio.to_thread(data.chmod, 0o755)
        await asyncio.to_thread(ready, data)
        running = await asyncio.to_thread(process.start, data, "--no-demo")
        done = await asyncio.to_thread(
            subprocess.run,
            ["sh", "-c", script()],
            cwd=process.ROOT,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            env={**os.environ, "URL": running.url},
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "We will be with you Mon" in done.stdout
        assert done.stdout.splitlines()[-1] == "the first day is done"
        assert await asyncio.to_thread(running.stop) == 0
        assert await process.until_gone(data)
