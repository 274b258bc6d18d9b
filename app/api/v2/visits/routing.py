"""The router that the three files of visits add to, and the shape of a verb's route."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.problems import answers
from app.models.permissions import Permission
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.visits.endings import Completion
from app.services.visits.happenings import Happening
from app.services.visits.releases import Answer

router = APIRouter(
    prefix="/api/v2/visits", tags=["visits"], route_class=Edge, responses=answers(401, 403)
)

Reader = Annotated[Ctx, allowed(Permission.visits_read)]
Writer = Annotated[Ctx, allowed(Permission.dispatch_write)]
"""Dispatchers: they plan and promise."""
Doer = Annotated[Ctx, allowed(Permission.visits_execute)]
"""Technicians on their visits, and the office in their stead."""
Reopener = Annotated[Ctx, allowed(Permission.visits_reopen)]

Told = Annotated[Happening, Body(default_factory=Happening)]
"""`occurred_at` and `reason`; the body may be left out."""
Answered = Annotated[Answer, Body(default_factory=Answer)]
Completed = Annotated[Completion, Body(default_factory=Completion)]


def verb(name: str, operation: str, summary: str, *statuses: int) -> Callable[[Any], Any]:
    """`POST /{id}/{name}`, a verb of `Visit.MOVES`; `statuses` beside those every verb can give."""
    assert name in Visit.MOVES
    return router.post(
        f"/{{id}}/{name}",
        operation_id=operation,
        summary=summary,
        responses=answers(400, 404, 409, 412, 422, *statuses),
    )
