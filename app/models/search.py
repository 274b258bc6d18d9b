"""What search looks through: one row per findable record, kept by triggers on the records' tables.

Read only through the function `system.find`, whose role has a read policy of its own here, because
under row-level security a trigram operator reaches no index.
"""

from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import TenantRow

PENDING = {"gin_pending_list_limit": "256"}
"""Kilobytes of new entries that a search reads one by one until they are sorted in together. At the
server's 4 MB a search costs five times as much; without such a list writing many costs two and a half."""

FEW_PENDING = {"gin_pending_list_limit": "64"}
"""The same of customers, whose names every new customer is compared with."""


class SearchDocument(TenantRow):
    __tablename__ = "search_documents"

    entity_id: Mapped[UUID] = mapped_column(primary_key=True)
    entity: Mapped[str]
    title: Mapped[str]
    subtitle: Mapped[str]
    words: Mapped[str]
    """Lower-cased and unaccented: names, address, number, e-mail."""
    digits: Mapped[str]
    """Phones and numbers without punctuation."""

    __table_args__ = (
        Index(
            "ix_search_documents_words",
            "org_id",
            "words",
            postgresql_using="gin",
            postgresql_with=PENDING,
            postgresql_ops={"words": "gin_trgm_ops"},
        ),
        Index(
            "ix_search_documents_digits",
            "org_id",
            "digits",
            postgresql_using="gin",
            postgresql_with=PENDING,
            postgresql_ops={"digits": "gin_trgm_ops"},
        ),
        Index(
            "ix_search_documents_customers",
            "org_id",
            "words",
            postgresql_using="gin",
            postgresql_with=FEW_PENDING,
            postgresql_ops={"words": "gin_trgm_ops"},
            postgresql_where=text("entity = 'customer'"),
        ),
    )
