"""How the server is set up for one machine that it shares with the application."""

from pathlib import Path

HOST = "127.0.0.1"

DEFAULTS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A file per weekday, emptied when the weekday comes round again: a week of log, never more.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
}

# For tests alone: a power cut may leave nothing of such a cluster.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def arguments(*, port: int, logs: Path, durable: bool, extra: dict[str, str]) -> list[str]:
    """The settings as `postgres` takes them; these win over postgresql.conf."""
    chosen = DEFAULTS | {"port": str(port), "log_directory": str(logs)}
    if not durable:
        chosen |= NOT_DURABLE
    return [part for name, value in (chosen | extra).items() for part in ("-c", f"{name}={value}")]
