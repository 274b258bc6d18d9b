"""`make screens`: a picture of every main screen of the demo, at three sizes, light and dark.

They lie in `.data/screens`, to be looked at: nothing compares them. `python -m tests.web.screens board` takes
those whose name begins so. The demo is made anew in a folder that is removed afterwards.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from playwright.async_api import Browser, Page, async_playwright

from tests.support import process
from tests.web.pages import DESKTOP, LAPTOP, PHONE

ROOT = Path(__file__).resolve().parents[2]
INTO = ROOT / ".data" / "screens"
SIZES = (DESKTOP, LAPTOP, PHONE)
Step = Callable[[Page], Awaitable[None]]


async def as_it_is(page: Page) -> None:
    """Nothing is done before the picture is taken."""


async def on_the_phone(page: Page) -> None:
    """A caller is found by their street, and times are offered for the first kind of work."""
    box = page.get_by_role("combobox", name="Phone number")
    await box.fill("oak")
    await page.get_by_role("option").first.wait_for()
    await box.press("Enter")
    work = page.get_by_role("combobox", name="Kind of work")
    await work.fill("septic")
    await work.press("Enter")
    await page.locator("button[data-slot]").first.wait_for()


@dataclass(frozen=True)
class Screen:
    name: str
    path: str
    role: str = "dispatcher"
    step: Step = as_it_is


async def screens(person: httpx2.AsyncClient) -> list[Screen]:
    """All of them, with the addresses of records that the demo has."""

    async def first(path: str, **params: Any) -> str:
        found = await person.get(f"/api/v2/{path}", params={"limit": 1, **params})
        return str(found.json()["data"][0]["id"])

    return [
        Screen("sign-in", "/sign-in", role=""),
        Screen("today", "/"),
        Screen("call", "/call", step=on_the_phone),
        Screen("board", "/board"),
        Screen("board-week", "/board?view=week"),
        Screen("work-orders", "/work-orders"),
        Screen("work-order", f"/work-orders/{await first('work-orders', status='completed')}"),
        Screen("end-of-day", "/end-of-day"),
        Screen("customers", "/customers"),
        Screen("customer", f"/customers/{await first('customers')}"),
        Screen("technicians", "/technicians", role="owner"),
        Screen("technician", f"/technicians/{await first('technicians')}", role="owner"),
        Screen("invoices", "/invoices", role="accountant"),
        Screen("invoice", f"/invoices/{await first('invoices', status='paid')}", role="accountant"),
        Screen("doctor", "/doctor", role="owner"),
        Screen("me", "/me"),
        Screen("components", "/ui", role="owner"),
    ]


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
            await page.wait_for_timeout(1_500)
            await screen.step(page)
            await page.wait_for_timeout(500)
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
                for screen in await screens(person):
                    if screen.name.startswith(wanted):
                        await take(browser, running.url, screen, people)
                        print(screen.name, flush=True)
                await browser.close()
        finally:
            running.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
