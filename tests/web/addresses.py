"""Every address of the office with a record of the demo behind it: what is looked at, listened to and tried
wherever something has to hold on all pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx2
from playwright.async_api import Page

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
        Screen("board-week", "/board?view=week"),
        Screen("work-orders", "/work-orders"),
        Screen("work-order", f"/work-orders/{await first('work-orders', status='completed')}"),
        Screen("end-of-day", "/end-of-day"),
        Screen("customers", "/customers"),
        Screen("customer", f"/customers/{await first('customers')}"),
        Screen("duplicates", "/customers/duplicates"),
        Screen("sites", "/sites"),
        Screen("site", f"/sites/{await first('sites')}"),
        Screen("equipment", "/equipment"),
        Screen("equipment-one", f"/equipment/{await first('equipment')}"),
        Screen("technicians", "/technicians", role="owner"),
        Screen("technician", f"/technicians/{await first('technicians')}", role="owner"),
        Screen("vehicles", "/vehicles", role="owner"),
        Screen("crews", "/crews", role="owner"),
        Screen("invoices", "/invoices", role="accountant"),
        Screen("invoice", f"/invoices/{await first('invoices', status='paid')}", role="accountant"),
        Screen("doctor", "/doctor", role="owner"),
        Screen("settings", "/settings", role="owner"),
        Screen("me", "/me"),
        Screen("components", "/ui", role="owner"),
    ]
