"""The demo: a believable company, built from a seed number through the product's own tables.

Only an empty database is ever filled. Its people sign in with a password that this installation
made for itself.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Environment
from app.core.db import Sessions, make_engine
from app.core.prepare import take_statistics
from app.demo.building import build
from app.demo.companies import ALL, Company
from app.demo.people import sign_ins
from app.installation import Installation, say
from app.process import DemoSignIn
from app.services.identity.organisations import known_slugs
from app.services.identity.passwords import hash_password

__all__ = ["demo_of"]


async def demo_of(installation: Installation, *, make: bool, seed: int = 1) -> list[DemoSignIn]:
    """The demo's sign-ins; with `make`, an empty database is filled first.

    Empty for a database that holds no demo, and always in production.
    """
    if installation.settings.environment is Environment.production:
        return []
    engine = make_engine(installation.app_url, pool_size=2)
    try:
        sessions = Sessions(engine)
        async with sessions.open() as session:
            slugs = await known_slugs(session)
        demo = {company.who.slug for company in ALL}
        if make and slugs < demo:
            password_hash = await hash_password(installation.demo_password)
            for company in ALL:
                if company.who.slug not in slugs:
                    say(f"Building the demo company {company.who.name}…")
                    await _build(sessions.open(), company, password_hash, seed)
                    if installation.owner_url:
                        await take_statistics(installation.owner_url)
            slugs = demo
        return sign_ins(installation.demo_password) if demo <= slugs else []
    finally:
        await engine.dispose()


async def _build(session: AsyncSession, company: Company, password_hash: str, seed: int) -> None:
    """One organisation in one transaction: a start that was cut off builds what is missing."""
    async with session:
        await build(session, company, password_hash, seed, say)
        await session.commit()
