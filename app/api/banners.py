"""How a banner is shown, on customers and on the work for them."""

from uuid import UUID

from app.api.outputs import Instant, Out
from app.services.banners import BannerKind


class BannerByOut(Out):
    id: UUID
    name: str | None


class BannerOut(Out):
    """Do not service, a credit hold, or what is owed."""

    kind: BannerKind
    reason: str | None
    since: Instant | None
    by: BannerByOut | None
    amount: int | None
    currency: str | None
