"""Identifiers are UUIDv7 everywhere: they sort by the time they were made, and tell nothing else."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()
