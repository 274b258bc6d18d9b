"""Pictures that people send are drawn anew, by a process of their own that may be lost.

A decoder that is lied to takes memory, time, or over the process it runs in; so ours has little of
each (`redrawing`), an empty environment, and no more than two run at once.
"""

import asyncio
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import structlog

from app.documents import redrawing

log = structlog.get_logger()
WALL_SECONDS = 30
_two = asyncio.Semaphore(2)
_OFFSET = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")


class Unreadable(ValueError):
    """Why this picture cannot be taken, as a sentence for whoever sent it; `code` for programs."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Redrawn:
    """A picture in a folder: `content`, and the thumbnails `small` and `large`."""

    folder: Path
    format: str
    width: int
    height: int
    taken: datetime | None
    """By the camera's clock; naive when it did not say its zone."""

    def taken_at(self, zone: str) -> datetime | None:
        """The instant, taking a camera that does not say otherwise to be in `zone`."""
        if self.taken is None:
            return None
        local = self.taken if self.taken.tzinfo else self.taken.replace(tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC)


async def redraw(source: Path, folder: Path) -> Redrawn:
    """Draw `source` anew into `folder`. Raises `Unreadable`."""
    async with _two:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", redrawing.__file__, str(source), str(folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            cwd=folder,
        )  # fmt: skip
        try:
            async with asyncio.timeout(WALL_SECONDS):
                said, _ = await child.communicate()
        except TimeoutError:
            raise _unreadable() from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if child.returncode == redrawing.NO_PILLOW:
        raise RuntimeError("Pillow cannot be imported beside us.")
    if child.returncode != 0:
        log.info("a picture ended its process", returncode=child.returncode)
        raise _unreadable()
    return _heard(orjson.loads(said), folder)


def _heard(told: dict[str, object], folder: Path) -> Redrawn:
    match told:
        case {"format": str(kind), "width": int(width), "height": int(height), "taken": taken}:
            return Redrawn(folder, kind, width, height, _taken(taken))
        case {"refused": "too_many_pixels"}:
            millions = redrawing.MAX_PIXELS // 1_000_000
            raise Unreadable(
                "too_many_pixels",
                f"This picture has more than {millions} million pixels. Send a smaller one.",
            )
    raise _unreadable()


def _unreadable() -> Unreadable:
    return Unreadable(
        "unreadable_picture", "This picture cannot be read. Open it, save it again and send that."
    )


def _taken(told: object) -> datetime | None:
    match told:
        case [str(written), str(offset)]:
            try:
                taken = datetime.strptime(written.strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
            except ValueError:
                return None
            if not 1970 <= taken.year < 2200:
                return None
            return taken.replace(tzinfo=_zone(offset))
    return None


def _zone(offset: str) -> timezone | None:
    found = _OFFSET.fullmatch(offset.strip("\0 "))
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    east = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-east if sign == "-" else east)
