"""How a job's steps are lent transactions, whoever runs it: the worker, the command line, a test."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from app.services.context import Ctx


class Transactions(Protocol):
    """Opens the next transaction; `last` is the one after which the job has ended."""

    def __call__(self, *, last: bool = False) -> AbstractAsyncContextManager[Ctx]: ...
