"""The start page and the API reference, both working without any other server."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
async def start() -> str:
    """What this is and where to go."""
    return "<!doctype html><title>Truckroll</title><h1>Truckroll</h1>"
