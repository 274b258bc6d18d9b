"""How much each caller may ask for: the table of rate limits, and whom a request is charged to.

A signed-in request is charged to its person and to the organisation, any other to the address it
comes from; what is costly to answer has a tighter limit of its own besides. The first request of a
token is charged to the address: whose it is, is known only once it has been let in.
"""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address
from uuid import UUID

from fastapi import Request
from starlette.requests import HTTPConnection

from app.api.state import state_of
from app.api.tables import wanted
from app.core.limits import Charge, Policy, headers
from app.process import State

CALLER = Policy("caller", 6_000, 60)
ORGANISATION = Policy("organisation", 18_000, 60)
ADDRESS = Policy("address", 1_200, 60)
SOCKETS = Policy("sockets", 6_000, 60)
"""Handshakes of an address; a ticket is only asked for by who is signed in, and limited there."""
EXPORT = Policy("export", 60, 300)
"""Lists as CSV, whichever they are."""

TIGHT = {
    "sign_in": Policy("sign-in", 60, 300),
    "sign_up": Policy("sign-up", 20, 3600),
    "confirm_sign_up": Policy("codes", 60, 900),
    "accept_invitation": Policy("codes", 60, 900),
    "reset_password": Policy("codes", 60, 900),
    "confirm_email": Policy("codes", 60, 900),
    "verify_mfa": Policy("codes", 60, 900),
    "forget_password": Policy("password-forgot", 20, 3600),
    "search": Policy("search", 300, 60),
    "list_duplicate_pairs": Policy("duplicate-scans", 300, 60),
    "examine_organisation": Policy("doctor", 60, 60),
    "create_archive": Policy("archives", 20, 3600),
    "create_export": EXPORT,
    "create_import": Policy("imports", 60, 3600),
    "create_invitation": Policy("invitations", 60, 3600),
    "create_realtime_ticket": Policy("realtime-tickets", 120, 60),
    "send_positions": Policy("positions", 1_200, 60),
    "resend_invitation": Policy("invitations", 60, 3600),
}
"""Operation → its own limit, for each person or address."""


async def admit(request: Request, token: str | None, operation: str) -> None:
    """Charge the request, before anything is done for it.

    One request is charged once. Raises `TooMany` with `Retry-After` when the caller, the organisation or this kind of request has
    used up its allowance.
    """
    if hasattr(request.state, "rate_limits"):
        return  # it was charged on the short way (`api.hot`), which then left it to the route
    state = state_of(request)
    known = state.known_tokens.of(token)
    charges = await state.limits.spend(_charges(request, known, TIGHT.get(operation)))
    request.state.rate_limits = headers(charges)


async def admit_socket(state: State, connection: HTTPConnection) -> str:
    """Charge a handshake to where it comes from; which address that is. Raises `TooMany`."""
    address = _address(connection)
    await state.limits.spend([Charge(SOCKETS, address)])
    return address


def _charges(
    request: Request, known: tuple[UUID, UUID] | None, own: Policy | None
) -> Sequence[Charge]:
    if known is None:
        who = _address(request)
        charges = [Charge(ADDRESS, who)]
    else:
        org_id, user_id = known
        who = f"{org_id} {user_id}"
        charges = [Charge(CALLER, who), Charge(ORGANISATION, str(org_id))]
    if own is not None:
        charges.append(Charge(own, who))
    if request.method == "GET" and wanted(request) is not None:
        charges.append(Charge(EXPORT, who))
    return charges


def _address(request: HTTPConnection) -> str:
    """The caller's address; of IPv6 the network, since each house has a whole one."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> 64)
    return str(address)
