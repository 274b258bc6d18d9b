"""Pages that somebody looks at: opened, signed in, and watched for what a person would not see."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Route

from tests.support.cable import Cable
from tests.support.people import PASSWORD, Person
from tests.support.server import Server

PATIENCE = 30_000
"""Milliseconds after which a story gives up; on a machine that does much else, things take their time."""
ELSEWHERE = "Europe/Berlin"
"""Where the browser is: neither the organisation (Chicago) nor the sites (Phoenix) show its time, so that a
time in a wrong zone is another time."""
DESKTOP, LAPTOP, PHONE = (1440, 900), (1280, 720), (390, 844)


LOST = ("net::ERR_", "dynamically imported module")
"""What a browser says of what did not come."""


@dataclass
class Watched:
    """What a page said that nobody wants to read; compared with nothing at the end of its story."""

    wrong: list[str] = field(default_factory=list)
    breaks: bool = False
    """Its line is cut in the story: that this is told on the console is meant."""

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.wrong.append(f"thrown: {error}"))
        page.on("console", self._said)
        page.on(
            "response",
            lambda reply: (
                self.wrong.append(f"{reply.status} {reply.url}") if reply.status >= 500 else None
            ),
        )

    def _said(self, message: Any) -> None:
        # a refusal (4xx) is told on the console too, and a story may want one
        meant = ["the server responded with a status of 4"] + [*LOST] * self.breaks
        if message.type == "error" and not any(one in message.text for one in meant):
            self.wrong.append(f"console: {message.text}")


@dataclass
class Visitor:
    """Opens pages; each call is a browser of its own, with cookies and storage of its own."""

    browser: Browser
    server: Server
    stack: AsyncExitStack

    async def __call__(
        self,
        path: str,
        *,
        person: Person | None = None,
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        over: Cable | None = None,
        breaks: bool = False,
        zone: str = ELSEWHERE,
    ) -> Page:
        """A page of its own browser; `over` a line that the story may cut, `breaks` if it loses what it asks
        for otherwise."""
        context = await self.browser.new_context(
            base_url=over.url if over else self.server.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale="en-US",
            timezone_id=zone,
            reduced_motion="reduce",
        )
        self.stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE)
        watched = Watched(breaks=breaks or over is not None)
        self.stack.callback(_compare, watched)
        context.on("page", watched.listen)
        if person is not None:
            await come_in(context, person)
        page = await context.new_page()
        await page.goto(path)
        return page


@dataclass
class Refusal:
    """What is asked for at an address is refused, until it is let through again."""

    page: Page
    address: str
    asked: int = 0

    async def begin(self) -> None:
        """From now on."""
        await self.page.route(self.address, self._refuse)

    async def end(self) -> None:
        """And not any more."""
        await self.page.unroute(self.address, self._refuse)

    async def _refuse(self, route: Route) -> None:
        self.asked += 1
        await route.fulfill(status=429, json={"code": "rate_limited", "detail": "Too many."})


def _compare(watched: Watched) -> None:
    assert watched.wrong == []


async def come_in(context: BrowserContext, person: Person) -> None:
    """Sign in as the page does, without its form: the cookies stay in the browser."""
    reply = await context.request.post(
        "/api/v2/auth/login",
        data={"email": person.email, "password": PASSWORD, "org": person.org},
    )
    assert reply.ok, await reply.text()
