# Each target creates or updates .venv by itself and is quick the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
DEFINED := pyproject.toml constraints.txt

.PHONY: help check test lint figures bench clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

check: $(VENV)/.core  ## prove and simulate every claim; writes report/index.html
	@$(BIN)/loopcert check

test: $(VENV)/.test  ## run the test suite
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q

figures: $(VENV)/.figures  ## draw the figures into figures/
	@$(BIN)/loopcert figures

lint: $(VENV)/.lint  ## check style and imports
	@$(BIN)/ruff check .

bench: $(VENV)/.test  ## measure against what one would do instead
	@$(BIN)/python -m pytest benchmarks -q -p no:xdist -W ignore --benchmark-columns=median,rounds

clean:  ## remove the environment and everything generated
	rm -rf $(VENV) report build *.egg-info .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "loopcert needs Python 3.11 or newer (set PYTHON=...)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(DEFINED) | $(VENV)/bin/python
	@echo "setting up $(VENV)"
	@$(PIP) -e .
	@touch $@

$(VENV)/.test: $(VENV)/.core
	@$(PIP) -e '.[test,figures,empirical]'
	@touch $@

$(VENV)/.figures: $(VENV)/.core
	@$(PIP) -e '.[figures]'
	@touch $@

$(VENV)/.lint: $(VENV)/.core
	@$(PIP) -e '.[lint]'
	@touch $@
