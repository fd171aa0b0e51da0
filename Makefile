# make practice   open the practice room
# make test       run every check
# make quick      the everyday tests: no language model, no browser, no notebook
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
# Where the CPU build of torch is found when the configured index does not have it.
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu

.PHONY: practice test quick lint fetch clean

practice: $(VENV)/.installed
	@$(BIN)/repair-room serve --fetch

test: $(VENV)/.tested fetch
	@tests/prepare.sh
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest

quick: $(VENV)/.tested
	$(BIN)/python -m pytest -m "not model and not browser and not slow and not notebook"

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fetch: $(VENV)/.installed
	@$(BIN)/repair-room model pull smollm2-135m
	@$(BIN)/repair-room model pull

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info < (3,13) else "Repair Room needs Python 3.11 or 3.12; this is " + sys.version.split()[0] + ". Say which: make practice PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.torch: $(VENV)/.python constraints.txt
	@echo "Installing (the first time takes a few minutes)"
	@$(PIP) install --quiet "torch==2.13.0+cpu" 2>/dev/null \
	  || $(PIP) install --quiet --index-url $(TORCH_CPU_INDEX) "torch==2.13.0" \
	  || $(PIP) install --quiet "torch==2.13.0" \
	  || { echo "torch 2.13.0 could not be installed. Check the network, and run the same command again."; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml constraints.txt
	@$(PIP) install --quiet -c constraints.txt --editable . \
	  || { echo "The packages could not be installed. Check the network, and run the same command again."; exit 1; }
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	@$(PIP) install --quiet -c constraints.txt --editable ".[dev]" \
	  || { echo "The test tools could not be installed. Check the network, and run the same command again."; exit 1; }
	@touch $@

clean:
	rm -rf $(VENV) artifacts build dist
