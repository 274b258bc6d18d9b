"""Sample data is loaded from Today, looked at, and removed again; what was used stays and is named."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import expect

from tests.support.imports import reading
from tests.support.people import found_company
from tests.support.server import Server
from tests.web.axe import both_themes
from tests.web.pages import Visitor

SOON = 120_000


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker, woken by commits, while this module's tests run."""
    async with reading(server):
        yield


async def test_sample_data_is_loaded_and_removed_but_for_what_was_used(
    visit: Visitor, server: Server
) -> None:
    owner = await (await found_company(server, "samplers")).person("owner")
    page = await visit("/", person=owner)
    sample = page.get_by_role("region", name="Sample data")
    await sample.get_by_role("button", name="Load sample data").click()
    await expect(sample).to_contain_text("Sample data is loaded", timeout=SOON)
    steps = page.get_by_role("region", name="First steps")
    await expect(steps).to_contain_text("0 of 5 done")  # they count for nothing
    assert await both_themes(page) == []

    found = await owner.got("/api/v2/customers", limit=50)
    alma = next(one for one in found["data"] if one["name"] == "Alma Whitcomb (sample)")
    path = f"/api/v2/customers/{alma['id']}"
    await owner.patched(path, alma["version"], {"source": "radio"})
    await sample.get_by_role("button", name="Remove sample data").click()
    await expect(sample).to_contain_text("Sample data was removed but for", timeout=SOON)
    kept = sample.get_by_role("list", name="What was kept")
    await expect(kept.get_by_role("link", name="Alma Whitcomb (sample)")).to_be_visible()
    await expect(kept).to_contain_text("This customer has been changed since.")
    assert await both_themes(page) == []
    await steps.get_by_role("button", name="Do not show these").click()
    await expect(steps).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("region", name="What waits")).to_be_visible()
    await expect(steps).to_have_count(0)
