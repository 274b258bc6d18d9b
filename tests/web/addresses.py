"""Every address of the office with a record of the demo behind it: what is looked at, listened to and tried
wherever something has to hold on all pages."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from playwright.async_api import Page

from tests.web.seen import ROWS

ROOT = Path(__file__).resolve().parents[2]
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
    """`{id}` stands for a record that the first of the list `of` names as `by`."""
    role: str = "dispatcher"
    step: Step = as_it_is
    of: str = ""
    by: str = "id"
    there: str = ""
    """What is on the page where it shows what it is about."""


SECTIONS = tuple(
    re.findall(r'key: "([a-z-]+)"', (ROOT / "web/src/settings/sections.ts").read_text())
)
"""What can be set up: each is a page of its own."""

UNDER_WAY = "work-orders?status=scheduled"
WORK = "main a[href*='/work-orders/']"

SCREENS = (
    Screen("sign-in", "/sign-in", role=""),
    Screen("sign-up", "/sign-up", role=""),
    Screen("sign-up-confirm", "/sign-up#token=of-a-mail", role=""),
    Screen("reset-password", "/reset-password", role=""),
    Screen("reset-password-anew", "/reset-password#token=of-a-mail", role=""),
    Screen("invitation", "/invitation#token=of-a-mail", role=""),
    Screen("invitation-cut", "/invitation", role=""),
    Screen("confirm-email", "/confirm-email#token=of-a-mail", role=""),
    Screen("today", "/"),
    Screen("call", "/call", step=on_the_phone),
    Screen("board", "/board", there=".visit"),
    Screen("map", "/map"),
    Screen("capacity", "/capacity", there="main [role=gridcell]"),
    Screen("work-orders-map", "/work-orders?as=map"),
    Screen("board-week", "/board?view=week", there=".visit"),
    Screen("work-orders", "/work-orders", there=ROWS),
    Screen("work-orders-board", "/work-orders?as=board"),
    Screen("work-orders-calendar", "/work-orders?as=calendar"),
    Screen("work-orders-week", "/work-orders?as=calendar&span=week"),
    Screen("work-order", "/work-orders/{id}", of="work-orders?status=closed"),
    Screen("end-of-day", "/end-of-day", there="main section li, main section tr"),
    Screen("customers", "/customers", there=ROWS),
    Screen("customer", "/customers/{id}", of=UNDER_WAY, by="customer", there=WORK),
    Screen("duplicates", "/customers/duplicates", role="owner"),
    Screen("sites", "/sites", there=ROWS),
    Screen("site", "/sites/{id}", of=UNDER_WAY, by="site", there=WORK),
    Screen("equipment", "/equipment", there=ROWS),
    Screen("equipment-one", "/equipment/{id}", of="equipment"),
    Screen("technicians", "/technicians", role="owner"),
    Screen("technician", "/technicians/{id}", role="owner", of="technicians"),
    Screen("vehicles", "/vehicles", role="owner"),
    Screen("crews", "/crews", role="owner"),
    Screen("invoices", "/invoices", role="accountant", there=ROWS),
    Screen("invoice", "/invoices/{id}", role="accountant", of="invoices?status=paid"),
    Screen("imports", "/imports", role="owner"),
    Screen("import-new", "/imports/new", role="owner"),
    Screen("import", "/imports/{id}", role="owner", of="imports"),
    Screen("doctor", "/doctor", role="owner"),
    Screen("settings", "/settings", role="owner"),
    *(Screen(f"settings-{one}", f"/settings/{one}", role="owner") for one in SECTIONS),
    Screen("me", "/me"),
    Screen("components", "/ui", role="owner"),
)


async def screens(person: httpx2.AsyncClient, *, every: bool = True) -> list[Screen]:
    """All of them, with the addresses of records that are there. `every`: there has to be one for each; else
    those of which there is none are left out."""
    found = []
    for one in SCREENS:
        if not one.of:
            found.append(one)
            continue
        path, _, asked = one.of.partition("?")
        query = dict(pair.split("=") for pair in asked.split("&") if pair)
        page = (await person.get(f"/api/v2/{path}", params={"limit": 1, **query})).json()
        assert page["data"] or not every, one
        for first in page["data"]:
            id = first["id"] if one.by == "id" else first[one.by]["id"]
            found.append(replace(one, path=one.path.replace("{id}", id)))
    return found
