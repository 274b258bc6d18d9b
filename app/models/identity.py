"""The identity plane: what is read before an organisation is known.

These tables live in the schema `identity`, outside row-level security, and are reached only through
the identity services. Everything about a person *inside* an organisation is in `members`.
Tokens are stored as hashes; passwords as Argon2id.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.ids import new_id
from app.core.model import Base, one_of
from app.models.mails import MailStatus
from app.models.permissions import RecordScope

SCHEMA = "identity"


class IdentityRow(Base):
    """A row outside row-level security; the schema is the mark."""

    __abstract__ = True
    created_at: Mapped[datetime] = mapped_column(default=lambda: clock.now(), sort_order=90)


class User(IdentityRow):
    """One person, whatever number of organisations they belong to."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    """Lower-cased; the name one signs in with."""
    name: Mapped[str]
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    support: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Of Truckroll's support: may be let in by a grant."""

    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        {"schema": SCHEMA},
    )


class Organisation(IdentityRow):
    """A tenant. Its settings, being its own data, are in `organisation_settings`."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    """What `login` takes as `org`; lower-case letters, digits and hyphens."""
    suspended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z0-9-]{2,60}$'", name="slug"),
        {"schema": SCHEMA},
    )


class Role(IdentityRow):
    """A named set of permissions with a record scope, of one organisation."""

    __tablename__ = "roles"

    org_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.organisations.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    level: Mapped[int]
    """Nobody grants a role above their own level."""
    record_scope: Mapped[RecordScope] = mapped_column(Text)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    system: Mapped[bool] = mapped_column(default=False)
    """Every organisation is born with it, and it stays as it is."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    requires_mfa: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whoever has it signs in with a second factor, or sets one up before they come in."""

    __table_args__ = (
        UniqueConstraint("org_id", "name"),
        one_of("record_scope", RecordScope),
        CheckConstraint("level between 0 and 100", name="level"),
        {"schema": SCHEMA},
    )


class Membership(IdentityRow):
    """A person in an organisation, with a role. `perm_version` moves when what they may do moves."""

    __tablename__ = "memberships"

    org_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.organisations.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.users.id"), primary_key=True)
    role_id: Mapped[UUID]
    perm_version: Mapped[int] = mapped_column(default=1)
    suspended_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """Of a support person: when their grant ends. None: they work here."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "role_id"], [f"{SCHEMA}.roles.org_id", f"{SCHEMA}.roles.id"]
        ),
        Index("ix_memberships_user_id", "user_id"),
        {"schema": SCHEMA},
    )

    @classmethod
    def holds(cls, now: datetime) -> ColumnElement[bool]:
        """Neither suspended nor ended."""
        return cls.suspended_at.is_(None) & or_(cls.expires_at.is_(None), cls.expires_at > now)


class SignIn(IdentityRow):
    """A session: one signed-in device. Its access token changes at refresh; the family is this row."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.users.id"), index=True)
    org_id: Mapped[UUID]
    perm_version: Mapped[int]
    """The membership's version when the access token was made; older means stale."""
    access_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    access_expires_at: Mapped[datetime]
    csrf_hash: Mapped[bytes] = mapped_column(LargeBinary)
    user_agent: Mapped[str]
    ip: Mapped[str | None] = mapped_column(INET)
    last_used_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    """When its person last proved who they are, by password or code."""
    revoked_at: Mapped[datetime | None]
    revoked_for: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "user_id"],
            [f"{SCHEMA}.memberships.org_id", f"{SCHEMA}.memberships.user_id"],
        ),
        {"schema": SCHEMA},
    )


class RefreshToken(IdentityRow):
    """One link of a session's refresh chain. Presenting a used one ends the whole session."""

    __tablename__ = "refresh_tokens"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey(f"{SCHEMA}.sessions.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = ({"schema": SCHEMA},)


class Place(StrEnum):
    """Where a try came from, seen from its e-mail."""

    device = "device"
    """A browser it has signed in on."""
    address = "address"
    """An address it has signed in from."""
    elsewhere = "elsewhere"


class Proof(StrEnum):
    """What a try was for."""

    sign_in = "sign_in"
    second_factor = "second_factor"
    confirmation = "confirmation"
    """Somebody signed in showed once more that it is they."""


class SignInAttempt(IdentityRow):
    """A try at signing in: guessing is slowed by what stands here, and known places are known."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email_hash: Mapped[bytes] = mapped_column(LargeBinary)
    ip: Mapped[str | None] = mapped_column(INET)
    device_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    place: Mapped[Place] = mapped_column(Text, server_default=Place.elsewhere)
    succeeded: Mapped[bool]
    proof: Mapped[Proof] = mapped_column(Text, server_default=Proof.sign_in)
    user_agent: Mapped[str] = mapped_column(server_default="")
    user_id: Mapped[UUID | None]
    """Whose it was, once that is proven."""
    org_id: Mapped[UUID | None]
    """Where they went."""

    __table_args__ = (
        one_of("place", Place),
        one_of("proof", Proof),
        Index("ix_sign_in_attempts_email_hash", "email_hash", "created_at"),
        Index("ix_sign_in_attempts_user_id", "user_id", "created_at"),
        {"schema": SCHEMA},
    )


class Letter(IdentityRow):
    """A mail that no organisation writes: to somebody who signs up, resets a password, changes an
    address. Sealed, and gone once it is sent."""

    __tablename__ = "letters"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    template: Mapped[str]
    to_address: Mapped[str]
    status: Mapped[MailStatus] = mapped_column(Text, default=MailStatus.queued)
    message: Mapped[bytes | None] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]

    __table_args__ = (
        one_of("status", MailStatus),
        Index("ix_letters_created_at", "created_at"),
        {"schema": SCHEMA},
    )


class Purpose(StrEnum):
    """What a ticket is good for."""

    sign_up = "sign_up"
    reset = "reset"
    email = "email"
    second_factor = "second_factor"
    live = "live"
    """To open a socket with."""


class Ticket(IdentityRow):
    """A secret that is good once, for one thing, for a while: it came by mail, from half a sign-in, or
    is for a socket."""

    __tablename__ = "tickets"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(Text)
    email: Mapped[str]
    """Whom it was sent to, or who was signing in."""
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey(f"{SCHEMA}.users.id", ondelete="CASCADE"), index=True
    )
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    tries: Mapped[int] = mapped_column(server_default="0")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("purpose", Purpose),
        Index("ix_tickets_email", "email", "purpose", "created_at"),
        Index("ix_tickets_expires_at", "expires_at"),
        {"schema": SCHEMA},
    )


class Invitation(IdentityRow):
    """Somebody is asked to join an organisation; read by its token before they belong anywhere."""

    __tablename__ = "invitations"

    org_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.organisations.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str]
    name: Mapped[str]
    role_id: Mapped[UUID | None]
    role_name: Mapped[str | None]
    """What the role was called, of one that was deleted since."""
    invited_by_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    sent: Mapped[int] = mapped_column(default=1)
    """How often it was sent; each time with another token."""
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "role_id"], [f"{SCHEMA}.roles.org_id", f"{SCHEMA}.roles.id"]
        ),
        ForeignKeyConstraint(
            ["org_id", "invited_by_id"],
            [f"{SCHEMA}.memberships.org_id", f"{SCHEMA}.memberships.user_id"],
        ),
        CheckConstraint("(role_id is null) = (role_name is not null)", name="role"),
        Index("ix_invitations_created_at", "org_id", "created_at", "id"),
        Index(
            "uq_invitations_open",
            "org_id",
            "email",
            unique=True,
            postgresql_where=text("accepted_at is null and revoked_at is null"),
        ),
        {"schema": SCHEMA},
    )


class Totp(IdentityRow):
    """A person's authenticator. Its secret is sealed, bound to the person."""

    __tablename__ = "totps"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey(f"{SCHEMA}.users.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]
    """None: it was shown and no code of it has come yet."""
    last_step: Mapped[int] = mapped_column(server_default="0")
    """The half minute of the last code that was taken; none of it or before it is taken again."""

    __table_args__ = ({"schema": SCHEMA},)


class RecoveryCode(IdentityRow):
    """A code for the day the authenticator is lost. Good once."""

    __tablename__ = "recovery_codes"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey(f"{SCHEMA}.users.id", ondelete="CASCADE"), index=True
    )
    used_at: Mapped[datetime | None]

    __table_args__ = ({"schema": SCHEMA},)
