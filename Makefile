# Every command sets up what it needs: git, make and Python 3.11 or newer are enough.
# PYTHON=/path/to/python chooses the Python; TREES="…" the trees of `make demo`; BENCH="…" flags of `make bench`.

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow check format schema docs bench clean

BIN := .venv/bin
TREES ?= $(patsubst trees/%/,%,$(wildcard trees/*/))
BENCH ?=
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## leave .venv/bin/genarun and the tools of the other commands
	@PYTHON="$(PYTHON)" sh scripts/setup.sh

demo: setup ## run the trees offline in a scratch copy (.demo/) and show what they made
	@$(BIN)/python scripts/demo.py $(TREES)

test: setup ## run the tests, but for the slow ones
	@$(PYTEST) -m "not slow"

test-slow: setup ## run the slow tests: hundreds of kills, the installed wheel
	@$(PYTEST) -m slow

check: setup ## lint, types, layers, and what is generated from the code
	@sh scripts/check.sh

format: setup ## mend layout and imports
	@$(BIN)/ruff check --fix --quiet . && $(BIN)/ruff format --quiet .

schema: setup ## write trees/tree.schema.json anew
	@$(BIN)/python -m genarun.tree.schema

docs: setup ## write docs/reference/ anew
	@$(BIN)/python scripts/reference.py

bench: setup ## measure the engine beside a bare loop; BENCH=--publish writes docs/performance.md
	@$(BIN)/python -m benchmarks.bench $(BENCH)

clean: ## remove what these commands made, .venv and .tools included
	rm -rf .venv .tools .demo .bench dist build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
