"""`make screens`: a picture of every main screen of the demo, at three sizes, light and dark.

They lie in `.data/screens`, to be looked at: nothing compares them. `python -m tests.web.screens board` takes
those whose name begins so. The demo is made anew in a folder that is removed afterwards.
"""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx2
from playwright.async_api import Browser, async_playwright, expect

from tests.support import process
from tests.web.addresses import Screen, screens
from tests.web.pages import DESKTOP, LAPTOP, PATIENCE, PHONE

ROOT = Path(__file__).resolve().parents[2]
INTO = ROOT / ".data" / "screens"
SIZES = (DESKTOP, LAPTOP, PHONE)


async def take(browser: Browser, url: str, screen: Screen, people: dict[str, Any]) -> None:
    """One screen at all sizes, in both themes."""
    for dark in (False, True):
        for width, height in SIZES:
            context = await browser.new_context(
                base_url=url,
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                reduced_motion="reduce",
                locale="en-US",
            )
            if screen.role:
                who = people[screen.role]
                reply = await context.request.post("/api/v2/auth/login", data=who)
                assert reply.ok, await reply.text()
            page = await context.new_page()
            await page.goto(screen.path)
            await page.locator("h1").first.wait_for(state="attached")
            await page.wait_for_load_state("networkidle", timeout=3 * PATIENCE)
            if screen.path != "/ui":  # which shows what is on its way, too
                await expect(page.locator(".animate-pulse")).to_have_count(0, timeout=PATIENCE)
            await screen.step(page)
            # a map is drawn far away first, and then brought to what is on it
            await expect(page.locator("[data-drawn=false]")).to_have_count(0, timeout=PATIENCE)
            await page.wait_for_timeout(700)
            theme = "dark" if dark else "light"
            await page.screenshot(path=INTO / f"{screen.name}-{width}x{height}-{theme}.png")
            await context.close()


def ran(*command: str) -> str:
    """What a command that must succeed printed."""
    return subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


async def main(wanted: str) -> None:
    chromium = await asyncio.to_thread(ran, "requirements/install-browser")
    await asyncio.to_thread(ran, sys.executable, "tools/clients.py")
    INTO.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="truckroll-screens-") as folder:
        running = await asyncio.to_thread(process.start, Path(folder) / "data", anew=True)
        try:
            demo: Any = running.run_json["demo"]
            people = {
                one["role"]: {name: one[name] for name in ("org", "email", "password")}
                for one in reversed(demo)
            }
            async with async_playwright() as playwright, httpx2.AsyncClient() as person:
                person.base_url = httpx2.URL(running.url)
                owner = await person.post("/api/v2/auth/login", json=people["owner"])
                person.headers["Authorization"] = f"Bearer {owner.json()['access_token']}"
                browser = await playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox"]
                )
                for screen in await screens(person, every=False):
                    if screen.name.startswith(wanted):
                        await take(browser, running.url, screen, people)
                        print(screen.name, flush=True)
                await browser.close()
        finally:
            running.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
