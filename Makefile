# The whole interface for people and CI alike: `make help` lists it. A fresh clone needs Python 3.11 or newer, nothing else.
PYTHON ?= python3
PY := .venv/bin/python
STAMP := .venv/.installed

.PHONY: help run chat test check lint format types layers tests fmt bench torture clean

run: $(STAMP)          ## start the playground (or, with config.toml, the bot) and print its address
	@$(PY) main.py

chat: $(STAMP)         ## the same bot in the terminal
	@$(PY) main.py chat

test: tests            ## every test, on SQLite and PostgreSQL

check: $(STAMP)        ## what CI runs: lint, format, types, layers, tests; goes on after a failure
	@$(MAKE) --no-print-directory -k lint format types layers tests && echo "check: all fine"

lint: $(STAMP)         ## ruff: rules
	@echo "== ruff check"
	@$(PY) -m ruff check --quiet --output-format=concise .

format: $(STAMP)       ## ruff: format (make fmt mends it)
	@echo "== ruff format"
	@$(PY) -m ruff format --check --quiet --output-format=concise . || { echo "make fmt mends that"; exit 1; }

types: $(STAMP)        ## mypy --strict
	@echo "== mypy"
	@$(PY) -m mypy

layers: $(STAMP)       ## who may import whom
	@echo "== lint-imports"
	@.venv/bin/lint-imports --no-logo > .venv/layers.log 2>&1 || { cat .venv/layers.log; exit 1; }
	@tail -n 2 .venv/layers.log

tests: $(STAMP)
	@echo "== pytest"
	@$(PY) -m pytest -n 2

fmt: $(STAMP)          ## format, and mend what ruff can mend
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

torture: $(STAMP)      ## kill -9 at random moments for some minutes; every total is printed
	@for seed in 1 2 3 4 5; do $(PY) -m tests.torture.kill --kills 30 --seed $$seed || exit 1; done

bench: $(STAMP)        ## what the decisions in docs/adr rest on, measured here and now
	@$(PY) -m bench

help:                  ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /make \1#/p' Makefile | column -t -s '#'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	@echo "making .venv (once; the packages are downloaded)"
	@$(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

clean:                 ## remove everything that make has made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
