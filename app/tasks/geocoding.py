"""Looking up where sites are: ask, one after the other, within what the provider allows.

No transaction is open while a provider takes its time. When they do not answer the job ends; what is
left is taken again by the clock.
"""

import asyncio
from uuid import UUID

from app.core.errors import TooMany
from app.core.limits import Charge, Limits
from app.core.places import NotNow, Places
from app.core.tools import places_of
from app.services import geocoding
from app.services.geocoding import Wanted
from app.tasks.work import Definition, Work

LONGEST_WAIT = 60
"""Seconds that a job waits for its turn."""


async def geocode(work: Work, _: UUID | None) -> None:
    """Look up what is due."""
    limits = Limits(work.sessions.engine)
    going_on = True
    while going_on:
        async with work.transaction() as ctx:
            wanted = await geocoding.take(ctx)
            places = places_of(ctx.session)
        if not wanted or places is None:
            break
        going_on = await _ask(work, limits, places, wanted)
    async with work.transaction(last=True):
        pass


async def _ask(work: Work, limits: Limits, places: Places, wanted: list[Wanted]) -> bool:
    """Ask about each; whether they answered."""
    for place, one in enumerate(wanted):
        try:
            await _wait_for_turn(limits, places)
            found = await places.find(one.address)
        except NotNow as error:
            async with work.transaction(stopping=True) as ctx:
                await geocoding.put_off(ctx, one, error)
                for other in wanted[place + 1 :]:
                    await geocoding.put_off(ctx, other, None)
            return False
        async with work.transaction() as ctx:
            await geocoding.answer(ctx, one, found)
    return True


async def _wait_for_turn(limits: Limits, places: Places) -> None:
    """Wait until all processes together may ask once more. Raises `NotNow` when that is long."""
    charge = Charge(geocoding.policy(places), places.name)
    waited = 0
    while waited < LONGEST_WAIT:
        try:
            await limits.spend([charge])
            return
        except TooMany as refused:
            pause = max(1, int((refused.headers or {}).get("Retry-After", "1")))
            waited += pause
            await asyncio.sleep(pause)
    raise NotNow("Others are asking; it is not our turn yet.")


LOOKING = Definition(geocode, attempts=5, source="geocoder", at_once=1)
