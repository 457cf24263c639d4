# Everything runs in a virtual environment of its own, so that a system Python that refuses packages is fine.
PYTHON ?= python3
VENV   ?= .venv
DEMO   ?= examples/saas
ROOM   ?= membership
SEED   ?= 1
SIZE   ?= 60

BIN    := $(VENV)/bin
READY  := $(VENV)/ready

.PHONY: demo test laws coverage check bench determinism mutants mutation example tables language-server clean

demo: $(READY)          ## set up and run the main job on the example
	$(BIN)/segkit assign $(DEMO)

test: $(READY)          ## set up and run every test
	$(BIN)/python -m pytest -n auto --dist worksteal

laws: $(READY)          ## the laws on many more random cases than the suite takes time for
	$(BIN)/python -m pytest -n auto tests/laws tests/engine tests/facts -k "law or laws" --hypothesis-profile thorough

coverage: $(READY)      ## every test again, and which branches none of them takes
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

check: $(READY)         ## linters, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)         ## speed and memory against the targets
	$(BIN)/pip install -q -e ".[bench]"
	$(BIN)/python -m benchmarks

determinism: $(READY)   ## threads, time zones, row order, stores: the same bytes
	$(BIN)/python -m benchmarks determinism

mutants: $(READY)       ## plant faults into the shipped rules: each must fail one of their tests
	$(BIN)/python -m tests.mutants

mutation: $(READY)      ## plant faults into the code of a ROOM and see which its tests notice
	$(BIN)/python -m tests.mutation $(ROOM) --seed $(SEED) --size $(SIZE)

example: $(READY)       ## write the example's exports again
	$(BIN)/python -m segkit.simulator examples/saas

tables: $(READY)        ## work out the parser's tables again, after a change of the grammar
	$(BIN)/python -m tests.tables

language-server:        ## what editors check rules with, for its test; needs npm
	npm install --silent --no-audit --no-fund --prefix $(VENV)/node yaml-language-server@2

clean:                  ## forget what was made
	rm -rf $(VENV) examples/*/out examples/*/state benchmarks/data

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -e ".[dev]"
	touch $(READY)
