"""Members: the people of one organisation as its other records know them.

A member's id is the user's id. References to people point here, `(org_id, user) → members`, so that
they cannot name a stranger. Sign-in, role and suspension are the identity plane's.
"""

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel


class Member(TenantModel):
    __tablename__ = "members"

    name: Mapped[str] = mapped_column(Short)
    sort_name: Mapped[str]
    email: Mapped[str] = mapped_column(Short)

    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "id"], ["identity.memberships.org_id", "identity.memberships.user_id"]
        ),
    )
