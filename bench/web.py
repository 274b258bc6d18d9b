"""`python -m bench.web`: what the schedule board costs a browser, in CPU milliseconds of its main thread.

A real Chromium looks at a board of 100 technicians with 600 visits on the real server. What is counted is
`TaskDuration` of the DevTools protocol by the clock of the thread: scripts, styles, layout and painting of the page's
main thread; no waiting, and nothing of what else the machine does. Each figure is the median of its rounds.

The same core is twice as slow in one hour as in another. So a bare page, of as many blocks and nothing else, is drawn in
the same run, and what it takes is printed beside. Ends with 1 where a ceiling does not hold.
"""

import asyncio
import gzip
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, Route, async_playwright

from bench.board import SIZES, only, path, write
from bench.measuring import Refused, send, written
from bench.setting import Setting, opened

ROOT = Path(__file__).resolve().parents[1]
SIZE = SIZES[0]
ROUNDS, BARE_ROUNDS, STEPS, PATCHES = 3, 15, 120, 20
PACE = 0.4
"""Seconds between one change and the next, where they come one by one."""
TRIES = 10
"""How often somebody asks who is told that the server is busy."""
MOVES = (5, -5, 5, -5, 5)
"""Minutes by which visits are moved at once, in each round."""
STILL = 1_500
"""Milliseconds after which nothing comes any more of what somebody did."""
CPU = "ms"
CEILINGS = {
    "first render": (500.0, CPU),
    "a step of a drag": (10.0, CPU),
    "20 live patches at once": (80.0, CPU),
    "20 live patches of 20 people": (math.inf, CPU),
    "20 live patches one by one": (math.inf, CPU),
    "20 visits off the board, or back": (math.inf, CPU),
    "a change, until it is seen": (250.0, "ms of time"),
    "what is fetched first, gzipped": (180.0, "KB"),
}
DRAW = """([rows, blocks]) => {
  const board = document.createElement('div');
  board.style.cssText = 'height:800px;overflow:auto;position:relative';
  for (let row = 0; row < rows; row++) {
    const lane = document.createElement('div');
    lane.style.cssText = 'height:44px;position:relative;width:2400px;border-bottom:1px solid';
    for (let n = 0; n < blocks; n++) {
      const block = document.createElement('button');
      block.style.cssText = `position:absolute;top:4px;height:33px;width:120px;left:${n * 130}px`;
      block.innerHTML = `<span>Customer ${row * blocks + n}</span><br><span>8:00 – 9:00, Phoenix</span>`;
      lane.append(block);
    }
    board.append(lane);
  }
  document.body.replaceChildren(board);
}"""
LANES, HOURS = 14, 10
SEEN = """() => {
  const board = document.querySelector('.board-scroll').getBoundingClientRect();
  const inside = (one, name) => {
    const box = one.getBoundingClientRect();
    return box.top >= board.top && box.bottom <= board.bottom && box.right <= board.right
      && (name || box.left >= board.left + 188);
  };
  return [
    [...document.querySelectorAll('.lane-head')].filter((one) => inside(one, true)).length - 1,
    [...document.querySelectorAll('.board-hour')].filter((one) => inside(one, false)).length,
  ];
}"""


# one observer for all of them, begun before anything is counted and ended with the last of them: what the
# measuring costs is not measured, nor what that of the round before would
WATCH = """(ids) => {
  const seen = {};
  window.all = new Promise((done) => new MutationObserver((changes, observer) => {
    for (const {target} of changes) {
      const id = target.dataset.visit;
      if (ids.includes(id)) seen[id] ??= Date.now();
    }
    if (Object.keys(seen).length < ids.length) return;
    observer.disconnect();
    done(seen);
  }).observe(document.querySelector('.board-scroll'), {subtree: true, attributeFilter: ['style']}));
}"""


@dataclass(frozen=True)
class Other:
    """A visit that somebody else moves."""

    id: str
    lane: str
    version: int
    start: datetime


async def used(session: CDPSession) -> float:
    """Milliseconds that the main thread has worked so far."""
    found = await session.send("Performance.getMetrics")
    return 1000 * float(
        next(one["value"] for one in found["metrics"] if one["name"] == "TaskDuration")
    )


async def settled(session: CDPSession) -> float:
    """The same, once garbage is collected: a page that does little has its memory looked through now and then, for
    some 20 ms, whether anything changes on it or not, and is left alone for a while after that."""
    await session.send("HeapProfiler.collectGarbage")
    return await used(session)


async def bare(browser: Browser) -> float:
    """What a page takes that has as many blocks and nothing else."""
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    took = []
    for _ in range(BARE_ROUNDS):
        await page.wait_for_timeout(200)
        before = await used(session)
        await page.evaluate(DRAW, [SIZE.technicians, SIZE.visits // SIZE.technicians])
        await page.wait_for_timeout(200)
        took.append(await used(session) - before)
    await page.context.close()
    return statistics.median(took)


async def signed_in(browser: Browser, setting: Setting, data: Path) -> Page:
    """The office's first page, of somebody who owns the organisation."""
    demo = json.loads((data / "run.json").read_text())["demo"]
    owner = next(one for one in demo if one["role"] == "owner")
    context = await browser.new_context(
        base_url=f"http://127.0.0.1:{setting.ours.port}", viewport={"width": 1440, "height": 900}
    )
    body = {key: owner[key] for key in ("email", "password", "org")}
    reply = await context.request.post("/api/v2/auth/login", data=body)
    assert reply.ok, await reply.text()
    page = await context.new_page()
    await page.goto("/")
    await page.get_by_role("status").filter(has_text="Live").wait_for()
    return page


async def rendered(
    browser: Browser, setting: Setting, data: Path
) -> tuple[float, Page, CDPSession]:
    """What it takes to go from the first page to the board, its code and its data included."""
    page = await signed_in(browser, setting, data)
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.wait_for_timeout(STILL)
    before = await used(session)
    await page.evaluate(
        "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')) }",
        f"/board?date={SIZE.first}",
    )
    await page.locator(".visit").first.wait_for()
    await page.wait_for_timeout(400)
    return await used(session) - before, page, session


async def dragged(page: Page, session: CDPSession) -> float:
    """A step of a drag over lanes and hours, in the middle of the board."""
    block = page.locator(".visit").nth(20)
    box = await block.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 20, box["y"] + 10)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 40, box["y"] + 10)
    await page.wait_for_timeout(300)
    before = await used(session)
    for n in range(STEPS):
        await page.mouse.move(400 + (n * 37) % 500, 200 + (n * 29) % 500)
    step = (await used(session) - before) / STEPS
    assert await page.locator(".ghost").count() == 1
    await page.keyboard.press("Escape")
    await page.mouse.up()
    return step


async def asked(setting: Setting, method: str, to: str, body: Any = None, seen: int = 0) -> Any:
    """A request of somebody else's."""
    match = f'If-Match: "v{seen}"\r\n' if seen else ""
    server = replace(setting.ours, headers=[one + match for one in setting.ours.headers])
    raw = json.dumps(body).encode() if body else b""
    for _ in range(TRIES):
        try:
            return json.loads(await send(server.port, [written(server, 0, method, to, raw)]))
        except Refused as refused:
            if not refused.busy:
                raise
            await asyncio.sleep(
                1
            )  # its `Retry-After`: twenty at once are more than it has connections for
    raise TimeoutError(f"{method} {to} was busy {TRIES} times.")


async def others(page: Page, setting: Setting) -> list[Other]:
    """Visits in sight that somebody else may move, with who is on them."""
    board = await asked(setting, "GET", path(SIZE))
    cells = {one["id"]: one for one in board["visits"]}
    lanes = {id: lane["id"] for lane in board["lanes"] for id in lane["days"][0]["visit_ids"]}
    shown = await page.evaluate(
        "() => [...document.querySelectorAll('.visit')].map((v) => v.dataset.visit)"
    )
    ids = [one for one in shown if one in lanes][:PATCHES]
    return [
        Other(
            id,
            lanes[id],
            cells[id]["version"],
            datetime.fromisoformat(cells[id]["planned_start"]),
        )
        for id in ids
    ]


async def move(setting: Setting, one: Other, minutes: int) -> None:
    """Somebody else puts it so much later."""
    plan = {
        "technician_ids": [one.lane],
        "start": (one.start + timedelta(minutes=minutes)).isoformat(),
    }
    await asked(setting, "POST", f"/visits/{one.id}/schedule", plan, one.version)


async def on_lanes(page: Page, ids: list[str]) -> int:
    """How many of these visits are somebody's on the board that is shown."""
    return int(
        await page.evaluate(
            "(ids) => ids.filter((id) => document.querySelector("
            "`.visit[data-visit='${id}']:not([data-lane=unassigned])`)).length",
            ids,
        )
    )


async def swept(page: Page, session: CDPSession, setting: Setting) -> list[float]:
    """What it takes when one command of somebody else's takes 20 visits off the board, and when another puts
    all of them back: rows become lower or higher, and the tray has them meanwhile."""
    ids = [one.id for one in await others(page, setting)]
    sweep = {"list": "visits", "action": "unschedule", "ids": ids}
    before = await settled(session)
    bulk = await asked(setting, "POST", "/bulk", sweep)
    while bulk["status"] != "completed":
        await asyncio.sleep(0.1)
        bulk = await asked(setting, "GET", f"/bulk/{bulk['id']}")
    assert bulk["rows_changed"] == PATCHES, bulk
    await page.wait_for_timeout(STILL)
    off = await used(session) - before
    assert await on_lanes(page, ids) == 0
    [command] = (await asked(setting, "GET", "/commands?limit=1"))["data"]
    before = await settled(session)
    await asked(setting, "POST", f"/commands/{command['id']}/undo", {})
    await page.wait_for_timeout(STILL)
    back = await used(session) - before
    assert await on_lanes(page, ids) == PATCHES
    return [off, back]


async def at_once(page: Page, session: CDPSession, setting: Setting, minutes: int) -> float:
    """What it takes when 20 changes are there together: they come while the answer about the first of them is on
    its way, as over a slow line. The board has them in two goes, however fast the server is."""
    made = asyncio.Event()

    async def late(route: Route) -> None:
        await made.wait()
        await route.continue_()

    await page.route("**/api/v2/board/visits?**", late)
    there = await others(page, setting)
    await page.evaluate(WATCH, [one.id for one in there])
    before = await settled(session)
    for one in there:
        await move(setting, one, minutes)
    made.set()
    await page.evaluate("() => window.all")
    await page.wait_for_timeout(STILL)
    took = await used(session) - before
    await page.unroute("**/api/v2/board/visits?**")
    return took


async def of_many(page: Page, session: CDPSession, setting: Setting, minutes: int) -> float:
    """What it takes when 20 people move a visit each at the same moment; the server is busy with that for a
    second or two, and the board has them as they come: the slower the server, the more goes."""
    there = await others(page, setting)
    await page.evaluate(WATCH, [one.id for one in there])
    before = await settled(session)
    await asyncio.gather(*(move(setting, one, minutes) for one in there))
    await page.evaluate("() => window.all")
    await page.wait_for_timeout(STILL)
    return await used(session) - before


async def one_by_one(
    page: Page, session: CDPSession, setting: Setting
) -> tuple[float, list[float]]:
    """What 20 moves by somebody else take, one after the other; and how long each is on its way from the
    reply until it is seen."""
    there = await others(page, setting)
    await page.evaluate(WATCH, [one.id for one in there])
    replied = {}
    before = await settled(session)
    for one in there:
        began = time.monotonic()
        await move(setting, one, 5)
        replied[one.id] = time.time() * 1000
        await asyncio.sleep(max(0.0, PACE - (time.monotonic() - began)))
    seen = await page.evaluate("() => window.all")
    await page.wait_for_timeout(STILL)
    live = await used(session) - before
    return live, [seen[id] - at for id, at in replied.items()]


def fetched() -> float:
    """KB of the scripts and styles that the office begins with, compressed."""
    dist = ROOT / "web" / "dist"
    manifest = json.loads((dist / "manifest.json").read_text())
    entry = next(one for one in manifest.values() if one.get("isEntry"))
    names = {entry["file"], *entry.get("css", [])}
    waiting = list(entry.get("imports", []))
    while waiting:
        one = manifest[waiting.pop()]
        names |= {one["file"], *one.get("css", [])}
        waiting += one.get("imports", [])
    return sum(len(gzip.compress((dist / name).read_bytes(), 9)) for name in names) / 1024


def told(figures: dict[str, float], plain: float) -> bool:
    """Print them, and how many bare pages they are; whether all ceilings hold."""
    print(f"\n{SIZE}, {SIZE.visits} visits{'':8}{'median':>10}{'ceiling':>10}{'bare':>14}")
    for name, figure in figures.items():
        ceiling, unit = CEILINGS[name]
        limit = ceiling if ceiling < math.inf else "-"
        times = f"{figure / plain:14.2f}" if unit == CPU else ""
        verdict = "" if figure <= ceiling else "  ABOVE THE CEILING"
        print(f"{name:40}{figure:8.1f}{limit:>10}  {unit}{times}{verdict}")
    print(f"a bare page of as many blocks: {plain:.1f} ms")
    return all(figure <= CEILINGS[name][0] for name, figure in figures.items())


async def main() -> int:
    subprocess.run([sys.executable, "tools/clients.py"], cwd=ROOT, check=True)
    chromium = subprocess.run(
        [ROOT / "requirements" / "install-browser"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        async with opened(data) as setting, async_playwright() as playwright:
            await write(setting)
            await only(setting, SIZE.technicians)
            browser = await playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            first, steps, plain = [], [], []
            for round_ in range(ROUNDS):
                plain.append(await bare(browser))
                figure, page, session = await rendered(browser, setting, data)
                first.append(figure)
                steps.append(await dragged(page, session))
                if round_ < ROUNDS - 1:
                    await page.context.close()
            seen = await page.evaluate(SEEN)
            many = [await of_many(page, session, setting, one) for one in MOVES]
            bursts = [await at_once(page, session, setting, -one) for one in MOVES]
            live, took = await one_by_one(page, session, setting)
            sweeps = [one for _ in range(ROUNDS) for one in await swept(page, session, setting)]
            plain.append(await bare(browser))
            await browser.close()
    held = told(
        {
            "first render": statistics.median(first),
            "a step of a drag": statistics.median(steps),
            "20 live patches at once": statistics.median(bursts),
            "20 live patches of 20 people": statistics.median(many),
            "20 live patches one by one": live,
            "20 visits off the board, or back": statistics.median(sweeps),
            "a change, until it is seen": statistics.median(took),
            "what is fetched first, gzipped": fetched(),
        },
        statistics.median(plain),
    )
    print(
        f"in sight at 1440 x 900: {seen[0]} lanes (at least {LANES}), {seen[1]} hours ({HOURS})\n"
    )
    return 0 if held and seen[0] >= LANES and seen[1] >= HOURS else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
