"""Customers: found in their list, opened, changed where they stand, and many of them at once."""

import re

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.axe import both_themes
from tests.web.pages import PHONE, Visitor

CUSTOMERS = "/api/v2/customers"


async def test_a_customer_is_found_opened_and_changed(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    await dana.made(CUSTOMERS, {"name": "Abel Frost", "phone": "+13125550141"})
    ida = await dana.made(CUSTOMERS, {"name": "Ida Quist", "phone": "+13125550142"})
    page = await visit("/customers", person=dana)
    grid = page.get_by_role("grid", name="customers")
    await expect(grid.get_by_text("(312) 555-0141")).to_be_visible()
    assert await both_themes(page) == []
    await page.keyboard.press("/")
    await page.keyboard.type("quist")
    await expect(grid.get_by_role("row")).to_have_count(2)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Ida Quist")).to_be_visible()
    assert await both_themes(page) == []

    await page.keyboard.press("e")
    drawer = page.get_by_role("dialog", name="Edit Ida Quist")
    await drawer.get_by_label("Name").fill("Ida Quist-Moor")
    await drawer.get_by_label("E-mail").fill("ida at home")
    await drawer.get_by_role("button", name="Save").click()
    email = drawer.get_by_label("E-mail")
    await expect(email).to_have_attribute("aria-invalid", "true")
    await expect(drawer.get_by_label("Name")).to_have_value("Ida Quist-Moor")
    await email.fill("ida@example.com")

    # meanwhile somebody else changes something else
    await dana.patched(f"{CUSTOMERS}/{ida['id']}", 1, {"source": "a neighbour"})
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer.get_by_role("alert")).to_contain_text("source is now “a neighbour”")
    await expect(drawer.get_by_label("Source")).to_have_value("a neighbour")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer).to_be_hidden()
    await expect(page.get_by_role("heading", name="Ida Quist-Moor")).to_be_visible()
    saved = await dana.got(f"{CUSTOMERS}/{ida['id']}")
    assert (saved["name"], saved["email"], saved["source"]) == (
        "Ida Quist-Moor",
        "ida@example.com",
        "a neighbour",
    )

    await page.go_back()
    await expect(page.get_by_role("searchbox")).to_have_value("quist")


async def test_whoever_is_here_already_is_not_added_twice(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    there = await dana.made(CUSTOMERS, {"name": "Rosalind Quist", "phone": "+13125550140"})
    page = await visit("/customers", person=dana)
    await expect(page.get_by_role("grid", name="customers")).to_be_visible()
    await page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="New customer")
    await dialog.get_by_role("button", name="Add customer").click()
    await expect(dialog.get_by_text("Type their name.")).to_be_visible()
    await dialog.get_by_label("Name").fill("Rosalind Quist")
    await dialog.get_by_label("Phone", exact=True).fill("(312) 555-0140")
    await expect(dialog.get_by_text("They may be here already")).to_be_visible()
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_role("button", name="This is them").click()
    await expect(page).to_have_url(re.compile(there["id"]))

    await page.goto("/customers")
    await expect(page.get_by_role("grid", name="customers")).to_be_visible()
    await page.keyboard.press("c")
    await dialog.get_by_label("Name").fill("Otto Wren")
    await dialog.get_by_label("Phone", exact=True).fill("(312) 555-0177")
    await dialog.get_by_role("button", name="Add customer").click()
    await expect(page.get_by_role("heading", name="Otto Wren")).to_be_visible()
    [made] = (await dana.got(CUSTOMERS, phone="+13125550177"))["data"]
    assert made["name"] == "Otto Wren"


async def test_a_hold_asks_why_and_stands_first(visit: Visitor, acme: Company) -> None:
    mona = await acme.person("manager")
    customer = await mona.made(CUSTOMERS, {"name": "Late Payer"})
    page = await visit(f"/customers/{customer['id']}", person=mona, size=PHONE)
    await page.get_by_role("main").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Put on credit hold…").click()
    dialog = page.get_by_role("dialog", name="Credit hold")
    await dialog.get_by_role("button", name="Put on hold").click()
    await expect(dialog.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("Reason").fill("Three invoices are late")
    await dialog.get_by_role("button", name="Put on hold").click()
    await expect(
        page.get_by_role("main").get_by_text("Three invoices are late").first
    ).to_be_visible()
    [banner] = (await mona.got(f"{CUSTOMERS}/{customer['id']}"))["banners"]
    assert (banner["kind"], banner["reason"]) == ("credit_hold", "Three invoices are late")
    assert await both_themes(page) == []
    call = page.get_by_role("main").get_by_role("link", name="Call", exact=True)
    await expect(call).to_have_attribute("href", f"/call?customer={customer['id']}")


async def test_many_are_tagged_at_once_and_kept_as_a_view(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    for name in ("Alma", "Bert", "Cleo"):
        await dana.made(CUSTOMERS, {"name": name})
    page = await visit("/customers", person=dana)
    grid = page.get_by_role("grid", name="customers")
    await grid.get_by_role("checkbox", name="Select Alma").check()
    await grid.get_by_role("checkbox", name="Select Cleo").check()
    await page.get_by_role("button", name="Add a tag").click()
    await page.get_by_role("combobox", name="Tag", exact=True).fill("Gold")
    await page.get_by_role("option", name="New tag “Gold”").click()
    await expect(page.get_by_text("“Gold” put on 2.", exact=True)).to_be_visible()
    await page.get_by_role("combobox", name="Tag", exact=True).select_option(label="Gold")
    await expect(grid.get_by_role("row")).to_have_count(3)
    await page.get_by_role("button", name="All customers").click()
    await page.get_by_role("menuitem", name="Save what is shown…").click()
    await page.get_by_label("Name", exact=True).fill("Golden")
    await page.get_by_role("button", name="Save the view").click()
    await expect(page.get_by_role("button", name="Golden", exact=True)).to_be_visible()
    await expect(grid.get_by_role("row")).to_have_count(3)
    [view] = (await dana.got("/api/v2/saved-views"))["data"]
    await expect(page).to_have_url(re.compile(f"view={view['id']}"))


async def test_a_contact_is_added_told_and_taken_away(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    firm = await dana.made(CUSTOMERS, {"name": "Quist Holdings"})
    known = await dana.made("/api/v2/contacts", {"name": "Otto Known", "phone": "+13125550155"})
    page = await visit(f"/customers/{firm['id']}", person=dana)
    await page.get_by_role("button", name="Add a contact").click()
    dialog = page.get_by_role("dialog", name="New contact")
    await dialog.get_by_label("Name").fill("Vera Lund")
    await dialog.get_by_label("Mobile").fill("(312) 555-0155")
    await expect(dialog.get_by_text("They may be here already")).to_be_visible()
    await dialog.get_by_label("Mobile").fill("(312) 555-0156")
    await dialog.get_by_label("Invoices by E-mail").check()
    await dialog.get_by_label("Billing").check()
    await dialog.get_by_role("button", name="Add contact").click()
    await expect(dialog.get_by_text("Vera Lund has no e-mail address for this.")).to_be_visible()
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_label("E-mail", exact=True).fill("vera@example.com")
    await dialog.get_by_role("button", name="Add contact").click()
    await expect(page.get_by_text("Told of invoices")).to_be_visible()

    # what was typed is not lost without asking
    await page.get_by_role("button", name="More about Vera Lund").click()
    await page.get_by_role("menuitem", name="Edit…").click()
    drawer = page.get_by_role("dialog", name="Edit Vera Lund")
    await drawer.get_by_label("Title").fill("Office manager")
    await drawer.get_by_role("button", name="Cancel").click()
    asking = page.get_by_role("dialog", name="Leave without saving?")
    await asking.get_by_role("button", name="Go on editing").click()
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer).to_be_hidden()
    await expect(page.get_by_text("Office manager")).to_be_visible()

    # somebody who is here is made a contact, called first, and taken away again
    await dana.put(f"/api/v2/contacts/{known['id']}/customers/{firm['id']}", json={})
    await page.get_by_role("button", name="More about Otto Known").click()
    await page.get_by_role("menuitem", name="Call first").click()
    otto = page.get_by_role("main").get_by_role("listitem").filter(has_text="Otto Known")
    await expect(otto).to_contain_text("primary")
    await page.get_by_role("button", name="More about Otto Known").click()
    await page.get_by_role("menuitem", name="Take away").click()
    await expect(otto).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(otto).to_contain_text("primary")
    contacts = (await dana.got(f"{CUSTOMERS}/{firm['id']}"))["contacts"]
    assert [(one["name"], one["is_primary"], one["title"]) for one in contacts] == [
        ("Otto Known", True, None),
        ("Vera Lund", False, "Office manager"),
    ]
