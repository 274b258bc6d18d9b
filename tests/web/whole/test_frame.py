"""What stands around every page: on a phone, over a broken line, for a small role, and a list that is worked in by keys."""

import re

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.axe import both_themes, violations
from tests.web.pages import PHONE, Visitor
from tests.web.seen import SIZES

DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


async def test_a_palette_that_does_not_come_takes_nothing_with_it(
    visit: Visitor, acme: Company
) -> None:
    page = await visit("/", person=await acme.person("dispatcher"), breaks=True)
    await page.route("**/assets/Palette-*.js", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_role("button", name="Find or do")).to_be_visible()
    await page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Find or do")
    await expect(dialog.get_by_role("alert")).to_contain_text("could not be fetched")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("heading", name="Today")).to_be_visible()
    await page.unroute("**/assets/Palette-*.js")
    await page.keyboard.press("Control+k")
    await dialog.get_by_role("button", name="Load again").click()
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox")).to_be_visible()


COVERED = """() => {
  const told = document.querySelector('.toasts').getBoundingClientRect();
  const layer = document.querySelector('.below-told') ?? document;
  const seen = (one) => {
    let {left, top, right, bottom} = one.getBoundingClientRect();
    for (let of = one.parentElement; of; of = of.parentElement) {
      if (getComputedStyle(of).overflow === 'visible') continue;
      const box = of.getBoundingClientRect();
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return {left, top, right, bottom};
  };
  return [...layer.querySelectorAll('a,button,input,select,textarea')]
    .filter((one) => !one.closest('.toasts') && one.checkVisibility())
    .filter((one) => {
      const box = seen(one);
      return Math.min(box.right, told.right) - Math.max(box.left, told.left) > 1
        && Math.min(box.bottom, told.bottom) - Math.max(box.top, told.top) > 1;
    })
    .map((one) => one.textContent || one.ariaLabel || one.name);
}"""


async def test_what_is_told_covers_nothing_that_can_be_pressed(
    visit: Visitor, acme: Company
) -> None:
    page = await visit("/ui", person=await acme.person("owner"))
    for size in SIZES:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        for layer, presses, says in (
            ("Drawer", "Save", "It was kept."),
            ("Dialog", "Go on", "It went on."),
        ):
            await page.get_by_role("button", name=layer, exact=True).first.click()
            opened = page.get_by_role("dialog")
            await opened.get_by_role("button", name=presses).click()
            told = page.locator(".toasts").get_by_text(says).first
            await expect(told).to_be_visible()
            await page.evaluate(DRAWN)
            assert await page.evaluate(COVERED) == [], (size, layer)
            await opened.get_by_role("button", name="Close").click()
            await expect(opened).to_have_count(0)
            await expect(told).to_be_visible()
            await page.evaluate(DRAWN)
            assert await page.evaluate(COVERED) == [], (size, "page")


async def test_on_a_phone_pages_are_under_the_thumb(visit: Visitor, acme: Company) -> None:
    page = await visit("/", person=await acme.person("dispatcher"), size=PHONE)
    bar = page.get_by_role("navigation", name="Pages")
    await expect(bar.get_by_role("link", name="Today")).to_be_visible()
    box = await bar.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == PHONE[1]
    assert await both_themes(page) == []


async def test_a_list_is_worked_in_by_keys_and_kept_as_a_view(
    visit: Visitor, acme: Company
) -> None:
    owner = await acme.person("owner")
    for name in ("Drain cleaning", "Leak repair", "Water heater"):
        await owner.made(
            "/api/v2/job-types", {"name": name, "trade": "plumbing", "duration_minutes": 60}
        )
    page = await visit("/ui", person=owner)
    grid = page.get_by_role("grid", name="job types")
    await expect(grid.get_by_role("row")).to_have_count(4)
    assert await violations(page) == []
    await page.keyboard.press("/")
    await page.keyboard.type("e")
    await page.keyboard.press("Enter")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.get_by_role("button", name="Let 2 go")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Let 2 go")).to_be_hidden()
    await page.get_by_role("searchbox").fill("heat")
    await expect(grid.get_by_role("row")).to_have_count(2)
    await page.get_by_role("button", name="All job types").click()
    await page.get_by_role("menuitem", name="Save what is shown").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("Hot water")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Hot water")).to_be_visible()
    await expect(grid.get_by_role("row")).to_have_count(2)
    await page.reload()
    await expect(grid.get_by_role("row")).to_have_count(2)
    await page.get_by_role("button", name="Hot water").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("button", name="Undo").click()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Export").click()
        await page.get_by_role("menuitem", name="CSV").click()
    assert (await (await download.value).path()).read_text().count("\n") == 4


async def test_an_address_beyond_ones_role_says_so_and_a_page_is_announced(
    visit: Visitor, acme: Company
) -> None:
    page = await visit("/doctor", person=await acme.person("technician"))
    await expect(page.get_by_text("Your role does not reach this page")).to_be_visible()
    assert await violations(page) == []
    await page.keyboard.press("g")
    await page.keyboard.press("w")
    await expect(page.get_by_role("heading", name="Work orders", level=1)).to_be_visible()
    await expect(page.get_by_role("status", name="Page")).to_have_text("Work orders")
    await expect(page.get_by_role("main")).to_be_focused()
    await page.get_by_role("button", name="Your menu").click()
    await page.get_by_role("menuitemradio", name="Off").click()
    await page.keyboard.press("g")
    await page.keyboard.press("t")
    await page.keyboard.press("Control+k")  # with another key they go on
    await expect(page.get_by_role("combobox")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(re.compile("/work-orders"))
