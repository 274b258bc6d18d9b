"""Every address of the office with a record of the demo behind it: what is looked at, listened to and tried
wherever something has to hold on all pages."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from playwright.async_api import Page

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
    """`{id}` stands for the first record of the list `of`."""
    role: str = "dispatcher"
    step: Step = as_it_is
    of: str = ""


SECTIONS = tuple(
    re.findall(r'key: "([a-z-]+)"', (ROOT / "web/src/settings/sections.ts").read_text())
)
"""What can be set up: each is a page of its own."""

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
    Screen("board", "/board"),
    Screen("map", "/map"),
    Screen("work-orders-map", "/work-orders?as=map"),
    Screen("board-week", "/board?view=week"),
    Screen("work-orders", "/work-orders"),
    Screen("work-orders-board", "/work-orders?as=board"),
    Screen("work-orders-calendar", "/work-orders?as=calendar"),
    Screen("work-order", "/work-orders/{id}", of="work-orders?status=completed"),
    Screen("end-of-day", "/end-of-day"),
    Screen("customers", "/customers"),
    Screen("customer", "/customers/{id}", of="customers"),
    Screen("duplicates", "/customers/duplicates", role="owner"),
    Screen("sites", "/sites"),
    Screen("site", "/sites/{id}", of="sites"),
    Screen("equipment", "/equipment"),
    Screen("equipment-one", "/equipment/{id}", of="equipment"),
    Screen("technicians", "/technicians", role="owner"),
    Screen("technician", "/technicians/{id}", role="owner", of="technicians"),
    Screen("vehicles", "/vehicles", role="owner"),
    Screen("crews", "/crews", role="owner"),
    Screen("invoices", "/invoices", role="accountant"),
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


async def screens(person: httpx2.AsyncClient) -> list[Screen]:
    """All of them, with the addresses of records that are there; those of which there is none are left out."""
    found = []
    for one in SCREENS:
        if not one.of:
            found.append(one)
            continue
        path, _, asked = one.of.partition("?")
        query = dict(pair.split("=") for pair in asked.split("&") if pair)
        page = (await person.get(f"/api/v2/{path}", params={"limit": 1, **query})).json()
        if page["data"]:
            found.append(replace(one, path=one.path.replace("{id}", page["data"][0]["id"])))
    return found
