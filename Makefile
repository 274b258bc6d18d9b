# The finer verbs; ./run and ./test do the rest. `make` alone lists them.
UV = UV_SYSTEM_CERTS=$${UV_SYSTEM_CERTS:-1} .tools/bin/uv
COMPILE = $(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate -p 3.11

.DEFAULT_GOAL := help
# verbs, not files: there is a folder `bench` and a file `test`
.PHONY: help lock check format test test-e2e lint-api check-web web web-schema screens openapi policy bench bench-live bench-web test-deep

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lock: ## write the lock files from pyproject.toml
	$(COMPILE) pyproject.toml -o requirements/run.lock
	$(COMPILE) pyproject.toml --group dev -c requirements/run.lock -o requirements/dev.lock
	$(COMPILE) --group node -o requirements/node.lock
	$(COMPILE) --group redis -c requirements/dev.lock -o requirements/redis.lock

check: ## lint, types and contracts, without the suite
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy
	.venv/bin/python -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

format: ## format and sort what can be
	.venv/bin/python -m ruff check --fix-only -q .
	.venv/bin/python -m ruff format -q .

test: ## the whole suite, as CI runs it
	./test

lint-api: ## lint docs/api/openapi.json with Redocly, Spectral and the OWASP rules
	.venv/bin/python -m tests.support.openapi_linters

check-web: ## lint, types and tests of what browsers run; whether web/dist is what its sources make
	.venv/bin/python -m tests.web.package

web: ## build web/dist from its sources
	.venv/bin/python tools/clients.py

web-schema: ## write the API's types for web/ from docs/api/openapi.json
	.venv/bin/python -c "import runpy; d = runpy.run_path('tools/clients.py'); d['node']('node_modules/openapi-typescript/bin/cli.js', '../docs/api/openapi.json', '--default-non-nullable=false', '--output', 'src/api/schema.d.ts')"

screens: ## pictures of every main screen, at three sizes, light and dark, into .data/screens
	.venv/bin/python -m tests.web.screens

openapi: ## write docs/api/openapi.json from the routes
	.venv/bin/python -m app openapi > docs/api/openapi.json

policy: ## write docs/permissions.csv and docs/response-keys.csv from the routes and the roles
	.venv/bin/python -m tests.support.policy > docs/permissions.csv

bench: ## what requests, boards, positions, sockets and slots cost beside their limits, in CPU
	held=0; for one in bench bench.board bench.pings bench.fanout bench.slots; do \
	  .venv/bin/python -m $$one || held=1; done; exit $$held

bench-live: ## of these, positions and sockets alone
	held=0; for one in bench.pings bench.fanout; do \
	  .venv/bin/python -m $$one || held=1; done; exit $$held

bench-web: ## what the board costs a browser, beside its limits, in CPU of the main thread
	.venv/bin/python -m bench.web

test-e2e: ## every journey through the screens, the long ones too
	TRUCKROLL_DEEP=1 .venv/bin/python -m pytest tests/web

test-deep: ## the suite at full depth: more seeds, more rows, more tries
	TRUCKROLL_DEEP=1 ./test
