"""Asking a map service how long drives take: a table at a time, from these places to those.

Whatever goes wrong is `NotNow`: no answer in time, an answer that is none or is cut off, a limit. The
coordinates, and an id that is made for the call, are all that leaves this house; nobody's name, no address,
nothing of whoever asked. The log says which id was made for which request. The twin without a network is
`app.integrations.roads_twin`; both pass the same tests.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
import structlog

from app.core.geo import Point
from app.core.ids import new_id
from app.core.places import NotNow
from app.core.roads import Drive, Table

log = structlog.get_logger()
TIMEOUT = 5.0
"""Seconds that a service may be silent, and"""
LONGEST = 10.0
"""that the whole answer may take."""
LARGEST = 1_000_000
"""Bytes of an answer: a table of ours is a tenth of it."""
MOST_STARTS = 25


def _lonlat(point: Point) -> str:
    return f"{point.longitude:.5f},{point.latitude:.5f}"


def _ask_osrm(
    starts: Sequence[Point], goals: Sequence[Point], _: datetime | None
) -> tuple[str, str, Any]:
    places = ";".join(map(_lonlat, [*starts, *goals]))
    of = ";".join(map(str, range(len(starts))))
    to = ";".join(map(str, range(len(starts), len(starts) + len(goals))))
    query = f"sources={of}&destinations={to}&annotations=duration,distance"
    return "GET", f"/table/v1/driving/{places}?{query}", None


def _read_osrm(said: Any) -> list[list[Drive | None]]:
    if said["code"] == "NoTable":
        raise NotNow("The map service knows no roads there.")
    if said["code"] != "Ok":
        raise NotNow(f"The map service said {said['code'][:40]}.")
    return [
        [_drive(seconds, metres) for seconds, metres in zip(times, ways, strict=True)]
        for times, ways in zip(said["durations"], said["distances"], strict=True)
    ]


def _place(point: Point) -> dict[str, float]:
    return {"lat": round(point.latitude, 5), "lon": round(point.longitude, 5)}


def _ask_valhalla(
    starts: Sequence[Point], goals: Sequence[Point], leaving: datetime | None
) -> tuple[str, str, Any]:
    body: dict[str, Any] = {
        "sources": list(map(_place, starts)),
        "targets": list(map(_place, goals)),
        "costing": "auto",
        "units": "kilometers",
    }
    if leaving is not None:
        body["date_time"] = {"type": 1, "value": leaving.strftime("%Y-%m-%dT%H:%M")}
    return "POST", "/sources_to_targets", body


def _read_valhalla(said: Any) -> list[list[Drive | None]]:
    return [
        [
            _drive(cell["time"], cell["distance"] and cell["distance"] * 1000)
            for cell in sorted(row, key=lambda cell: int(cell["to_index"]))
        ]
        for row in said["sources_to_targets"]
    ]


def _drive(seconds: Any, metres: Any) -> Drive | None:
    if seconds is None or metres is None:
        return None
    if not 0 <= float(seconds) < 1e6 or not 0 <= float(metres) < 1e8:
        raise ValueError("no drive of this world")
    return Drive(round(float(seconds)), round(float(metres)))


@dataclass(frozen=True)
class Dialect:
    """How one of them is spoken to."""

    ask: Callable[[Sequence[Point], Sequence[Point], datetime | None], tuple[str, str, Any]]
    read: Callable[[Any], list[list[Drive | None]]]
    by_the_hour: bool
    most_starts: int


DIALECTS = {
    "osrm": Dialect(_ask_osrm, _read_osrm, by_the_hour=False, most_starts=MOST_STARTS),
    # it looks at the hour only where a table has no more starts than goals
    "valhalla": Dialect(_ask_valhalla, _read_valhalla, by_the_hour=True, most_starts=1),
}


class RoadService:
    """One service by its dialect, at an address."""

    def __init__(self, name: str, *, url: str | None, a_minute: int = 600) -> None:
        """Raises ValueError with a sentence for settings that cannot work."""
        if name not in DIALECTS:
            raise ValueError(f"ROADS must be one of: none, {', '.join(DIALECTS)}, twin.")
        at = urlsplit(url or "")
        if at.scheme not in ("http", "https") or not at.netloc:
            raise ValueError(f"ROADS={name} needs ROADS_URL, such as https://roads.example.com.")
        self._url = f"{at.scheme}://{at.netloc}{at.path.rstrip('/')}"
        self._dialect = DIALECTS[name]
        self.name = name
        self.a_minute = a_minute
        self.by_the_hour = self._dialect.by_the_hour
        self.most_starts = self._dialect.most_starts
        # whom this machine trusts, read once: it would hold up everybody at each question
        self._trusted = httpx2.create_ssl_context()

    async def table(
        self, starts: Sequence[Point], goals: Sequence[Point], leaving: datetime | None
    ) -> Table:
        """Every drive from a start to a goal. Raises `NotNow`."""
        method, path, body = self._dialect.ask(starts, goals, leaving)
        try:
            async with asyncio.timeout(LONGEST):
                said = await self._say(method, path, body)
            table = self._dialect.read(orjson.loads(said))
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as error:
            raise NotNow(f"{self.name} did not answer: {type(error).__name__}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotNow(f"{self.name} answered what nobody understands.") from error
        if len(table) != len(starts) or any(len(row) != len(goals) for row in table):
            raise NotNow(f"{self.name} answered a part of what was asked.")
        return table

    async def _say(self, method: str, path: str, body: Any) -> bytes:
        call = new_id().hex
        log.info("a map service is asked", provider=self.name, call=call)
        headers = {"User-Agent": "truckroll", "X-Request-ID": call}
        async with (
            httpx2.AsyncClient(
                timeout=TIMEOUT, follow_redirects=False, headers=headers, verify=self._trusted
            ) as client,
            client.stream(method, self._url + path, json=body) as reply,
        ):
            if reply.status_code in (429, 503):
                raise NotNow(f"{self.name} was asked too often.", after=_after(reply.headers))
            if reply.status_code not in (200, 400):  # OSRM says with 400 what is wrong
                raise NotNow(f"{self.name} answered with {reply.status_code}.")
            said = b""
            async for part in reply.aiter_bytes():
                said += part
                if len(said) > LARGEST:
                    raise NotNow(f"{self.name} answers without end.")
            return said


def _after(headers: httpx2.Headers) -> timedelta | None:
    given = headers.get("Retry-After", "")
    return timedelta(seconds=min(int(given), 86_400)) if given.isdecimal() else None
