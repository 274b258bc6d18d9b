"""What every error looks like, whoever gives it (check D3)."""

import re
import socket
from typing import Any

KEYS = {"type", "title", "status", "detail", "instance", "code", "request_id", "errors"}
LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|sqlalchemy|asyncpg|psycopg|pydantic|uvicorn|starlette"
    r"|\b(select|insert into|update|delete from) .{0,80}\b(from|values|set|where)\b"
    r"|\$\d+::|SQLSTATE|violates|constraint|relation \"|column \""
    r"|postgresql://|127\.0\.0\.1|localhost|/root/|/home/|/tmp/|site-packages"
    rf"|{re.escape(socket.gethostname())}|\$argon2|tr_(at|rt|cs|dv)_",
    re.IGNORECASE,
)
"""Traces, SQL, host names, machine paths, secrets."""


def faults(reply: Any) -> list[str]:
    """What is wrong with an error reply; nothing, if it is a proper problem document."""
    if reply.status_code >= 500 and reply.status_code != 503:
        return [f"{reply.status_code} {reply.text[:200]}"]
    if reply.headers.get("content-type") != "application/problem+json":
        return [f"{reply.status_code} as {reply.headers.get('content-type')}"]
    body = reply.json()
    found = [f"without {key}" for key in sorted(KEYS - body.keys())]
    if found:
        return found
    if body["status"] != reply.status_code:
        found.append(f"says {body['status']} and is {reply.status_code}")
    if body["type"] != f"/problems/{body['code']}" or not re.fullmatch(r"[a-z_]+", body["code"]):
        found.append(f"type {body['type']}, code {body['code']}")
    if body["request_id"] != reply.headers["x-request-id"]:
        found.append("another request id")
    if not re.match(r"[A-Z“‘'].*[.?!”]$", body["detail"], re.DOTALL) or len(body["detail"]) > 1000:
        found.append(f"no sentence: {body['detail'][:200]}")
    found += [
        f"an error without a sentence: {error}"
        for error in body["errors"]
        if error.keys() != {"pointer", "code", "detail"} or not error["detail"].endswith(".")
    ]
    if leak := LEAKS.search(reply.text.replace(body["instance"], "")):
        found.append(f"leaks “{leak.group(0)}” in {reply.text[:300]}")
    return found
