"""Whatever is asked of every page is asked of every address that the office has."""

import re

from tests.web.addresses import ROOT, SCREENS

OFFICE = ROOT / "web" / "src" / "office"


def test_no_address_is_left_out() -> None:
    files = "".join(one.read_text() for one in OFFICE.glob("*.tsx"))
    written = re.findall(r'<Route path="([^"*]+)"', files)
    assert len(written) > 20
    shown = [re.split("[?#]", one.path)[0].rstrip("/") for one in SCREENS]
    left_out = [
        path for path in written if not any(re.fullmatch(_pattern(path), one) for one in shown)
    ]
    assert left_out == []


def _pattern(path: str) -> str:
    """`customers/:id` is met by `/customers/{id}`, `settings/:section?` by `/settings` as well."""
    kinds = {"::": "(/[^/]+)?", ":": r"/\{id\}"}
    return "".join(
        kinds[part[0] + ":" * part.endswith("?")] if part[0] == ":" else f"/{part}"
        for part in path.strip("/").split("/")
    )
