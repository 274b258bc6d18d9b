"""What a password may be, and that all of it counts."""

import pytest

from app.core.errors import Invalid
from app.services.identity import passwords
from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Company

CONTEXT = ["dana.miller@acme.example.com", "Dana Miller", "Acme Septic & Plumbing", "truckroll"]


def _refused(password: str) -> str:
    with pytest.raises(Invalid) as refused:
        passwords.refuse_weak(password, CONTEXT)
    return refused.value.errors[0].code


def test_eight_characters_are_the_fewest() -> None:
    assert _refused("s3ven!x") == "too_short"
    passwords.refuse_weak("e1ghtx!y", CONTEXT)


def test_there_is_no_rule_about_kinds_of_characters() -> None:
    passwords.refuse_weak("onlylowercaseletters", CONTEXT)
    passwords.refuse_weak("correct horse battery staple", CONTEXT)
    passwords.refuse_weak("пароль из слов", CONTEXT)


def test_long_ones_are_welcome_to_a_limit() -> None:
    passwords.refuse_weak("long passphrase " * 4, CONTEXT)
    passwords.refuse_weak("abcdefgh" * 32, CONTEXT)
    assert _refused("abcdefgh" * 32 + "x") == "too_long"


def test_the_most_used_are_refused_in_any_case() -> None:
    common = sorted(passwords._common())
    assert len(common) == 3000
    assert min(len(word) for word in common) == 8
    assert {"password", "12345678", "baseball", "football"} <= set(common)
    assert {_refused(word) for word in common} == {"too_common"}
    assert {_refused(word.upper()) for word in common} == {"too_common"}
    assert _refused("aaaaaaaaaaaa") == "too_common"


@pytest.mark.parametrize(
    "password",
    [
        "danadana1",
        "Miller2024",
        "dana.miller@acme.example.com",
        "plumbing12",
        "Truckroll!",
        "SEPTIC99",
    ],
)
def test_what_is_known_of_the_owner_is_refused(password: str) -> None:
    assert _refused(password) == "too_personal"


async def test_every_character_counts(real_passwords: None) -> None:
    long = "0123456789abcdef" * 16
    stored = await passwords.hash_password(long)
    assert stored.startswith("$argon2id$")
    assert await passwords.verify(long, stored)
    assert not await passwords.verify(long[:-1], stored)
    assert not await passwords.verify(long[:72], stored)
    assert not await passwords.verify(long + " ", stored)
    assert not await passwords.verify(long.upper(), stored)


async def test_the_same_characters_written_in_two_ways_are_one_password() -> None:
    stored = await passwords.hash_password("crème brûlée")
    assert await passwords.verify("cre\u0300me bru\u0302le\u0301e", stored)


async def test_nobody_has_a_password_that_is_not_set(real_passwords: None) -> None:
    assert not await passwords.verify("anything at all", None)
    own = await passwords.hash_password("x")
    assert passwords.NOBODY.rsplit("$", 2)[0] == own.rsplit("$", 2)[0], "it costs the same"
    assert len(passwords.NOBODY) == len(own)
    assert not passwords._hasher.verify("", passwords.NOBODY)


async def test_a_new_password_is_judged_and_works_whole(acme: Company, browser: Browser) -> None:
    await acme.add("dana.miller@acme.example.com", "Dana Miller", "viewer")
    await browser.sign_in("dana.miller@acme.example.com")

    async def set_to(new: str) -> str:
        body = {"current_password": PASSWORD, "new_password": new}
        reply = await browser.write("POST", "/api/v2/auth/password", json=body)
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == "/new_password"
        return str(reply.json()["errors"][0]["code"])

    assert await set_to("short") == "too_short"
    assert await set_to("xyz" * 100) == "too_long"
    assert await set_to("football") == "too_common"
    assert await set_to("Acme1234") == "too_personal"

    long = "six words make a very long passphrase " * 6
    body = {"current_password": PASSWORD, "new_password": long}
    assert (await browser.write("POST", "/api/v2/auth/password", json=body)).status_code == 204
    cut = await browser.sign_in("dana.miller@acme.example.com", password=long[:72])
    assert cut.status_code == 401
    whole = await browser.sign_in("dana.miller@acme.example.com", password=long)
    assert whole.status_code == 200
