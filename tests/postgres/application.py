"""A program that plays the application: it starts the database, says so, and stays.

With a child of its own in its process group, because a real one has some, and a child that
outlives it must not keep the database up.
"""

import json
import subprocess
import sys
from pathlib import Path

from app.postgres import start
from app.postgres.answering import pid_file


def main() -> None:
    cluster = start(Path(sys.argv[1]), durable=False)
    claim = pid_file(cluster.folder)
    assert claim is not None
    child = subprocess.Popen(
        ["sleep", "300"],
        close_fds=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    owner = cluster.folder.cluster.stat().st_uid
    told = {"postmaster": claim.pid, "port": cluster.port, "child": child.pid, "owner": owner}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    child.kill()
    child.wait()


if __name__ == "__main__":
    main()
