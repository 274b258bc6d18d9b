"""A running PostgreSQL, as its users see it."""

import os
import re
from urllib.parse import quote

from app.postgres import private
from app.postgres.creating import SUPERUSER
from app.postgres.folder import Folder
from app.postgres.settings import HOST


class Cluster:
    """A server that runs at least until `close` or until this process ends."""

    host = HOST
    superuser = SUPERUSER

    def __init__(self, folder: Folder, *, port: int, superuser_password: str, lock: int) -> None:
        self.folder = folder
        self.port = port
        self.superuser_password = superuser_password
        self._lock: int | None = lock

    def __repr__(self) -> str:
        return f"<Cluster {self.host}:{self.port} in {self.folder.path}>"

    def secret(self, name: str) -> str:
        """A random secret of that name: made when first asked for, the same ever after."""
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
            raise ValueError(f"A secret's name is of a-z, 0-9, - and _, and {name!r} is not.")
        return private.secret(self.folder.secret(name))

    def dsn(self, database: str, user: str, password: str) -> str:
        """The address of a database of this server, as libpq and asyncpg read it."""
        who, word, where = (quote(part, safe="") for part in (user, password, database))
        return f"postgresql://{who}:{word}@{self.host}:{self.port}/{where}"

    def close(self) -> None:
        """Use the server no more. It stops when nobody else does. Twice is as good as once."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
