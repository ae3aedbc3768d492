# The verbs. `make` alone lists them; CI runs `make test` and nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
STAMP := $(VENV)/.setup-done
REAL ?=
MESSAGES ?=

.PHONY: help setup demo test lint bench clean

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) profiles.yml ## Make .venv from pinned requirements, and profiles.yml if there is none

$(STAMP): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no python3.11 or python3 found: install Python 3.11 or set PYTHON" >&2; exit 3; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "make: $(PYTHON) is older than Python 3.11: set PYTHON" >&2; exit 3; }
	test -x $(VENV)/bin/python || "$(PYTHON)" -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

profiles.yml:
	cp profiles.example.yml profiles.yml

demo: setup ## The whole flow on a stand-in: make demo [MESSAGES=200000] [REAL=folder of CSV files]
	@REAL="$(REAL)" MESSAGES="$(MESSAGES)" scripts/demo

test: setup ## Lint and every test, as CI does
	@scripts/lint
	@scripts/test

lint: setup ## ruff, sqlfluff and the checks of our own
	@scripts/lint

bench: setup ## Time the stand-in and the generator against their targets
	@scripts/bench

clean: ## Remove what builds left behind (not .venv, not profiles.yml, not out/)
	rm -rf target logs build dbt_packages .pytest_cache .ruff_cache .hypothesis
	find python -name __pycache__ -type d -prune -exec rm -rf {} +
