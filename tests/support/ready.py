"""A data folder as a first start without the demo leaves it: made once, copied for whom that is enough.

Its name carries a hash of the migrations. How it comes about is `tests/durability/test_run.py`'s story.
"""

import asyncio
import fcntl
import shutil
import subprocess
from pathlib import Path

from app.config import Settings
from app.installation import opened
from tests.support import process
from tests.support.database import fingerprint

KEPT = process.ROOT / ".data"


def ready(data: Path) -> None:
    """Put a migrated database with nobody in it into an empty folder. Blocking: call it in a thread."""
    kept = KEPT / f"ready-{fingerprint()}"
    KEPT.mkdir(exist_ok=True)
    with (KEPT / "ready.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _make(kept)
    if (kept / "postgres" / "place").exists():
        return  # below a private home the database lies elsewhere: the story makes its own
    subprocess.run(["cp", "-a", "--reflink=auto", f"{kept}/.", data], check=True)


def _make(kept: Path) -> None:
    for old in KEPT.glob("ready-*"):
        shutil.rmtree(old)
    making = KEPT / "ready-making"
    making.mkdir(mode=0o755)
    with opened(Settings(data=making, database_url=None)):
        pass
    assert asyncio.run(process.until_gone(making))
    (making / "postgres" / "port").unlink()  # each copy finds its own
    making.rename(kept)
