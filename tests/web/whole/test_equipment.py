"""Equipment: added where it stands, changed, carried elsewhere, removed and brought back."""

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.seen import clipped_anywhere


async def test_equipment_is_added_changed_and_moved(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ida = await dana.made("/api/v2/customers", {"name": "Ida Quist"})
    where = {"city": "Topeka", "region": "KS", "postal_code": "66604"}
    home, barn = [
        await dana.made("/api/v2/sites", {"customer_id": ida["id"], "street": street, **where})
        for street in ("8 Pump Ln", "7 Barn Rd")
    ]
    tank = await dana.made(
        "/api/v2/equipment", {"site_id": home["id"], "type": "Tank", "serial": "T-1000"}
    )
    page = await visit("/equipment?new=", person=dana)
    dialog = page.get_by_role("dialog", name="New equipment")
    site = dialog.get_by_role("combobox", name="Site")
    await site.fill("pump")
    await page.get_by_role("option", name="8 Pump Ln").click()
    await dialog.get_by_label("What it is").fill("Pump")
    await dialog.get_by_label("Serial number").fill("T-1000")
    await expect(dialog.get_by_text("This serial number is here already")).to_be_visible()
    await dialog.get_by_label("Serial number").fill("P-7")
    await dialog.get_by_label("Part of").select_option(tank["id"])
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_role("button", name="Add equipment").click()
    await expect(page.get_by_role("heading", name="Pump")).to_be_visible()
    await expect(page.get_by_role("link", name="Tank")).to_be_visible()
    [pump] = [
        one
        for one in (await dana.got("/api/v2/equipment", site_id=home["id"]))["data"]
        if one["id"] != tank["id"]
    ]
    assert (pump["serial"], pump["parent_id"]) == ("P-7", tank["id"])

    await page.keyboard.press("e")
    drawer = page.get_by_role("dialog", name="Edit equipment")
    await drawer.get_by_label("Warranty until").fill("2031-02-28")
    await drawer.get_by_label("Part of").select_option("")
    await drawer.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Fri, Feb 28, 2031")).to_be_visible()
    await page.get_by_role("button", name="Move…").click()
    dialog = page.get_by_role("dialog", name="Move to another site")
    await dialog.get_by_role("button", name="Move").click()
    await expect(dialog.get_by_text("Choose where it goes.")).to_be_visible()
    await dialog.get_by_role("combobox", name="Site").fill("barn")
    await page.get_by_role("option", name="7 Barn Rd").click()
    await dialog.get_by_role("button", name="Move").click()
    await expect(page.get_by_role("link", name="7 Barn Rd")).to_be_visible()
    moved = await dana.got(f"/api/v2/equipment/{pump['id']}")
    assert (moved["site_id"], moved["warranty_until"], moved["parent_id"]) == (
        barn["id"],
        "2031-02-28",
        None,
    )
    assert await clipped_anywhere(page) == []
    await page.get_by_role("main").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Remove").click()
    grid = page.get_by_role("grid", name="equipment")
    await expect(grid.get_by_role("link", name="Tank")).to_be_visible()
    await expect(grid.get_by_role("link", name="Pump (SN P-7)")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(grid.get_by_role("link", name="Pump (SN P-7)")).to_be_visible()
