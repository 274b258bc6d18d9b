"""Which kinds of jobs there are, and the function that does each."""

from collections.abc import Mapping

from app.tasks.work import Definition

DEFINITIONS: Mapping[str, Definition] = {}
