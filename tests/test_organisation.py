"""The organisation's settings and logo through the door people use."""

from typing import Any

import pytest

from tests.support.money import a_work_order, drafted, issued
from tests.support.people import Company, Person, found_company
from tests.support.pictures import make_png
from tests.support.server import Server

ORGANISATION = "/api/v2/organisation"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


def pointers(reply: Any) -> list[str]:
    return [error["pointer"] for error in reply.json()["errors"]]


async def set_logo(person: Person, picture: bytes) -> Any:
    return await person.put(f"{ORGANISATION}/logo", files={"file": ("logo", picture)})


async def test_settings_are_read_by_all_and_changed_by_an_owner(acme: Company) -> None:
    olga, tina = await acme.person("owner"), await acme.person("technician")
    before = await tina.got(ORGANISATION)
    assert before["id"] == str(acme.id)
    assert (before["time_zone"], before["currency"], before["tax_rate"]) == (
        "America/Chicago", "USD", "0",
    )  # fmt: skip
    assert before["numbering"] == {
        "work_order": {"prefix": "WO-", "next": 1001},
        "invoice": {"prefix": "INV-", "next": 1},
    }
    body = {
        "name": "Acme Septic & Plumbing",
        "legal_name": "Acme LLC",
        "time_zone": "America/Denver",
        "locale": "en-us",
        "tax_rate": "0.0825",
        "round_tax_on": "line",
        "payment_terms_days": 14,
        "phone": "(202) 555-0142",
        "working_hours": {"tue": [["07:00", "12:00"], ["12:30", "16:00"]], "mon": []},
        "numbering": {"invoice": {"prefix": "A-"}},
        "street": "1 Depot Rd",
    }
    changed = await olga.patched(ORGANISATION, before["version"], body)
    assert changed == before | body | {
        "version": before["version"] + 1,
        "updated_at": changed["updated_at"],
        "locale": "en_US",
        "phone": "+12025550142",
        "working_hours": {"mon": [], "tue": [["07:00", "12:00"], ["12:30", "16:00"]]},
        "numbering": {
            "work_order": {"prefix": "WO-", "next": 1001},
            "invoice": {"prefix": "A-", "next": 1},
        },
    }
    again = await olga.patched(ORGANISATION, changed["version"], body)
    assert again == changed
    assert (await olga.got("/api/v2/me"))["org"]["name"] == "Acme Septic & Plumbing"

    stale = await olga.patch(ORGANISATION, json={"city": "x"}, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412
    assert stale.json()["current"] == changed
    assert (await olga.patch(ORGANISATION, json={"city": "x"})).status_code == 428
    reply = await tina.patch(ORGANISATION, json={"city": "x"}, headers={"If-Match": '"v1"'})
    assert (reply.status_code, reply.json()["permission"]) == (403, "organisation:write")

    story = await olga.got(f"{ORGANISATION}/timeline")
    assert len(story["data"]) == 1
    assert story["data"][0]["entity"] == "organisation"
    sentence = story["data"][0]["sentence"]
    assert sentence.startswith("Organisation Acme Septic & Plumbing was changed (legal name, ")
    assert "prefix of invoices" in sentence
    history = await olga.got(f"{ORGANISATION}/history")
    assert history["data"][0]["changes"]["payment_terms_days"] == [30, 14]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"time_zone": "EST5"}, "/time_zone"),
        ({"currency": "usd"}, "/currency"),
        ({"currency": "ABC"}, "/currency"),
        ({"locale": "klingon"}, "/locale"),
        ({"country": "USA"}, "/country"),
        ({"rounding": "up"}, "/rounding"),
        ({"tax_rate": "8.25"}, "/tax_rate"),
        ({"tax_rate": 0.0825}, "/tax_rate"),
        ({"tax_rate": "-0.1"}, "/tax_rate"),
        ({"payment_terms_days": 366}, "/payment_terms_days"),
        ({"email": "nobody"}, "/email"),
        ({"working_hours": {"mon": [["17:00", "08:00"]]}}, "/working_hours"),
        ({"working_hours": {"mon": [["08:00", "12:00"], ["11:00", "15:00"]]}}, "/working_hours"),
        ({"working_hours": {"mon": [["8", "12:00"]]}}, "/working_hours/mon/0/0"),
        ({"working_hours": {"mon": [["08:00"]]}}, "/working_hours/mon/0/1"),
        ({"numbering": {"invoice": {"prefix": "2026"}}}, "/numbering/invoice/prefix"),
        ({"numbering": {"invoice": {"next": 7}}}, "/numbering/invoice/next"),
        ({"logo_format": "png"}, "/logo_format"),
    ],
)
async def test_what_is_wrong_is_named(acme: Company, wrong: dict[str, Any], pointer: str) -> None:
    olga = await acme.person("owner")
    before = await olga.got(ORGANISATION)
    version = {"If-Match": f'"v{before["version"]}"'}
    reply = await olga.patch(ORGANISATION, json=wrong, headers=version)
    assert (reply.status_code, pointers(reply)[:1]) == (422, [pointer])
    assert await olga.got(ORGANISATION) == before


async def test_prefixes_alone_are_a_change_too(server: Server) -> None:
    company = await found_company(server, "prefixes")
    olga = await company.person("owner")
    body = {"numbering": {"work_order": {"prefix": "JOB-"}}}
    assert (await olga.patched(ORGANISATION, 1, body))["version"] == 2
    stale = await olga.patch(ORGANISATION, json=body, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412
    await company.close()


async def test_the_currency_stays_once_an_invoice_was_issued(server: Server) -> None:
    company = await found_company(server, "currency")
    olga = await company.person("owner")
    assert (await olga.patched(ORGANISATION, 1, {"currency": "CAD"}))["currency"] == "CAD"
    draft = await drafted(olga, await a_work_order(company), "189.00")
    euros = {"json": {"currency": "EUR"}, "headers": {"If-Match": '"v2"'}}
    refused = await olga.patch(ORGANISATION, **euros)
    assert (refused.status_code, refused.json()["code"]) == (409, "currency_fixed")
    assert refused.json()["detail"].startswith("You have 1 draft invoice in CAD.")

    assert (await olga.delete(f"/api/v2/invoices/{draft['id']}")).status_code == 204
    assert (await olga.patched(ORGANISATION, 2, {"currency": "USD"}))["version"] == 3
    await issued(olga, await a_work_order(company), "189.00")
    euros["headers"] = {"If-Match": '"v3"'}
    refused = await olga.patch(ORGANISATION, **euros)
    assert (refused.status_code, pointers(refused)) == (409, ["/currency"])
    assert (await olga.patched(ORGANISATION, 3, {"currency": "USD"}))["version"] == 3
    assert (await olga.got(ORGANISATION))["numbering"]["invoice"]["next"] == 2
    await company.close()


async def test_a_logo_is_set_shown_and_removed(acme: Company, rival: Company) -> None:
    olga, tina = await acme.person("owner"), await acme.person("technician")
    before = await olga.got(ORGANISATION)
    assert before["logo_format"] is None
    assert (await olga.get(f"{ORGANISATION}/logo")).status_code == 404
    set_to = await set_logo(olga, SVG)
    assert set_to.status_code == 200, set_to.text
    assert (set_to.json()["logo_format"], set_to.json()["version"]) == (
        "svg",
        before["version"] + 1,
    )
    shown = await tina.get(f"{ORGANISATION}/logo")
    assert (shown.content, shown.headers["content-type"]) == (SVG, "image/svg+xml")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert (await set_logo(tina, SVG)).status_code == 403

    png = make_png()
    assert (await set_logo(olga, png)).json()["logo_format"] == "png"
    shown = await tina.get(f"{ORGANISATION}/logo")
    assert (shown.content, shown.headers["content-type"]) == (png, "image/png")
    rob = await rival.person("owner")
    assert (await rob.get(f"{ORGANISATION}/logo")).status_code == 404

    assert (await olga.delete(f"{ORGANISATION}/logo")).status_code == 204
    gone = await olga.delete(f"{ORGANISATION}/logo")
    assert (gone.status_code, gone.json()["detail"]) == (404, "There is no logo.")


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (b"", "cannot be read"),
        (b"\xff\xd8\xff\xe0 a JPEG", "neither a PNG nor an SVG"),
        (b"\x89PNG\r\n\x1a\nnot really", "cannot be read"),
        (SVG.replace(b"<rect", b"<script/><rect"), "Save the logo as PNG"),
        (b" " * 1_000_001, "larger than 1 MB"),
    ],
    ids=["empty", "jpeg", "broken", "script", "large"],
)
async def test_a_picture_that_cannot_be_printed_is_refused(
    acme: Company, picture: bytes, reason: str
) -> None:
    olga = await acme.person("owner")
    reply = await set_logo(olga, picture)
    assert (reply.status_code, pointers(reply)) == (422, ["/file"])
    assert reason in reply.json()["detail"]
    assert (await olga.got(ORGANISATION))["logo_format"] is None


async def test_a_logo_needs_a_file(acme: Company) -> None:
    olga = await acme.person("owner")
    missing = await olga.put(f"{ORGANISATION}/logo", files={"picture": ("logo", SVG)})
    assert missing.status_code == 422
    assert "/file" in pointers(missing)
    json = await olga.put(f"{ORGANISATION}/logo", json={"file": "x"})
    assert json.status_code == 415
    large = await set_logo(olga, b"x" * 11_000_000)
    assert large.status_code == 413
