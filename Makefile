# Two commands: `make demo` shows the service at work, `make test` proves it. Everything else serves them.
PYTHON ?= python3
BIN := .venv/bin
# Processes that tests are spread over.
WORKERS ?= 2
# Which tests, in the words of pytest's -m; left out, all but those that are CI's alone.
MARKS ?=
# "--cov --cov-report=term" measures coverage as well and holds it, in half as much time again; CI does.
COVERAGE ?=
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --no-header \
	--python-version 3.11 pyproject.toml

.PHONY: demo test check format bench openapi messages picture characters fields lock clean runtime dev screenshots

demo: runtime
	$(BIN)/ill-broker demo

# Tests start many programs of this project: what each would compile anew is kept, whatever the shell says.
test: export PYTHONDONTWRITEBYTECODE =
test: dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(COVERAGE) $(if $(MARKS),-m "$(MARKS)")

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/ill-broker openapi --check
	$(BIN)/ill-broker migrate --check

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: dev
	$(BIN)/python -m bench

openapi: dev
	$(BIN)/ill-broker openapi

# Pictures of every page, in both languages and sizes, to be looked at; the best of them stand in README.
screenshots: dev
	mkdir -p var/screenshots docs/screenshots
	ILL_SCREENSHOTS=var/screenshots $(BIN)/python -m pytest -q -m ci tests/journeys/test_every_page.py
	cp var/screenshots/best/*.png docs/screenshots/

messages: dev
	$(BIN)/python -m tools.messages

picture: dev
	$(BIN)/python -m tools.picture

characters: dev
	$(BIN)/python -m tools.simplified

fields: dev
	$(BIN)/python -m tools.policy_fields

# Development first: it holds more, and what runs is what was tested.
lock: dev
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --group dev --output-file requirements/dev.txt
	$(COMPILE) --group build --constraints requirements/dev.txt --output-file requirements/runtime.txt

clean:
	rm -rf var dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

runtime dev:
	@$(PYTHON) tools/bootstrap.py $@
