# The whole interface for people and CI alike.
PY := .venv/bin/python
STAMP := .venv/.installed

.PHONY: run chat test check fmt bench torture clean

run: $(STAMP)          ## start the playground (or the bot, with config.toml) and print its address
	$(PY) main.py

chat: $(STAMP)         ## the same bot in the terminal
	$(PY) main.py chat

test: $(STAMP)         ## everything, on SQLite and PostgreSQL
	$(PY) -m pytest

check: $(STAMP)        ## what CI runs: lint, types, import contracts, tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m pytest -n 2

fmt: $(STAMP)          ## format and mend what ruff can mend
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: $(STAMP)        ## ratios against limits and peers, measured in one run each
	$(PY) -m bench

$(STAMP): pyproject.toml constraints.txt
	python3 -m venv .venv
	$(PY) -m pip install --quiet --upgrade pip -c constraints.txt
	$(PY) -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $(STAMP)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
