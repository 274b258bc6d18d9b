"""Every list of records with as much as fits: rows in sight, and no number cut at any size."""

from datetime import date

from playwright.async_api import expect

from tests.support.field import technician
from tests.support.people import Company, Person
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.seen import ENOUGH_ROWS, clipped_anywhere, rows_seen

MANY = 24
LONG = "Wohnungsbaugenossenschaft Süd"


async def _filled(acme: Company, owner: Person) -> None:
    for number in range(MANY):
        customer = await owner.made(
            "/api/v2/customers",
            {
                "name": f"{LONG} {number}",
                "phone": f"+1312555{number:04}",
                "email": f"hausverwaltung-{number}@wohnungsbaugenossenschaft.example",
                "stage": "prospect",
            },
        )
        site = await owner.made(
            "/api/v2/sites",
            {
                "customer_id": customer["id"],
                "street": f"{100 + number} Donaudampfschifffahrt Street",
                "postal_code": "66604",
                "hazards": [{"text": "Dog in the yard"}],
            },
        )
        await owner.made(
            "/api/v2/equipment",
            {
                "site_id": site["id"],
                "type": "Water heater",
                "serial": f"SN-{number:012}",
                "installed_on": "2021-09-30",
                "warranty_until": "2031-09-30",
            },
        )
        await technician(acme, f"{LONG} {number}")
        await owner.made(
            "/api/v2/vehicles", {"name": f"Truck {number}", "capacity": {"gallons": 2_500_000}}
        )
        await owner.made("/api/v2/crews", {"name": f"Crew {number}"})


async def test_lists_show_what_fits_and_cut_no_number(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    await _filled(acme, owner)
    page = await visit("/customers", person=owner)
    for name in ("customers", "sites", "equipment", "technicians", "vehicles", "crews"):
        await page.goto(f"/{name}")
        await expect(page.get_by_role("grid", name=name)).to_be_visible()
        assert (name, await rows_seen(page) >= ENOUGH_ROWS) == (name, True)
        assert (name, await clipped_anywhere(page)) == (name, [])
        assert (name, await both_themes(page)) == (name, [])


async def test_a_vehicle_and_its_crew(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    tess = await technician(acme, "Tess Ode")
    page = await visit("/vehicles", person=owner)
    await expect(page.get_by_role("heading", name="Vehicles")).to_be_visible()
    await page.keyboard.press("c")
    drawer = page.get_by_role("dialog", name="New vehicle")
    await drawer.get_by_label("Name").fill("Vacuum truck")
    await drawer.get_by_role("button", name="Add what it holds").click()
    await drawer.get_by_label("How much 1").fill("2500")
    await drawer.get_by_role("button", name="Add vehicle").click()
    await expect(drawer.get_by_text("Name the unit, such as gallons.")).to_be_visible()
    await drawer.get_by_label("Unit 1").fill("gallons")
    assert await both_themes(page, within="[role=dialog]") == []
    await drawer.get_by_role("button", name="Add vehicle").click()
    await expect(page.get_by_role("link", name="Vacuum truck")).to_be_visible()
    [truck] = [
        one
        for one in (await owner.got("/api/v2/vehicles", limit=100))["data"]
        if one["name"] == "Vacuum truck"
    ]
    assert truck["capacity"] == {"gallons": 2500}

    await page.goto("/crews?open=new")
    drawer = page.get_by_role("dialog", name="New crew")
    await drawer.get_by_label("Name").fill("Drainage")
    await drawer.get_by_role("button", name="Add a member").click()
    await drawer.get_by_label("Member 1", exact=True).select_option(tess)
    await drawer.get_by_label("First day of member 1").fill("2026-01-05")
    await drawer.get_by_label("Who leads").select_option(tess)
    await drawer.get_by_label("Usually drives").select_option(truck["id"])
    assert await both_themes(page, within="[role=dialog]") == []
    await drawer.get_by_role("button", name="Add crew").click()
    await expect(page.get_by_role("link", name="Drainage")).to_be_visible()
    [crew] = [
        one
        for one in (await owner.got("/api/v2/crews", limit=100))["data"]
        if one["name"] == "Drainage"
    ]
    assert (crew["lead_id"], crew["vehicle_id"]) == (tess, truck["id"])
    assert [one["first_day"] for one in crew["members"]] == [str(date(2026, 1, 5))]


async def test_who_is_here_twice_is_shown_side_by_side(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    for _ in range(2):
        await dana.made("/api/v2/customers", {"name": "Twin Peaks", "phone": "+13125559999"})
    page = await visit("/customers", person=dana)
    await page.get_by_role("link", name="Duplicates").click()
    pair = page.get_by_role("table", name="Pairs").get_by_role("row").filter(has_text="Twin Peaks")
    await expect(pair.get_by_role("link", name="Twin Peaks")).to_have_count(2)
    await expect(page.get_by_text("all there are")).to_be_visible()
    assert await both_themes(page) == []
    assert await clipped_anywhere(page) == []
    await pair.get_by_role("link", name="Twin Peaks").first.click()
    await expect(page.get_by_role("heading", name="Twin Peaks")).to_be_visible()
