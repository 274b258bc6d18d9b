"""What is in sight on a page: how many rows of its list, and which numbers are cut, or lie beneath something else.

A number is text without letters, and whatever stands in a `<time>` or is set in tabular figures: amounts,
times, phones, ids. Names may end in an ellipsis, and what can be scrolled to is not cut.
"""

from playwright.async_api import Page

from tests.web.pages import DESKTOP, LAPTOP, PHONE

SIZES = (DESKTOP, LAPTOP, PHONE)
ZOOMED = (DESKTOP[0] // 2, DESKTOP[1] // 2)
"""What a desktop's page has at 200 %: half of the pixels each way."""
ENOUGH_ROWS = 18

_ROWS = """
selector => [...document.querySelectorAll(selector)].filter((row) => {
  const {top, bottom, left, width, height} = row.getBoundingClientRect();
  if (!height || top < 0 || bottom > innerHeight + 0.5) return false;
  const middle = [left + Math.min(width, innerWidth) / 2, (top + bottom) / 2];
  const on = document.elementFromPoint(...middle);
  return on !== null && row.contains(on);
}).length
"""

_ROOM = """
selector => {
  const rows = [...document.querySelectorAll(selector)].map((row) => row.getBoundingClientRect());
  let frame = document.querySelector(selector);
  while (frame.parentElement && !/auto|scroll/.test(getComputedStyle(frame).overflowY)) frame = frame.parentElement;
  const bottom = Math.min(frame.getBoundingClientRect().bottom, innerHeight);
  return Math.floor((bottom - rows[0].top + 0.5) / Math.max(...rows.map((row) => row.height)));
}
"""

_CLIPPED = r"""
() => {
  const found = [];
  const seen = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const {width, height} = one.getBoundingClientRect();
      // kept for those who hear it
      if (getComputedStyle(one).display !== "contents" && (width <= 1 || height <= 1)) return false;
    }
    return node.checkVisibility({visibilityProperty: true, opacityProperty: true});
  };
  const cut = (node, text) => {
    for (let one = node; one && one !== document.body; one = one.parentElement) {
      const {overflowX, overflowY, position, display} = getComputedStyle(one);
      if (display === "contents") continue;
      const box = one.getBoundingClientRect();
      const hides = (how) => how === "hidden" || how === "clip";
      if (hides(overflowX) && (text.right > box.right + 1 || text.left < box.left - 1)) return true;
      if (hides(overflowY) && (text.bottom > box.bottom + 3 || text.top < box.top - 3)) return true;
      if (/auto|scroll/.test(overflowX + overflowY)) return false;
      if (position === "fixed") break;
    }
    return text.right > innerWidth + 1 || text.left < -1;
  };
  const within = (box, [x, y]) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  // what is scrolled out of sight lies beneath nothing
  const inSight = (node, point) => {
    if (!within({left: 0, top: 0, right: innerWidth - 1, bottom: innerHeight - 1}, point)) return false;
    for (let one = node; one && one !== document.body; one = one.parentElement) {
      const {overflow, contain, display} = getComputedStyle(one);
      if (display === "contents" || (overflow === "visible" && !/paint|strict|content/.test(contain))) continue;
      if (!within(one.getBoundingClientRect(), point)) return false;
    }
    return true;
  };
  // another element is drawn over it: not one that is seen through, as a link that fills its card, and none that
  // stays where it is while this is scrolled
  const covered = (node, point) => {
    const over = document.elementFromPoint(...point);
    if (!over || over.contains(node) || node.contains(over)) return false;
    let hides = false;
    for (let one = over; !one.contains(node); one = one.parentElement) {
      const {backgroundColor, backgroundImage, position, opacity} = getComputedStyle(one);
      if (position === "fixed" || position === "sticky" || opacity === "0") return false;
      const clear = /^rgba\(.*, 0(\.\d+)?\)$|\/ 0(\.\d+)?\)$/.test(backgroundColor) && backgroundImage === "none";
      if (within(one.getBoundingClientRect(), point) && (one.localName === "svg" || !clear)) hides = true;
    }
    return hides;
  };
  const beneath = (node, text) => {
    const middle = (text.top + text.bottom) / 2;
    return [[text.left + 1, middle], [text.right - 1, middle]].some(
      (point) => inSight(node, point) && covered(node, point),
    );
  };
  const where = (node) => {
    const path = [];
    for (let one = node; one && one !== document.body; one = one.parentElement) {
      const named = one.getAttribute("aria-label") ?? one.getAttribute("role");
      const first = named ? `[${named}]` : one.classList.length ? `.${one.classList[0]}` : "";
      path.unshift(one.localName + first);
    }
    return path.slice(-5).join(" > ");
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = words.nextNode(); text; text = words.nextNode()) {
    const said = text.data.trim();
    const holder = text.parentElement;
    if (!/\d/.test(said) || !holder || holder.closest("script,style,option,[aria-hidden=true]")) continue;
    if (/\p{L}/u.test(said) && !holder.closest("time,.tabular")) continue;
    if (!seen(holder)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const lines = [...range.getClientRects()];
    if (lines.some((one) => cut(holder, one) || beneath(holder, one))) found.push([said, where(holder)]);
  }
  for (const box of document.querySelectorAll("input[inputmode=numeric],input[inputmode=decimal],input[type=tel]")) {
    if (seen(box) && box.scrollWidth > box.clientWidth + 1) found.push([box.value, where(box)]);
  }
  return found;
}
"""

_SIDEWAYS = "() => Math.max(0, document.scrollingElement.scrollWidth - innerWidth)"

ROWS = "[role=grid] tbody tr[aria-rowindex]"


async def rows_seen(page: Page, rows: str = ROWS) -> int:
    """How many rows are wholly in sight. The first one is waited for."""
    await page.locator(rows).first.wait_for()
    return int(await page.evaluate(_ROWS, rows))


async def room_for(page: Page, rows: str = ROWS) -> int:
    """How many rows as high as the highest there is room for, however many there are: at least one, waited for."""
    await page.locator(rows).first.wait_for()
    return int(await page.evaluate(_ROOM, rows))


async def clipped(page: Page) -> list[str]:
    """The numbers that are cut off or covered on the page as it stands now, and in which element; wait for what you look at."""
    return [f"{number} in {element}" for number, element in await page.evaluate(_CLIPPED)]


async def clipped_anywhere(page: Page) -> list[str]:
    """The same at each of the three sizes and at 200 %, where nothing is to be scrolled sideways but what is wide by
    itself; the page comes back to the size it had."""
    before = page.viewport_size
    found = []
    for width, height in (*SIZES, ZOOMED):
        await page.set_viewport_size({"width": width, "height": height})
        # what is drawn anew for another width is there after two frames
        await page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        found += [f"{width}x{height}: {one}" for one in await clipped(page)]
        if beyond := await page.evaluate(_SIDEWAYS):
            found.append(f"{width}x{height}: the page is {beyond} px wider than the window")
    if before is not None:
        await page.set_viewport_size(before)
    return found
