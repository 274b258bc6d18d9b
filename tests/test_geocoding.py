"""Where sites are, as a provider knows it: asked after the save, remembered, put off when it fails."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from app.core import clock
from app.core.db import Scope
from app.core.limits import Charge, Limits
from app.core.places import Address, NotNow, Precision
from app.integrations import geocoding as provider
from app.integrations.geocoding import Geocoder
from app.services import geocoding
from app.services.identity.acting import act_for
from tests.support.imports import asked, imported
from tests.support.jobs import working
from tests.support.people import Company, Person
from tests.support.places import HERE, Twin, a_provider
from tests.support.queries import counted
from tests.support.server import Server

SITES = "/api/v2/sites"
MAIN = Address("12 Main St", "Phoenix", "AZ", "85001", "US")


@pytest.fixture
def twin() -> Iterator[Twin]:
    with a_provider() as playing:
        yield playing


@asynccontextmanager
async def placing(server: Server, geocoder: Geocoder) -> AsyncIterator[None]:
    """The server and its worker ask this provider."""
    sessions = server.state.sessions
    assert sessions.tools is not None
    before = sessions.tools
    sessions.tools = replace(before, places=geocoder)
    try:
        async with working(server.database, sessions):
            yield
    finally:
        sessions.tools = before


async def a_site(person: Person, street: str, **more: Any) -> dict[str, Any]:
    customer = await person.made("/api/v2/customers", {"name": f"Of {street}"})
    body = {"customer_id": customer["id"], "street": street, "postal_code": "85001", **more}
    return dict(await person.made(SITES, body))


async def found(person: Person, site: dict[str, Any]) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while (now := await person.got(f"{SITES}/{site['id']}"))["placed_by"] != "geocoder":
            await asyncio.sleep(0.05)
    return dict(now)


async def until_asked(twin: Twin, times: int) -> None:
    async with asyncio.timeout(20):
        while len(twin.asked) < times:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("name", provider.PROVIDERS)
async def test_a_provider_finds_does_not_know_and_fails_in_every_way(
    name: str, twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin.known.add(MAIN.street)
    geocoder = twin.geocoder(name)
    place = await geocoder.find(MAIN)
    assert place is not None
    assert (place.latitude, place.longitude) == (Decimal(HERE[0]), Decimal(HERE[1]))
    assert place.precision is Precision.rooftop
    assert await geocoder.find(replace(MAIN, street="1 Nowhere")) is None
    monkeypatch.setattr(provider, "TIMEOUT", 1)
    for mood in ("broken", "garbled", "denied", "silent"):
        twin.moods.append(mood)
        with pytest.raises(NotNow, match=name):
            await geocoder.find(MAIN)
    twin.moods.append("busy")
    with pytest.raises(NotNow) as refused:
        await geocoder.find(MAIN)
    assert refused.value.after == timedelta(seconds=90)
    assert twin.agents == {"truckroll"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"name": "mapmaker"}, "GEOCODER must be one of: none, nominatim, google"),
        ({"name": "google"}, "set GEOCODER_KEY"),
        ({"name": "nominatim", "url": "maps.example.com"}, "GEOCODER_URL must read"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Geocoder(**settings)


async def test_a_site_is_saved_at_once_and_placed_afterwards(
    acme: Company, server: Server, twin: Twin
) -> None:
    dana = await acme.person("dispatcher")
    twin.known |= {"12 Main St", "14 Main St"}
    async with placing(server, twin.geocoder()):
        site = await a_site(dana, "12 Main St")
        assert (site["placed_by"], site["precision"]) == ("postal_code", "postal_code")
        placed = await found(dana, site)
        assert (placed["latitude"], placed["longitude"]) == (float(HERE[0]), float(HERE[1]))
        assert placed["precision"] == "rooftop"
        story = (await dana.got(f"{SITES}/{site['id']}/timeline"))["data"]
        assert story[0]["sentence"] == (
            "The map service placed 12 Main St, Phoenix, AZ 85001 (rooftop)."
        )
        # the same address is remembered, however it is typed
        await found(dana, await a_site(dana, "12  MAIN St."))
        assert twin.asked == ["12 Main St"]
        # another address is asked for; one with a pin never is
        pinned = await a_site(dana, "14 Main St", latitude=33.5, longitude=-112.1)
        assert pinned["precision"] == "exact"
        moved = await dana.patched(
            f"{SITES}/{site['id']}", placed["version"], {"street": "14 Main St"}
        )
        assert moved["placed_by"] == "postal_code"
        await found(dana, site)
    assert twin.asked == ["12 Main St", "14 Main St"]
    assert (await dana.got(f"{SITES}/{pinned['id']}"))["placed_by"] == "pin"


async def test_a_site_that_was_placed_is_the_version_that_it_was(
    acme: Company, server: Server, twin: Twin
) -> None:
    """Whoever has it open goes on writing; a person's pin is a change as any other."""
    dana = await acme.person("dispatcher")
    twin.known |= {"32 Main St"}
    async with placing(server, twin.geocoder()):
        site = await a_site(dana, "32 Main St")
        placed = await found(dana, site)
        assert (placed["version"], placed["updated_at"] > site["updated_at"]) == (1, True)
        path = f"{SITES}/{site['id']}"
        named = await dana.patched(path, site["version"], {"name": "Depot"})
        assert (named["version"], named["placed_by"]) == (2, "geocoder")
    pinned = await dana.patched(path, 2, {"latitude": 33.5, "longitude": -112.1})
    assert (pinned["version"], pinned["placed_by"]) == (3, "pin")
    moved = await dana.patched(path, 3, {"latitude": 33.6, "longitude": -112.1})
    assert moved["version"] == 4
    entries = (await dana.got(f"{path}/history"))["data"]
    assert any("precision" in str(entry) for entry in entries)


async def test_an_import_is_undone_after_its_sites_were_placed(
    acme: Company, server: Server, twin: Twin
) -> None:
    dana = await acme.person("dispatcher")
    streets = [f"{n} Placed St" for n in range(40, 60)]
    twin.known |= set(streets)
    rows = "".join(f"pl-{n},Placed {n},{street},85001\n" for n, street in enumerate(streets))
    async with placing(server, twin.geocoder()):
        with counted(server) as queries:
            done = await imported(dana, f"ID,Name,Street,ZIP\n{rows}")
        noted = [one for one in queries if "INSERT INTO site_lookups" in one]
        assert (done["rows_created"], len(noted)) == (20, 1)
        for site in (await dana.got(SITES, limit=200, sort="-created_at"))["data"][:20]:
            await found(dana, site)
        undone = await asked(dana, done["id"], "undo")
    assert (undone["changes_undone"], undone["changes_kept"]) == (40, 0)


async def test_a_provider_that_fails_is_asked_again_later(
    acme: Company, server: Server, twin: Twin
) -> None:
    dana = await acme.person("dispatcher")
    twin.known |= {"20 Elm St", "22 Elm St"}
    twin.moods = ["busy"]
    async with placing(server, twin.geocoder()):
        first = await a_site(dana, "20 Elm St")
        await until_asked(twin, 1)
        await asyncio.sleep(0.3)
        assert (await dana.got(f"{SITES}/{first['id']}"))["placed_by"] == "postal_code"
        assert twin.asked == ["20 Elm St"]
        async with server.state.sessions.open(Scope(acme.id)) as session:
            ctx = await act_for(session, None)
            await geocoding.go_on(ctx)  # too early: they said 90 seconds
            await session.commit()
        await asyncio.sleep(0.2)
        assert twin.asked == ["20 Elm St"]
        with clock.set_to(clock.now() + timedelta(minutes=3)):
            async with server.state.sessions.open(Scope(acme.id)) as session:
                ctx = await act_for(session, None)
                [again] = await geocoding.take(ctx)
                await geocoding.answer(ctx, again, await twin.geocoder().find(again.address))
                await session.commit()
        assert (await found(dana, first))["precision"] == "rooftop"


async def test_sites_that_came_before_or_past_the_verbs_are_noted_by_the_clock(
    acme: Company, server: Server, twin: Twin
) -> None:
    dana = await acme.person("dispatcher")
    old = [await a_site(dana, f"{n} Oak St") for n in range(30, 33)]  # nobody is asked yet
    assert twin.asked == []
    twin.known |= {f"{n} Oak St" for n in range(30, 33)}
    async with placing(server, twin.geocoder()):
        async with server.state.sessions.open(Scope(acme.id)) as session:
            assert await geocoding.go_on(await act_for(session, None)) >= 3
            await session.commit()
        for site in old:
            await found(dana, site)


async def test_it_waits_for_its_turn_among_all_processes(
    acme: Company, server: Server, twin: Twin
) -> None:
    dana = await acme.person("dispatcher")
    twin.known.add("50 Ash St")
    geocoder = twin.geocoder(a_minute=60)
    another = Limits(server.state.engine)
    await another.spend([Charge(geocoding.policy(geocoder), geocoder.name)])
    spent = asyncio.get_running_loop().time()
    async with placing(server, geocoder):
        await found(dana, await a_site(dana, "50 Ash St"))
    assert twin.when[-1] - spent > 0.5


async def test_a_site_of_before_says_how_well_it_is_placed(acme: Company, server: Server) -> None:
    """An upgrade does not touch the sites that are there."""
    dana = await acme.person("dispatcher")
    old = await a_site(dana, "70 Main St")
    admin = await asyncpg.connect(server.database.admin)
    await admin.execute("alter table sites disable trigger user")
    await admin.execute("update sites set precision = null where id = $1", old["id"])
    await admin.execute("alter table sites enable trigger user")
    await admin.close()
    assert (await dana.got(f"{SITES}/{old['id']}"))["precision"] == "postal_code"
    wanted = '{"field": "precision", "op": "eq", "value": "postal_code"}'
    page = await dana.got(SITES, filter=wanted, sort="-created_at", limit=1)
    assert [one["id"] for one in page["data"]] == [old["id"]]
