"""What a handler's signature says: who may call it, and which version they saw.

`ctx: May[...]`-style aliases read as the rule: `Annotated[Ctx, Depends(Allow(Permission.x))]`. The
edge (`api.edge`) has let the caller in and checked the permission before the body was looked at;
`Allow` only hands the context over.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from app.core.errors import BadRequest, FieldError, PreconditionRequired
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.identity.proving import require_fresh


class Allow:
    """Names the permission a route needs; `Allow()` is any signed-in person."""

    def __init__(self, permission: Permission | None = None) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> Ctx:
        ctx: Ctx = request.state.ctx
        return ctx


def allowed(permission: Permission | None = None) -> Any:
    """`Depends(Allow(permission))`, for the aliases below."""
    return Depends(Allow(permission))


SignedIn = Annotated[Ctx, allowed()]
PROOFS: set[Callable[..., Any]] = set()
"""The dependencies that ask for a fresh proof."""


def fresh(permission: Permission | None = None) -> Any:
    """As `allowed`, of somebody who proved who they are in the last ten minutes (check B10)."""
    allow = Allow(permission)

    async def proved(ctx: Annotated[Ctx, Depends(allow)]) -> Ctx:
        await require_fresh(ctx)
        return ctx

    PROOFS.add(proved)
    return Depends(proved)


Fresh = Annotated[Ctx, fresh()]
"""For what changes who may come in. Without a proof the answer is 403 `step_up_required`."""

_TAG = re.compile(r'^(?:W/)?"v([1-9][0-9]{0,17})"$')


def _version(if_match: str) -> int:
    found = _TAG.match(if_match.strip())
    if found is None:
        detail = 'If-Match must be the ETag you were given, such as "v3".'
        raise BadRequest(
            detail, code="bad_if_match", errors=[FieldError("If-Match", "bad", detail)]
        )
    return int(found.group(1))


async def _required_version(
    if_match: Annotated[
        str | None, Header(description='The `ETag` you saw, such as `"v3"`.', max_length=40)
    ] = None,
) -> int:
    if if_match is None:
        raise PreconditionRequired("Send If-Match with the ETag of the record you are changing.")
    return _version(if_match)


async def _optional_version(
    if_match: Annotated[
        str | None,
        Header(description="The `ETag` you saw; the change is refused if it moved.", max_length=40),
    ] = None,
) -> int | None:
    return None if if_match is None else _version(if_match)


SeenVersion = Annotated[int, Depends(_required_version)]
"""The version the caller saw; without it the answer is 428."""
MaybeSeenVersion = Annotated[int | None, Depends(_optional_version)]
