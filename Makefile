# Two commands for a fresh machine with Python 3.11+ and make: `make backtest` and `make test`. Each makes .venv once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PACKAGES := analysis benchmarks domain reporting risk simulator strategies tools
SAMPLE_DATA := $(or $(LEAN_SAMPLE_DATA),$(firstword $(wildcard ../shared/lean-data data)),data)

.PHONY: mutation reference-run risk-ablation backtest real-day test unit check lint format types docs bench clean help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(STAMP): requirements-dev.txt requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -r requirements.txt
	@touch $(STAMP)

backtest: $(STAMP) ## the reference year on generated data; makes the data first where they are missing
	$(BIN)/python -m simulator generate --output data
	$(BIN)/python -m simulator backtest . --data data

real-day: $(STAMP) ## every strategy on LEAN's real sample quotes
	$(BIN)/python -m tools.real_day --data $(SAMPLE_DATA)

test: $(STAMP) ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadscope

unit: $(STAMP) ## the fast tests
	$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow"

check: lint types docs-check test ## what CI runs

lint: $(STAMP)
	@echo "step: ruff check"; $(BIN)/ruff check .
	@echo "step: ruff format"; $(BIN)/ruff format --check .

types: $(STAMP)
	@echo "step: mypy (strict)"; $(BIN)/mypy $(PACKAGES)
	@echo "step: mypy (main.py and execution against LEAN's stubs)"; $(BIN)/mypy main.py execution

docs: $(STAMP) ## write the generated pages
	$(BIN)/python -m tools.docs
	$(BIN)/python -m simulator docs

.PHONY: docs-check
docs-check: $(STAMP)
	@echo "step: docs freshness"; $(BIN)/python -m tools.docs --check && $(BIN)/python -m simulator docs --check

reference-run: $(STAMP) ## write docs/reference_run.md from the reference year in data/
	$(BIN)/python -m tools.reference_run --data data

risk-ablation: $(STAMP) ## write docs/risk_ablation.md, one rule off at a time (slow)
	$(BIN)/python -m tools.risk_ablation --data data

mutation: $(STAMP) ## change the risk code in small ways and see the tests notice (half an hour)
	$(BIN)/python -m tools.mutation

bench: $(STAMP) ## one name=value line per figure
	$(BIN)/python -m benchmarks

format: $(STAMP) ## format the code
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

clean: ## remove environment, caches and outputs
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis backtests
