"""`/api/v2/me/preferences`: how I like to see things, wherever I sign in."""

from fastapi import APIRouter
from pydantic import Field

from app.api.deps import SignedIn
from app.api.edge import Edge
from app.api.outputs import Out
from app.api.problems import answers
from app.services import preferences
from app.services.preferences import BoardPreferences

router = APIRouter(
    prefix="/api/v2/me/preferences", tags=["sign-in"], route_class=Edge, responses=answers(401, 403)
)


class BoardPreferencesOut(Out):
    """How you like the board."""

    version: int = Field(description="How often you have chosen; 0: not yet.")
    board: BoardPreferences


@router.get("/board", operation_id="get_my_board", summary="How I like the board")
async def get_my_board(ctx: SignedIn) -> BoardPreferencesOut:
    """Your own choice in this organisation; the defaults where you have made none."""
    board, version = await preferences.board(ctx)
    return BoardPreferencesOut(board=board, version=version)


@router.put(
    "/board",
    operation_id="keep_my_board",
    summary="Keep how I like the board",
    responses=answers(400, 422),
)
async def keep_my_board(ctx: SignedIn, wanted: BoardPreferences) -> BoardPreferencesOut:
    """Keep all of it in place of what you chose before; what you leave out is as it is for everybody.
    Nobody but you writes it, and what you chose last, on whichever screen, holds."""
    version = await preferences.keep_board(ctx, wanted)
    return BoardPreferencesOut(board=wanted, version=version)
