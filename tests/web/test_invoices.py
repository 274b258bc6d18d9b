"""Invoices with a browser: from a draft to paid, to the cent."""

from playwright.async_api import expect

from tests.support.field import a_job
from tests.support.people import Company
from tests.web.axe import both_themes
from tests.web.pages import Visitor


async def test_a_draft_is_issued_and_paid(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    order = await job.work.order()
    draft = await owner.made(f"/api/v2/work-orders/{order['id']}/invoices", {})
    page = await visit("/invoices", person=owner)
    row = page.get_by_role("row").filter(has_text="Ann Lee")
    await expect(row).to_contain_text("$189.00")
    await row.get_by_text("Draft").first.click()
    await page.get_by_role("button", name="Edit", exact=True).click()
    drawer = page.get_by_role("dialog", name="Edit the draft")
    await drawer.get_by_label("Quantity of line 1").fill("one and a half")
    await drawer.get_by_role("button", name="Add a line").click()
    await drawer.get_by_label("What, of line 2").fill("Filter")
    await drawer.get_by_label("Price of line 2").fill("10.125")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer.get_by_text("Type a quantity such as 1.5.")).to_be_visible()
    assert await both_themes(page, within="[role=dialog]") == []
    await drawer.get_by_label("Quantity of line 1").fill("1.5")
    await drawer.get_by_label("Discount").select_option("Amount")
    await drawer.get_by_label("How much (USD)").fill("94.50")
    await page.keyboard.press("Escape")
    asked = page.get_by_role("dialog", name="Leave without saving?")
    await asked.get_by_role("button", name="Go on editing").click()
    await expect(asked).to_have_count(0)
    # somebody else writes on it meanwhile: what was typed stays, and is sent once more
    await owner.patched(f"/api/v2/invoices/{draft['id']}", draft["version"], {"notes": "Thank you"})
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer.get_by_role("alert")).to_contain_text("Somebody changed this meanwhile")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer).to_have_count(0)
    now = await owner.got(f"/api/v2/invoices/{draft['id']}")
    assert ([line["quantity"] for line in now["lines"]], now["notes"]) == (
        ["1.5", "1"],
        "Thank you",
    )
    # 283.50 and 10.13, less 94.50
    assert (now["subtotal"], now["discount"]) == (29363, 9450)
    await expect(page.get_by_text("$293.63")).to_be_visible()
    await page.get_by_role("button", name="Edit", exact=True).click()
    await drawer.get_by_role("button", name="Remove line 2").click()
    await drawer.get_by_label("Quantity of line 1").fill("1")
    await drawer.get_by_label("Discount").select_option("None")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer).to_have_count(0)
    await page.get_by_role("button", name="Issue…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Issue").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("INV")
    await expect(page.get_by_title("The invoice as a PDF")).to_be_visible()
    await page.get_by_role("button", name="Record a payment…").click()
    amount = page.get_by_label("Amount (USD)")
    await expect(amount).to_have_value("189.00")
    await amount.fill("100.5x")
    await page.get_by_role("button", name="Record", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("such as 125.50")
    await amount.fill("100.50")
    await page.get_by_role("button", name="Record", exact=True).click()
    await expect(page.get_by_text("$88.50").first).to_be_visible()
    now = await owner.got(f"/api/v2/invoices/{draft['id']}")
    assert (now["status"], now["balance"]) == ("partially_paid", 8850)
