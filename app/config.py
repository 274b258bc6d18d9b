"""Typed settings. Each comes from the environment; nothing else in the product reads it.

In production the server refuses to start with a secret anybody could know.
"""

import re
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Environment(StrEnum):
    """`local` is `./run` on one machine; `production` demands real secrets and HTTPS cookies."""

    local = "local"
    test = "test"
    production = "production"


def _env(*names: str) -> AliasChoices:
    return AliasChoices(*names)


KNOWN_SECRETS = {
    "secret", "changeme", "change-me", "password", "truckroll", "default", "test", "postgres",
}  # fmt: skip


REDIS = r"rediss?://(\S*@)?(\[[0-9a-fA-F:]+\]|[^\s/:@\[\]]+)(:\d{1,5})?(/\d{1,3})?(\?\S*)?"


class Settings(BaseSettings):
    """All of them, with what happens when they are absent."""

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    environment: Environment = Field(
        Environment.local, validation_alias=_env("TRUCKROLL_ENVIRONMENT")
    )
    data: Path = Field(Path(".data"), validation_alias=_env("TRUCKROLL_DATA"))
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, validation_alias=_env("PORT"))
    host: str = Field("127.0.0.1", validation_alias=_env("HOST_ADDRESS"))

    database_url: str | None = Field(None, repr=False, validation_alias=_env("DATABASE_URL"))
    """The application role. Absent: the embedded PostgreSQL is started."""
    database_owner_url: str | None = Field(
        None, repr=False, validation_alias=_env("DATABASE_OWNER_URL")
    )
    """The owning role, used by migrations alone."""
    database_relay_url: str | None = Field(
        None, repr=False, validation_alias=_env("DATABASE_RELAY_URL")
    )
    """The role that numbers the journal."""
    database_backup_url: str | None = Field(
        None, repr=False, validation_alias=_env("DATABASE_BACKUP_URL")
    )
    """The role that reads everything; only `backup` and `restore` use it."""
    database_admin_url: str | None = Field(
        None, repr=False, validation_alias=_env("DATABASE_ADMIN_URL")
    )
    """A role that may create roles; only `db prepare` reads it."""
    redis_url: str | None = Field(None, repr=False, validation_alias=_env("REDIS_URL"))
    """By which processes tell each other what is live, as `redis://…/0`. Absent: PostgreSQL's NOTIFY."""
    pool_size: int = Field(10, ge=1, le=200, validation_alias=_env("DATABASE_POOL_SIZE"))
    worker_heartbeat_seconds: int = Field(
        30, ge=2, le=600, validation_alias=_env("WORKER_HEARTBEAT_SECONDS")
    )
    """A worker that is silent for so long is dead; longer than any stall of its event loop."""

    files_url: str | None = Field(None, repr=False, validation_alias=_env("FILES_URL"))
    """Where files are kept, such as `s3://bucket/folder`. Absent: the folder `files` in the data."""
    upload_megabytes: int = Field(25, ge=1, le=100, validation_alias=_env("UPLOAD_MEGABYTES"))
    """The largest file that is taken."""
    storage_megabytes: int = Field(10_000, ge=1, validation_alias=_env("STORAGE_MEGABYTES"))
    """How much the files of one organisation may take."""

    secret_key: SecretStr | None = Field(None, validation_alias=_env("SECRET_KEY"))
    """Signs cursors. Absent in `local`: one is made and kept beside the database."""
    allowed_origins: tuple[str, ...] = Field((), validation_alias=_env("ALLOWED_ORIGINS"))
    """Origins besides our own whose browsers may write with cookies (JSON list)."""
    encryption_keys: dict[str, SecretStr] = Field({}, validation_alias=_env("ENCRYPTION_KEYS"))
    """Keys of secrets at rest by id, as JSON; the first one seals, all open. Absent: SECRET_KEY."""
    public_url: str | None = Field(
        None, pattern=r"^https?://[^/]+$", validation_alias=_env("PUBLIC_URL")
    )
    """Where people reach us; links in mails begin so. Absent: this machine's own address."""
    smtp_url: SecretStr | None = Field(None, validation_alias=_env("SMTP_URL"))
    """`smtp://user:password@host:587` or `smtps://…`. Absent outside production: `/dev/outbox`."""
    mail_from: str = Field(
        "no-reply@truckroll.example", max_length=200, validation_alias=_env("MAIL_FROM")
    )
    """The address that mails come from."""
    geocoder: str = Field("none", validation_alias=_env("GEOCODER"))
    """Who is asked where addresses are: `none`, `nominatim` or `google`."""
    geocoder_key: SecretStr | None = Field(None, validation_alias=_env("GEOCODER_KEY"))
    geocoder_url: str | None = Field(None, validation_alias=_env("GEOCODER_URL"))
    """Another server that speaks as that provider does."""
    geocoder_a_minute: int = Field(60, ge=1, le=6000, validation_alias=_env("GEOCODER_A_MINUTE"))
    """How often all processes together ask."""
    roads: str = Field("none", validation_alias=_env("ROADS"))
    """Who is asked how long drives take: `none`, `osrm`, `valhalla`, or `twin` outside production."""
    roads_url: str | None = Field(None, validation_alias=_env("ROADS_URL"))
    roads_a_minute: int = Field(600, ge=1, le=60_000, validation_alias=_env("ROADS_A_MINUTE"))
    """How often all processes together ask."""
    basemap: Literal["none", "style", "pmtiles", "raster"] = Field(
        "none", validation_alias=_env("BASEMAP")
    )
    """What maps show under their pins: a style of MapLibre's, one file of tiles, or pictures. `none`: our own
    borders and towns, without a network."""
    basemap_url: str | None = Field(None, max_length=1000, validation_alias=_env("BASEMAP_URL"))
    """Where it is, `https://…`; of `pmtiles` also the path of a file, which we then serve ourselves."""
    basemap_dark_url: str | None = Field(
        None, pattern=r"^https?://", max_length=1000, validation_alias=_env("BASEMAP_DARK_URL")
    )
    """The same for the dark theme. Absent: the one above."""
    basemap_origins: tuple[Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:*-]+$")], ...] = (
        Field((), validation_alias=_env("BASEMAP_ORIGINS"))
    )
    """Other origins that a style reads tiles, glyphs and pictures from (JSON list)."""
    basemap_attribution: str | None = Field(
        None, max_length=300, validation_alias=_env("BASEMAP_ATTRIBUTION")
    )
    """Who made it, as its licence wants it said."""
    trusted_proxies: int = Field(0, ge=0, le=10, validation_alias=_env("TRUSTED_PROXIES"))
    """How many proxies of ours stand before us: that many entries of X-Forwarded-For are true."""
    rate_limits_times: int = Field(1, ge=1, le=10_000, validation_alias=_env("RATE_LIMITS_TIMES"))
    """Every rate limit is this many times what `api/limits.py` says."""
    sentry_dsn: SecretStr | None = Field(None, validation_alias=_env("SENTRY_DSN"))
    sentry_traces: int = Field(0, ge=0, le=100, validation_alias=_env("SENTRY_TRACES"))
    """Of a hundred requests and jobs, how many are traced, where there is a DSN."""
    ops_port: int | None = Field(9100, validation_alias=_env("OPS_PORT"))
    """Metrics on loopback; 0 turns them off."""
    log_format: str = Field("text", pattern="^(text|json)$", validation_alias=_env("LOG_FORMAT"))

    @field_validator("redis_url")
    @classmethod
    def _refuse_another_kind(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(REDIS, url):
            raise ValueError(
                "REDIS_URL looks like redis://user:password@host:6379/0 (rediss:// for TLS)"
            )
        return url

    @model_validator(mode="after")
    def _refuse_half_a_basemap(self) -> "Settings":
        if self.basemap == "none":
            return self
        url = self.basemap_url or ""
        if not re.match(r"https?://", url) and self.basemap_file is None:
            raise ValueError(
                "BASEMAP_URL must say where the basemap is: https://…, or for BASEMAP=pmtiles the path of a"
                " file that is there"
            )
        return self

    @property
    def basemap_file(self) -> Path | None:
        """The basemap that we serve ourselves, where it is a file of ours."""
        if self.basemap != "pmtiles" or self.basemap_url is None:
            return None
        path = Path(self.basemap_url)
        return path if path.is_file() else None

    @model_validator(mode="after")
    def _refuse_known_secrets(self) -> "Settings":
        if self.environment is not Environment.production:
            return self
        secret = self.secret_key.get_secret_value() if self.secret_key else ""
        if len(secret) < 32 or secret.lower() in KNOWN_SECRETS or len(set(secret)) < 8:
            raise ValueError(
                "SECRET_KEY must be set to at least 32 random characters in production; "
                "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        if not self.database_url:
            raise ValueError("DATABASE_URL must name the application role in production.")
        for url in (
            self.database_url,
            self.database_owner_url,
            self.database_relay_url,
            self.database_backup_url,
        ):
            if url and (urlsplit(url).password or "").lower() in KNOWN_SECRETS:
                raise ValueError(
                    "A database password is one that everybody tries first. Give the role another:"
                    " alter role … password '…'."
                )
        return self

    @property
    def shows_outbox(self) -> bool:
        """`/dev/outbox` shows codes that open accounts: to this machine only, and never in production."""
        alone = self.host == "localhost" or _is_loopback(self.host)
        return alone and self.environment is not Environment.production

    @property
    def secure_cookies(self) -> bool:
        """Cookies travel over HTTPS only, except on one machine's loopback."""
        return self.environment is Environment.production
