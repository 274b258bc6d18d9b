"""A browser with one of our pages open: cookies, the CSRF header, what browsers say of themselves."""

from typing import Any

import httpx2

from tests.support.people import PASSWORD
from tests.support.server import Server


class Browser(httpx2.AsyncClient):
    """Keeps cookies as browsers do; `write` sends what a page of ours would."""

    def __init__(self, server: Server) -> None:
        super().__init__(base_url=server.url, timeout=30)
        self.origin = server.url

    async def sign_in(self, email: str, org: str | None = None, password: str = PASSWORD) -> Any:
        """Sign in; the reply, whatever it is."""
        body = {"email": email, "password": password, **({"org": org} if org else {})}
        return await self.write("POST", "/api/v2/auth/login", json=body)

    async def write(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """An unsafe request from our own page."""
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        if csrf := self.cookies.get("tr_csrf"):
            headers["X-CSRF-Token"] = csrf
        headers |= options.pop("headers", {})
        return await self.request(method, path, headers=headers, **options)

    async def signed_in(self) -> bool:
        """Whether the session of these cookies lives."""
        return (await self.get("/api/v2/me")).status_code == 200

    def second_tab(self, server: Server) -> "Browser":
        """Another tab with the cookies of this moment."""
        tab = Browser(server)
        for cookie in self.cookies.jar:
            tab.cookies.jar.set_cookie(cookie)
        return tab
