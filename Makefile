# The finer verbs; ./run and ./test do the rest. `make` alone lists them.
UV = .tools/bin/uv
COMPILE = $(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate -p 3.11 pyproject.toml

.DEFAULT_GOAL := help

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lock: ## write the lock files from pyproject.toml
	$(COMPILE) -o requirements/run.lock
	$(COMPILE) --group dev -c requirements/run.lock -o requirements/dev.lock
