"""A PostgreSQL that nobody has to install: `start(folder)` gives a running server.

However many processes ask for the same folder, they share one server; it listens on 127.0.0.1
with a password and on nothing else. It runs as long as one of those processes lives and is
stopped within ten seconds of the last one's death, even a death by SIGKILL. The package knows
nothing of Truckroll, and nothing else of `app` is imported here. It needs Linux.

What protects what, in the folder of a cluster (`folder.py`):

- `start.lock`, exclusive: one starter at a time, and its initdb with it.
- `servers.lock`, shared: held by each process that uses the server. The watchdog waits to have
  it alone, and then stops PostgreSQL.
- `alive.lock`, exclusive: held by the watchdog and inherited by every process of PostgreSQL.
  Who obtains it knows that nothing of this cluster runs, whatever a `postmaster.pid` claims.

The kernel drops these locks with the processes, so there is no state to go stale.
"""

from app.postgres.cluster import Cluster
from app.postgres.errors import StartError
from app.postgres.starting import start

__all__ = ["Cluster", "StartError", "start"]
