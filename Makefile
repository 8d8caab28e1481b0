# `make demo` and `make test` set up everything they need by themselves, in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# The base interpreter is enough; nothing of the user's own site-packages leaks in.
export PYTHONNOUSERSITE := 1
# Each begins with a half of its own, so that the tests of a file share what they set up, and takes of the other's at the end.
WORKERS := --numprocesses=2 --dist=worksteal

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long test-wheel test-bluez search chaos agreement mutants bench check format docs coverage clean

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "glowtool needs Python 3.11 or later as '$(PYTHON)'; set PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "glowtool needs Python 3.11 or later; '$(PYTHON)' is older; set PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

setup: $(STAMP) ## Set up .venv with everything, at the pinned versions

demo: $(STAMP) ## Pair the virtual roller, run a routine on it, analyse the log
	$(BIN)/python docs/demo.py

test: check ## Format, lint, types, contracts, then all tests
	$(BIN)/python -m pytest $(WORKERS)

test-long: $(STAMP) ## Run the long suite: what does not fit into the budget of `make test`, and more draws of each property
	$(BIN)/python -m pytest $(WORKERS) -m "long or hypothesis" --hypothesis-profile=long

search: $(STAMP) ## Draw new examples of every property, by a new SEED each time, which it prints (ARGS=…: pytest's)
	seed=$(or $(SEED),$$($(BIN)/python -c 'import secrets; print(secrets.randbelow(10**9))')); echo "SEED=$$seed"; \
	$(BIN)/python -m pytest $(WORKERS) -m hypothesis --hypothesis-profile=search --hypothesis-seed=$$seed $(ARGS)

test-wheel: $(STAMP) ## Build the wheel and check that a type checker sees its types (needs the package index)
	PYTHONPATH=tests $(BIN)/python -m support.house.typed_wheel

test-bluez: $(STAMP) ## Run tests/radio on the kernel's Bluetooth and BlueZ, in a guest built for it once (ARGS=…: pytest's)
	GLOWTOOL_RADIO_STACKS=bluez PYTHONPATH=tests $(BIN)/python -m radio.bluez_guest --skip-idle $(CURDIR)/$(BIN)/python -m pytest tests/radio -m "long or not long" -v -p no:cacheprovider $(ARGS)

chaos: $(STAMP) ## Judge N random massages from SEED tick by tick (ONLY=k: one of them; CELLS=1: all four cells lie)
	PYTHONPATH=tests $(BIN)/python -m measure.safety.chaos --number $(or $(N),1000) --seed $(or $(SEED),1) $(if $(CELLS),--cells) $(if $(ONLY),--only $(ONLY))

agreement: $(STAMP) ## N random routines, to their end, with live orders through lint, gate and firmware, and N programs through the firmware alone (ONLY=layers|alone)
	PYTHONPATH=tests $(BIN)/python -m measure.safety.agreement --number $(or $(N),1000) --follow $(or $(FOLLOW),5) --seed $(or $(SEED),1) $(if $(ONLY),--only $(ONLY)) $(if $(JOBS),--jobs $(JOBS))

mutants: $(STAMP) ## Break each safety rule in turn and show what catches it (JUDGE=60: random massages alone; ONLY=word FROM=word RESULTS=file)
	PYTHONPATH=tests $(BIN)/python -m measure.safety.mutants $(if $(JUDGE),--judge $(JUDGE)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only "$(ONLY)") $(if $(FROM),--from "$(FROM)") $(if $(RESULTS),--results $(RESULTS))

bench: $(STAMP) ## Compare with what one would otherwise use, and write docs/reference/performance.md (ARGS='--quick --print')
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	PYTHONPATH=tests:docs $(BIN)/python -m measure.bench.run $(ARGS)

check: $(STAMP) ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## Format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Apart from `make test`: a process that a test kills leaves its data file half written, and that must not fail a check.
coverage: $(STAMP) ## Run the tests once more and tell which lines none of them reached
	$(BIN)/coverage erase
	-$(BIN)/coverage run -m pytest $(WORKERS)
	PYTHONPATH=tests $(BIN)/python -m support.house.coverage_files
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

docs: $(STAMP) ## Regenerate the generated pages and the byte vectors
	$(BIN)/python docs/generate.py

clean: ## Remove what was set up and what was made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov demo-data
