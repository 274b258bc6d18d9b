"""Where a request comes from: what the list of sessions shows, and what slows guessing by place."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Device:
    """A browser, phone or program."""

    user_agent: str
    ip: str | None
    token: str | None = field(default=None, repr=False)
    """What a browser was given when somebody signed in on it, and sends again at sign-in."""
