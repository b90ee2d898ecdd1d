# make run    sets everything up and opens the app
# make test   sets everything up, a browser included, and runs every check
# make quick  the checks that need no browser and train no network, for while one works
# make lock   writes the lists of locked versions anew from the *.in files

PYTHON ?= python3
BIN := .venv/bin

PYTEST := $(BIN)/python -m pytest
# Two processes, a file each at a time, in the order of tests/conftest.py.
TWO := -n 2 --dist loadfile --no-loadscope-reorder
QUICK := -m "not browser and not training" $(patsubst %,--ignore=tests/%,browser training engine test_train_cli.py)

.PHONY: run test quick check static format lock

run: .venv/.app
	$(BIN)/streamlit run app.py

test: .venv/.dev
	sh scripts/install_chromium.sh $(BIN)/playwright
	$(MAKE) check

# The checks alone, on what is set up already.
# The browser's tests apart: what runs in an event loop cannot share a process with an open browser.
check: static
	$(PYTEST) $(TWO) --ignore=tests/browser
	$(PYTEST) $(TWO) tests/browser

# What the marks leave out is not even imported.
quick: .venv/.dev static
	$(PYTEST) $(TWO) $(QUICK)

static:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/.dev
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url requirements-dev.in -o requirements-dev.txt

.venv/.app: requirements.txt
	sh scripts/make_venv.sh $(PYTHON)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/.dev: requirements-dev.txt .venv/.app
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
