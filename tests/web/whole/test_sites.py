"""Sites and what stands there: found, opened, retired, and codes that are read only when asked for."""

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.seen import clipped_anywhere


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
    await page.get_by_role("main").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Retire…").click()
    await page.get_by_label("Reason (optional)").fill("Rusted through")
    await page.get_by_role("button", name="Retire", exact=True).click()
    await expect(page.get_by_role("definition").filter(has_text="Rusted through")).to_be_visible()
    assert (await dana.got(f"/api/v2/equipment/{pump['id']}"))["status"] == "retired"
    assert await both_themes(page) == []
    await page.goto("/equipment?status=retired")
    await expect(page.get_by_role("link", name="Zoeller")).to_be_visible()
    assert await both_themes(page) == []


async def test_a_site_is_added_changed_and_shared(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    sara = await dana.made("/api/v2/customers", {"name": "Sara Holm"})
    await dana.made("/api/v2/customers", {"name": "Nils Aker"})
    page = await visit(f"/customers/{sara['id']}", person=dana)
    await page.get_by_role("button", name="Add a site").click()
    dialog = page.get_by_role("dialog", name="New site")
    await dialog.get_by_role("button", name="Add site").click()
    await expect(dialog.get_by_text("Type the street and number.")).to_be_visible()
    await dialog.get_by_label("Street and number").fill("31 Cedar Ct")
    await dialog.get_by_label("Postal code").fill("66604")
    await dialog.get_by_label("Latitude").fill("39.04")
    await dialog.get_by_role("button", name="Add site").click()
    await expect(dialog.get_by_label("Longitude")).to_have_attribute("aria-invalid", "true")
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_label("Longitude").fill("-95.76")
    await dialog.get_by_role("button", name="Add a hazard").click()
    await dialog.get_by_label("Hazard 1", exact=True).fill("Dog in the yard")
    await dialog.get_by_role("button", name="Add site").click()
    # the first site of a server waits until it has read all postal codes
    await expect(dialog).to_be_hidden(timeout=20_000)
    await page.get_by_role("link", name="31 Cedar Ct").click()
    await expect(page.get_by_role("main").get_by_text("Dog in the yard")).to_be_visible()
    [site] = (await dana.got("/api/v2/sites", customer_id=sara["id"]))["data"]
    assert (site["city"], site["placed_by"], site["parties"][0]["role"]) == (
        "Topeka",
        "pin",
        "owner",
    )

    await page.keyboard.press("e")
    drawer = page.get_by_role("dialog", name="Edit site")
    await drawer.get_by_label("Gate code").fill("4711")
    await drawer.get_by_role("button", name="Add hours").click()
    await drawer.get_by_label("Closes, hours 1").fill("07:00")
    # meanwhile somebody else says how one gets in
    await dana.patched(f"/api/v2/sites/{site['id']}", 1, {"access_notes": "Ring twice"})
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer.get_by_text("It closes after it opens.")).to_be_visible()
    await drawer.get_by_label("Closes, hours 1").fill("24:00")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer.get_by_role("alert")).to_contain_text("Ring twice")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer).to_be_hidden()
    saved = await dana.got(f"/api/v2/sites/{site['id']}")
    assert (saved["gate_code"], saved["access_notes"]) == ("4711", "Ring twice")
    assert saved["access_hours"] == [{"weekday": "mon", "opens": "08:00", "closes": "24:00"}]

    await page.get_by_role("button", name="Add a party").click()
    dialog = page.get_by_role("dialog", name="Add a party")
    who = dialog.get_by_role("combobox", name="Customer")
    await who.fill("nils a")
    await page.get_by_role("option", name="Nils Aker").click()
    await dialog.get_by_label("What they do with it").select_option("tenant")
    await dialog.get_by_label("Since (optional)").fill("2020-05-01")
    await dialog.get_by_role("button", name="Add party").click()
    parties = page.get_by_role("main").get_by_role("listitem").filter(has_text="Nils Aker")
    await expect(parties).to_contain_text("since Fri, May 1, 2020")
    assert await both_themes(page) == []
    assert await clipped_anywhere(page) == []
    await page.get_by_role("button", name="End: Nils Aker").click()
    await expect(parties).to_contain_text("Fri, May 1, 2020 –")

    # whoever adds the same address again is told of it
    await page.goto("/sites")
    await expect(page.get_by_role("grid", name="sites")).to_be_visible()
    await page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="New site")
    await dialog.get_by_label("Street and number").fill("31 cedar")
    await dialog.get_by_label("Postal code").fill("66604")
    await expect(dialog.get_by_text("This address is here already")).to_be_visible()
    await dialog.get_by_role("button", name="Open it").click()
    await expect(page.get_by_role("heading", name="31 Cedar Ct")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("grid", name="sites")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)
