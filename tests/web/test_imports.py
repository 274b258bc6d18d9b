"""A list with mistakes comes in: columns are said, two rows are mended where they stand, and it is taken."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from tests.support.imports import reading
from tests.support.people import Company
from tests.support.server import Server
from tests.web.axe import both_themes
from tests.web.pages import Visitor

SOON = 30_000
"""Milliseconds: what is done in the background is done when its turn comes."""
LIST = (
    "Ref,Who,Mail,ZIP,Street\n"
    "W-1,Ada Vogel,ada@web.example,66604,1 First St\n"
    "W-2,,bo@web.example,66604,2 First St\n"
    "W-3,Cy Moreau,cy at web,66604,3 First St\n"
    "W-4,Di Sample,di@web.example,00000,4 First St\n"
)


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker, woken by commits, while this module's tests run."""
    async with reading(server):
        yield


async def test_a_list_is_mapped_checked_mended_in_place_and_taken(
    visit: Visitor, acme: Company
) -> None:
    olga = await acme.person("owner")
    page = await visit("/imports", person=olga)
    await page.get_by_role("link", name="Import a list").first.click()
    await expect(page.get_by_role("heading", name="Import a list")).to_be_visible()
    file: Any = {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    await page.get_by_label("The file").set_input_files(file)

    await expect(page.get_by_role("row", name="Mail")).to_contain_text(
        "ada@web.example", timeout=SOON
    )
    needed = page.get_by_role("list", name="Needed")
    await expect(needed).to_contain_text("Needed, and no column yet: Name")
    await expect(page.get_by_role("button", name="Check the list")).to_be_disabled()
    await page.get_by_label("Read Who as").select_option("name")
    await page.get_by_label("Read Mail as").select_option("email")
    await page.get_by_label("Read Ref as").select_option("external_id")
    await expect(needed).to_contain_text("Every needed field has its column.")
    await page.get_by_role("button", name="Check the list").click()

    rows = page.get_by_role("list", name="Rows", exact=True)
    await expect(rows).to_contain_text("3 errors", timeout=SOON)
    name = page.get_by_label("Who, row 2")
    await expect(name).to_be_visible()
    assert await both_themes(page) == []
    await name.fill("Bo Lindqvist")
    await name.press("Enter")
    mail = page.get_by_label("Mail, row 3")
    await expect(mail).to_be_focused()
    await page.get_by_role("button", name="Leave out row 4").click()
    again = page.get_by_role("button", name="Check 2 rows again")
    await expect(again).to_be_visible()

    # the click that asks for the check is what leaves the cell: the check waits for what was typed
    order: list[str] = []
    page.on("response", lambda reply: order.append(f"answered {reply.request.method}"))
    page.on("request", lambda asked: order.append(f"asked {asked.url.rsplit('/')[-1]}"))
    cells = "**/api/v2/imports/*/rows/*"
    await page.route(cells, lambda route: route.fulfill(status=409, json={"detail": "Not now."}))
    await mail.fill("cy@web.example")
    await again.click()
    await expect(page.get_by_role("alert")).to_contain_text("“Mail, row 3” is not saved")
    assert "asked check" not in order
    await page.unroute(cells)
    await mail.focus()
    await again.click()
    await expect(rows).to_contain_text("0 errors", timeout=SOON)
    await expect(rows).to_contain_text("1 left out")
    assert order.index("answered PATCH") < order.index("asked check")
    await page.get_by_role("button", name="Import 3 rows").click()

    await expect(page.get_by_role("link", name="See all customers")).to_be_visible(timeout=SOON)
    await expect(rows).to_contain_text("3 new")
    await page.get_by_role("link", name="Bo Lindqvist").click()
    await expect(page.get_by_role("heading", name="Bo Lindqvist")).to_be_visible()
    made = await olga.got("/api/v2/customers", limit=50, sort="name")
    emails = [one["email"] for one in made["data"] if (one["email"] or "").endswith("@web.example")]
    assert emails == ["ada@web.example", "bo@web.example", "cy@web.example"]
