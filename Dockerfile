# syntax=docker/dockerfile:1
# Two stages: the first installs what the lock names, by hash; the second holds only what runs.
# PostgreSQL is outside here (DATABASE_URL); see docs/operations/deploy.md.

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/truckroll
RUN python -m venv .venv
COPY requirements/run.lock requirements/run.lock
RUN .venv/bin/pip install --require-hashes --no-deps -r requirements/run.lock

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    TRUCKROLL_ENVIRONMENT=production TRUCKROLL_DATA=/var/lib/truckroll \
    HOST_ADDRESS=0.0.0.0 PORT=8000 LOG_FORMAT=json
RUN useradd --system --uid 10001 --home-dir /var/lib/truckroll --create-home truckroll
WORKDIR /srv/truckroll
COPY --from=build /srv/truckroll/.venv .venv
COPY app app
COPY migrations migrations
COPY web/dist web/dist
USER truckroll
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD [".venv/bin/python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/ready', timeout=2)"]
STOPSIGNAL SIGTERM
CMD [".venv/bin/python", "-m", "app", "serve", "--no-work"]
