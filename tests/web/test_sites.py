"""Sites and what stands there: found, opened, retired, and codes that are read only when asked for."""

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.axe import both_themes
from tests.web.pages import Visitor


async def test_a_site_leads_to_its_equipment_which_is_retired(
    visit: Visitor, acme: Company
) -> None:
    dana = await acme.person("dispatcher")
    customer = await dana.made("/api/v2/customers", {"name": "Ida Quist"})
    where = {"street": "12 Main St", "city": "Topeka", "region": "KS", "postal_code": "66604"}
    site = await dana.made(
        "/api/v2/sites",
        {
            "customer_id": customer["id"],
            "gate_code": "4711",
            "time_zone": "America/Chicago",
            **where,
        },
    )
    pump = await dana.made(
        "/api/v2/equipment", {"site_id": site["id"], "type": "Pump", "make": "Zoeller"}
    )
    page = await visit("/sites", person=dana)
    assert await both_themes(page) == []
    await page.get_by_role("searchbox").fill("main")
    await page.get_by_role("grid", name="sites").get_by_role("link", name="12 Main St").click()
    await expect(page.get_by_role("link", name="Ida Quist")).to_be_visible()
    await expect(page.get_by_text("4711")).to_be_hidden()
    await page.get_by_role("button", name="Show the gate code").click()
    await expect(page.get_by_text("4711")).to_be_visible()
    await page.get_by_role("link", name="Zoeller").click()
    await page.get_by_role("button", name="Retire…").click()
    await page.get_by_label("Reason (optional)").fill("Rusted through")
    await page.get_by_role("button", name="Retire", exact=True).click()
    await expect(page.get_by_role("definition").filter(has_text="Rusted through")).to_be_visible()
    assert (await dana.got(f"/api/v2/equipment/{pump['id']}"))["status"] == "retired"
    assert await both_themes(page) == []
    await page.goto("/equipment?status=retired")
    await expect(page.get_by_role("link", name="Zoeller")).to_be_visible()
