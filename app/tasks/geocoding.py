"""Looking up where sites are: ask, one after the other, within what the provider allows.

No transaction is open while a provider takes its time. When they do not answer the job ends; what is
left is taken again by the clock.
"""

from uuid import UUID

from app.core.limits import Charge, Limits
from app.core.places import NotNow, Places
from app.core.telemetry import PROVIDERS
from app.core.tools import places_of
from app.services import geocoding
from app.services.geocoding import Wanted
from app.tasks.turns import wait_for_turn
from app.tasks.work import Definition, Work


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
            await wait_for_turn(limits, Charge(geocoding.policy(places), places.name))
            found = await places.find(one.address)
        except NotNow as error:
            PROVIDERS.labels(places.name, "failed").inc()
            async with work.transaction(stopping=True) as ctx:
                await geocoding.put_off(ctx, one, error)
                for other in wanted[place + 1 :]:
                    await geocoding.put_off(ctx, other, None)
            return False
        PROVIDERS.labels(places.name, "answered").inc()
        async with work.transaction() as ctx:
            await geocoding.answer(ctx, one, found)
    return True


LOOKING = Definition(geocode, attempts=5, source="geocoder", at_once=1)
