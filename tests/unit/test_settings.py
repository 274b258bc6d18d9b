"""In production the server does not start with a secret that anybody could know."""

import secrets
from typing import Any

import pytest
from pydantic import ValidationError

from app.config import Environment, Settings

GOOD = {
    "environment": "production",
    "secret_key": secrets.token_urlsafe(48),
    "database_url": "postgresql://truckroll_app:9fe1c0a7d8b1@db.internal/truckroll",
}


def _settings(**changed: Any) -> Settings:
    return Settings(**{**GOOD, **changed})


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "DATABASE_OWNER_URL", "TRUCKROLL_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)


def test_good_settings_are_taken_and_cookies_are_secure() -> None:
    assert _settings().secure_cookies
    assert _settings().environment is Environment.production


@pytest.mark.parametrize(
    "weak",
    [None, "", "secret", "changeme", "truckroll", "short", "x" * 64, "abc" * 20, "1234567" * 5],
)
def test_a_default_or_short_secret_is_refused(weak: str | None) -> None:
    with pytest.raises(ValidationError) as refused:
        _settings(secret_key=weak)
    assert "SECRET_KEY must be set" in str(refused.value)


@pytest.mark.parametrize("name", ["database_url", "database_owner_url", "database_relay_url"])
@pytest.mark.parametrize("password", ["postgres", "Password", "truckroll"])
def test_a_database_password_everybody_tries_is_refused(name: str, password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        _settings(**{name: f"postgresql://somebody:{password}@db/truckroll"})
    assert "everybody tries first" in str(refused.value)


def test_production_needs_a_database() -> None:
    with pytest.raises(ValidationError) as refused:
        _settings(database_url=None)
    assert "DATABASE_URL" in str(refused.value)


def test_a_refusal_and_a_print_show_no_secret() -> None:
    with pytest.raises(ValidationError) as refused:
        _settings(secret_key="a-secret-that-is-short")
    for shown in (str(refused.value), repr(_settings()), str(_settings())):
        assert "a-secret-that" not in shown
        assert GOOD["secret_key"] not in shown
        assert "9fe1c0a7d8b1" not in shown


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUCKROLL_ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "changeme")
    monkeypatch.setenv("DATABASE_URL", GOOD["database_url"])
    with pytest.raises(ValidationError):
        Settings()
    monkeypatch.setenv("SECRET_KEY", GOOD["secret_key"])
    assert Settings().secure_cookies


def test_one_machine_needs_no_secret() -> None:
    local = Settings(environment=Environment.local)
    assert not local.secure_cookies
    assert local.secret_key is None


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1",
        "rediss://truckroll:p%40ss@cache.example:6380/2?ssl_cert_reqs=required",
        "redis://:p@[::1]:6379/0",
    ],
)
def test_redis_may_be_anywhere(url: str) -> None:
    assert Settings(redis_url=url).redis_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://cache.example",
        "redis://:pass@cache.example:port/0",
        "redis://cache.example/zero",
        "redis://",
    ],
)
def test_where_redis_is_reads_as_an_address(url: str) -> None:
    with pytest.raises(ValidationError, match="REDIS_URL looks like") as refused:
        Settings(redis_url=url)
    assert "cache.example" not in str(refused.value)
