# Everything a developer does, by name. `make setup` is run by whatever needs it, and does nothing twice.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# A working Python 3.13: the one on the PATH, or the newest that pyenv keeps (its shims may point elsewhere).
PYTHON313 ?= $(shell for each in python3.13 $$HOME/.pyenv/versions/3.13*/bin/python python3 python; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && echo "$$each" && break; done)
UV := uv==0.13.9
IN := .venv/bin
STAMPS := .venv/.stamp .local/emulator/.stamp .local/sam/.stamp
CODE := layers/core functions tests
STAGE ?= dev
SAM := SAM_CLI_TELEMETRY=0 PYTHON=$(abspath $(IN)/python) .local/sam/bin/sam
HERE := PYTHONPATH=layers/core:tests:functions

.PHONY: help setup demo stay up down status test check lint capabilities bench flow long contract e2e deploy audit clean

help: ## This list.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMPS) ## Install what the project needs, from its lock files.

# Each environment is one lock file, installed by uv, or by pip where uv cannot reach the index.
$(STAMPS): %/.stamp:
	@test -n "$(PYTHON313)" || { echo "Python 3.13 is missing: install it (pyenv install 3.13) and try again." >&2; exit 1; }
	"$(PYTHON313)" -m venv $*
	$*/bin/python -m pip install --quiet --disable-pip-version-check "$(UV)"
	$*/bin/uv pip install --quiet --python $*/bin/python --require-hashes -r $(LOCK) \
		|| $*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(if $(filter .venv,$*),$*/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .)
	touch $@
.venv/.stamp: LOCK := requirements/dev.txt
.venv/.stamp: requirements/dev.txt pyproject.toml
.local/emulator/.stamp: LOCK := requirements/emulator.txt
.local/emulator/.stamp: requirements/emulator.txt
.local/sam/.stamp: LOCK := requirements/sam.txt
.local/sam/.stamp: requirements/sam.txt

demo: setup ## Two shops synced in full into an audience, on the local stack (SIZE=large, PLATFORMS=all).
	$(HERE) $(IN)/python -m sandbox.demo

stay: setup ## The demo, which then leaves its stack and shops up until it is interrupted.
	$(HERE) $(IN)/python -m sandbox.demo --stay

up: setup ## Start the local stack and leave it running (PASSERELLE_PORT chooses its port).
	$(HERE) $(IN)/python -m sandbox.stack up

down: setup ## Stop it.
	$(HERE) $(IN)/python -m sandbox.stack down

status: setup ## Say what is up.
	$(HERE) $(IN)/python -m sandbox.stack status

lint: setup
	$(IN)/ruff check $(CODE)
	$(IN)/ruff format --check $(CODE)
	$(IN)/mypy layers/core functions
	PYTHONPATH=layers/core $(IN)/lint-imports
	$(IN)/cfn-lint template.yaml

check: lint ## Style, types, imports, the template and its conventions.
	$(IN)/pytest tests/template

test: lint ## What must hold before a change is kept: style, types, units, the template, and whole syncs in process.
	$(IN)/pytest -n 2 --dist loadgroup -m "not long" tests/unit tests/contract tests/conformance tests/template tests/flow

flow: setup ## Of these, whole syncs only: faults, lost answers, live events, guard, redaction.
	$(IN)/pytest -n 2 --dist loadgroup -m "not long" tests/flow

long: setup ## What takes long: workers ended at every step, thousands of people.
	$(IN)/pytest -n 2 --dist loadgroup -o timeout=1500 -m long

contract: setup ## The simulators and connectors against the platforms' official schemas (in ../shared).
	$(IN)/pytest tests/contract

e2e: setup ## The real template on the local emulator, only.
	$(IN)/pytest tests/e2e

capabilities: setup ## Print the table of what each platform can do into the README.
	$(HERE) $(IN)/python -m passerelle.capabilities README.md

bench: setup ## The bars of performance; writes docs/benchmarks.md.
	$(HERE) $(IN)/python -m bench

deploy: setup ## Build and deploy to AWS (STAGE=dev or prod; the first time as the README says).
	$(SAM) build --config-env $(STAGE)
	$(SAM) deploy --config-env $(STAGE)

audit: setup ## Known weaknesses of what is shipped.
	$(IN)/pip-audit --requirement requirements/layer.txt --disable-pip --require-hashes

clean: ## Remove what builds and tests leave; the environments stay.
	rm -rf .aws-sam .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find layers functions tests -name __pycache__ -prune -exec rm -rf {} +
