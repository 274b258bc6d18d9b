"""The process's state, from a request."""

from fastapi import Request

from app.process import State


def state_of(request: Request) -> State:
    """What this process holds."""
    state: State = request.app.state.truckroll
    return state
