"""Who came in, and who tried: told to the person, and to those who look after the organisation."""

from collections.abc import Callable

from tests.support.browsers import Browser
from tests.support.people import Company

MINE, ALL = "/api/v2/me/sign-ins", "/api/v2/sign-ins"


async def test_one_sees_ones_own_sign_ins_the_failed_ones_too(
    acme: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    await acme.add("seen@example.com", "Se En", "viewer")
    await browsers().sign_in("seen@example.com", password="a wrong guess")
    browser.headers["User-Agent"] = "Night Browser 7"
    await browser.sign_in("seen@example.com")
    listed = (await browser.get(MINE)).json()["data"]
    told = [(one["proof"], one["succeeded"], one["email"]) for one in listed]
    assert told == [
        ("sign_in", True, "seen@example.com"),
        ("sign_in", False, "seen@example.com"),
    ]
    assert (listed[0]["user_agent"], listed[0]["ip"]) == ("Night Browser 7", "127.0.0.1")
    failed = (await browser.get(MINE, params={"succeeded": False})).json()["data"]
    assert [one["id"] for one in failed] == [listed[1]["id"]]


async def test_those_who_look_after_the_organisation_see_what_concerns_it(
    acme: Company, rival: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    await acme.add("shared@example.com", "Sha Red", "viewer")
    await rival.add("shared@example.com", "Sha Red", "viewer")
    await browser.sign_in("shared@example.com", "acme")
    await browsers().sign_in("shared@example.com", password="a wrong guess")
    await browsers().sign_in("stranger@example.com", password="a wrong guess")
    ours, theirs = await acme.person("admin"), await rival.person("admin")
    listed = (await ours.got(ALL, limit=200))["data"]
    about = [one["succeeded"] for one in listed if one["email"] == "shared@example.com"]
    assert about == [False, True]
    assert [one for one in listed if one["email"] == "stranger@example.com"] == []
    elsewhere = (await theirs.got(ALL, limit=200))["data"]
    about = [one["succeeded"] for one in elsewhere if one["email"] == "shared@example.com"]
    assert about == [False], "where they went otherwise is not this organisation's affair"
    one = listed[0]["member_id"]
    narrowed = (await ours.got(ALL, member_id=one, limit=200))["data"]
    assert {row["member_id"] for row in narrowed} == {one}
    pages = await ours.got(ALL, limit=1)
    following = await ours.got(ALL, limit=1, cursor=pages["next_cursor"])
    assert following["data"][0]["id"] == listed[1]["id"]


async def test_the_office_does_not_watch_its_colleagues(acme: Company) -> None:
    for role in ("manager", "dispatcher", "viewer", "technician"):
        person = await acme.person(role)
        assert (await person.get(ALL)).status_code == 403
        assert (await person.get(MINE)).status_code == 200
