"""When the line breaks: what one sees says how old it is, what one does is refused in words or done once it
can be, and afterwards nothing differs from the server."""

from playwright.async_api import Page, expect

from tests.support.cable import Cable
from tests.support.field import a_job, did, technician
from tests.support.people import Company
from tests.support.server import Server
from tests.test_warnings import shift
from tests.web.pages import Visitor
from tests.web.test_board import HOUR, block, planned


async def state(page: Page, words: str) -> None:
    """What the frame says of the line."""
    await expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


async def test_a_board_without_a_line_says_so_and_is_equal_again_afterwards(
    visit: Visitor, acme: Company, server: Server
) -> None:
    job = await a_job(acme)
    lena, moe = await technician(acme, "Lena Ode"), await technician(acme, "Moe Ode")
    await shift(job, lena)
    await shift(job, moe)
    made, other = await job.planned(lena), await job.planned(lena, at=job.nine + 3 * HOUR)
    async with Cable.to(server.url) as cable:
        page = await visit(f"/board?date={job.day}&view=day", person=job.dana, over=cable)
        held = block(page, "Lena Ode", made)
        await expect(held).to_be_visible()
        await state(page, "Live")

        cable.cut()
        await state(page, "No connection: as of")
        await held.focus()
        await page.keyboard.press("Alt+ArrowRight")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Ann Lee was not changed.").first).to_be_visible()
        await expect(page.get_by_text("cannot be reached").first).to_be_visible()
        await expect(block(page, "Lena Ode", made)).to_be_visible()
        assert await planned(job, made) == (job.nine, [lena])
        await did(
            job.dana,
            other,
            "move",
            technician_ids=[moe],
            start=(job.nine + 4 * HOUR).isoformat(),
        )
        await expect(block(page, "Lena Ode", other)).to_be_visible()  # it cannot know

        cable.mend()
        await state(page, "Live")
        await expect(block(page, "Moe Ode", other)).to_be_visible()
        await expect(block(page, "Lena Ode", other)).to_have_count(0)
        await held.focus()
        await page.keyboard.press("Alt+ArrowRight")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Moved Ann Lee").first).to_be_visible()
        assert await planned(job, made) == (job.nine + HOUR / 4, [lena])
