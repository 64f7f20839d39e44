# One command a wish; `make help` lists them. Needs make, git and Python 3.11; the rest is installed into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes
FLASK := $(BIN)/flask --app wsgi
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard evalsys/translations/*/LC_MESSAGES/messages.po))

export PORT ?= 8000
# Compiled modules are kept: commands and the tests start hundreds of processes that import the same ones.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check collected bench mutants fmt messages migration need-run need-test

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: export EVALSYS_ENV ?= development
run: $(VENV)/installed need-run $(CATALOGUES) ## install what is missing, load the demo city once, serve on 127.0.0.1:8000 (or PORT)
	@$(FLASK) migrate
	@$(FLASK) demo load
	@exec $(FLASK) serve

test: $(VENV)/installed-dev need-test $(CATALOGUES) ## install what the tests need, then check and test everything
	@$(MAKE) -j2 check collected
	$(BIN)/pytest -n 3 --dist worksteal --cov --cov-report=
	$(BIN)/coverage report --include='scoring/*' --fail-under=100
	$(BIN)/coverage report --omit='scoring/*' --fail-under=90

check: $(VENV)/installed-dev ## format, lint, types and import contracts: the quick part of the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

collected: $(VENV)/installed-dev $(CATALOGUES) # while one core checks types, the other compiles the tests for all processes to come
	-@$(BIN)/pytest --collect-only -qq --no-cov > $(VENV)/collected 2>&1

bench: $(VENV)/installed-dev $(VENV)-bench/installed $(CATALOGUES) ## measure speed (tests/bench); takes minutes
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -p no:randomly -o python_files='bench_*.py' -s tests/bench

mutants: export OPENBLAS_NUM_THREADS := 1
mutants: $(VENV)/installed-dev ## make small mistakes in the engine and count those the tests notice (n=400 seed=1); an hour
	nice $(BIN)/python -m tests.mutation $(or $(n),400) $(or $(seed),1)

fmt: $(VENV)/installed-dev ## format the code and apply the safe corrections
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

messages: $(VENV)/installed-dev ## collect the texts to translate into the zh and ar catalogues
	.ci/messages $(BIN)

migration: $(VENV)/installed-dev ## draft a migration from the models: make migration m="what changes"
	@test -n "$(m)" || { echo 'Say what changes: make migration m="add opening hours"' >&2; exit 1; }
	@PYTHONPATH=. $(BIN)/python .ci/migration.py "$(m)"

# A stamp is newer than its list of packages when that list is installed, so a second start skips pip.
$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo 'Installing Python packages (once, a minute or two)'
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt | $(VENV)/bin/python
	@echo 'Installing Python packages for development (once, a few minutes)'
	@$(PIP) -r requirements-dev.txt
	@touch $(VENV)/installed $@

# What the engine is measured against lives apart, so that nothing of ours can come to need it.
$(VENV)-bench/installed: tests/bench/requirements.txt
	@.ci/venv $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip --disable-pip-version-check --no-input install --quiet -r $<
	@touch $@

$(VENV)/bin/python:
	@.ci/venv $(VENV)

need-run need-test: need-%:
	@.ci/need $*

%.mo: %.po | $(VENV)/installed
	@$(BIN)/pybabel -q compile -i $< -o $@
