# Two commands matter: `make demo` and `make test`.  Both set up everything they need, apt packages included.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
SOURCES := pyproject.toml

.PHONY: demo serve test check lint docs bench lock apt clean demo-data

demo: $(VENV)/.run  ## the platform on the embedded database with the demonstration programme
	$(BIN)/biaochi demo --port $(PORT)

serve: $(VENV)/.run  ## the platform on your own data folder
	$(BIN)/biaochi serve --port $(PORT)

test: apt $(VENV)/.dev lint  ## everything the gate runs: linters, types, contracts, tests, lanes
	sh scripts/tests.sh
	sh scripts/lanes.sh

check: $(VENV)/.dev lint  ## the quick part of the gate, without a browser or a database server
	$(BIN)/pytest -q -n 2 -m "not browser and not postgres and not slow"

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

demo-data: $(VENV)/.run  ## play the demonstration year anew and keep its snapshot (about a minute)
	$(BIN)/biaochi play --snapshot src/biaochi/data/demonstration/year.jsonl.gz

docs: $(VENV)/.dev  ## the documentation site into site/
	$(BIN)/python scripts/reference.py
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.dev  ## every benchmark, one after the other
	for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

lock:  ## renew the pinned versions
	$(UV) pip compile -q $(SOURCES) --extra web --extra postgres -o requirements/run.txt --generate-hashes --no-header --no-annotate --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links
	$(UV) pip compile -q $(SOURCES) --extra web --extra postgres --extra sso --group dev --group docs -o requirements/dev.txt --generate-hashes --no-header --no-annotate --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links

apt:
	sh scripts/apt.sh

$(VENV)/.made:
	PYTHON=$(PYTHON) sh scripts/venv.sh $(VENV)

$(VENV)/.run: $(VENV)/.made requirements/run.txt $(SOURCES)
	$(UV) pip install -q --compile-bytecode --python $(BIN)/python -r requirements/run.txt
	$(UV) pip install -q --python $(BIN)/python --no-deps -e .
	$(BIN)/python -m compileall -q src/biaochi
	@touch $@

$(VENV)/.dev: $(VENV)/.made requirements/dev.txt $(SOURCES)
	$(UV) pip install -q --compile-bytecode --python $(BIN)/python -r requirements/dev.txt
	$(UV) pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) .lanes site dist build artefacts
