"""New time zone data followed now, in every organisation or in one, from the command line."""

from app.core.db import Scope, Sessions, make_engine
from app.services import time_zones
from app.services.identity.acting import act_for, organisation_called, organisation_slugs
from app.services.time_zones import Report


async def rezone(url: str, slug: str | None, *, dry_run: bool = False) -> dict[str, Report]:
    """What differed in each organisation, by its name. Raises `NotFound` for an unknown `slug`."""
    engine = make_engine(url, pool_size=1)
    made = Sessions(engine)
    try:
        wanted = (
            {await organisation_called(engine, slug): slug}
            if slug
            else await organisation_slugs(engine)
        )
        found = {}
        for org_id, name in wanted.items():
            async with made.open(Scope(org_id, source="system", request_id="zones")) as session:
                ctx = await act_for(session, None)
                found[name] = await time_zones.recompute(ctx, dry_run=dry_run)
                await (session.rollback() if dry_run else session.commit())
        return found
    finally:
        await engine.dispose()
