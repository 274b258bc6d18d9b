"""What one server process holds: settings, the engine, sessions with their tools, the seal of
cursors, the demo, rate limits."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncEngine

from app.config import Environment, Settings
from app.core.bus import Bus, Postgres
from app.core.crypto import Signer
from app.core.db import Sessions
from app.core.hot import HotPool
from app.core.limits import KnownTokens, Limits
from app.core.objects import Objects
from app.core.roads import Roads
from app.core.tools import Post, Tools
from app.core.vault import Vault
from app.integrations.geocoding import Geocoder
from app.integrations.mail import NoPost, SmtpPost
from app.integrations.outbox import OutboxPost
from app.integrations.roads import RoadService
from app.integrations.roads_twin import RoadsTwin
from app.realtime.hub import Hub


@dataclass(frozen=True)
class DemoSignIn:
    """Somebody of the demo, for whoever tries it out."""

    org: str
    email: str
    password: str
    role: str


def make_tools(settings: Settings, secret_key: str, engine: AsyncEngine) -> Tools:
    """The vault, the post, the address and the store of files of this process. Raises
    ValueError for a wrong SMTP_URL, GEOCODER or ROADS."""
    keys = {id: key.get_secret_value() for id, key in settings.encryption_keys.items()}
    post: Post
    if settings.smtp_url is not None:
        post = SmtpPost(settings.smtp_url.get_secret_value(), settings.mail_from)
    elif settings.environment is Environment.production:
        post = NoPost()
    else:
        post = OutboxPost(engine)
    places = None
    if settings.geocoder != "none":
        key = settings.geocoder_key
        places = Geocoder(
            settings.geocoder,
            key=key.get_secret_value() if key else None,
            url=settings.geocoder_url,
            a_minute=settings.geocoder_a_minute,
        )
    return Tools(
        Vault(keys or {"0": secret_key}),
        post,
        settings.public_url or f"http://127.0.0.1:{settings.port}",
        settings.mail_from,
        Objects.at(settings.files_url, settings.data / "files"),
        places,
        _roads(settings),
    )


def _roads(settings: Settings) -> Roads | None:
    if settings.roads == "none":
        return None
    if settings.roads == "twin" and settings.environment is not Environment.production:
        return RoadsTwin()
    return RoadService(settings.roads, url=settings.roads_url, a_minute=settings.roads_a_minute)


def make_bus(settings: Settings) -> Bus | None:
    """What carries notices between the hubs, where that is not PostgreSQL. Raises ValueError for a
    wrong REDIS_URL."""
    if settings.redis_url is None:
        return None
    from app.integrations.redis import Redis  # whoever does without it does not wait for it

    return Redis(settings.redis_url)


@dataclass(frozen=True)
class State:
    settings: Settings
    engine: AsyncEngine
    sessions: Sessions
    cursors: Signer
    demo: tuple[DemoSignIn, ...] = ()

    @cached_property
    def hot(self) -> HotPool:
        """Bare connections for what is polled."""
        return HotPool(self.engine)

    @cached_property
    def bus(self) -> Bus:
        """How the hubs of all processes are reached."""
        url = self.engine.url.set(drivername="postgresql")
        return make_bus(self.settings) or Postgres(url.render_as_string(hide_password=False))

    @cached_property
    def hub(self) -> Hub:
        """The sockets of this process. Whoever serves lets it run."""
        return Hub(self.sessions, self.bus, bare=self.hot.get)

    @cached_property
    def limits(self) -> Limits:
        """What callers have left, as far as this process holds it."""
        return Limits(self.engine, times=self.settings.rate_limits_times)

    @cached_property
    def known_tokens(self) -> KnownTokens:
        """Whose the tokens are that this process has let in."""
        return KnownTokens()
