# make run     plan and explain the examples          make lock     renew requirements/*.txt
# make quick   the unit tests, in under a minute      make mutants  mutation testing (slow)
# make test    every check there is                   make clean    remove what make made
# make bench   the figures of docs/                   make generate definitions of the kinds, reference pages
# make planted bugs put in by hand, what catches each make site     the pages, in site/
#
# make kubernetes        build the control plane that the tests start (Go is needed; the newest minor, or MINOR=1.34)
# make kubernetes-node   build what runs pods beside it       make cluster MINOR=oldest   its tests, on that minor alone
# make e2e               services that run, on a real node: Linux and root are needed; ALL=1 adds what is slow
#
# Each target sets up .venv by itself. PYTHON=python3.12 chooses the interpreter; 3.11 is the oldest that will do.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

EXAMPLE := examples/quickstart examples/cluster --images examples/quickstart/images
AIMCORE := $(BIN)/aimcore

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run quick test lint unit planted cluster e2e bench generate site kubernetes kubernetes-node mutants lock clean

help:
	@sed -n 's/^# //p' Makefile

# --- the environment: made once, made again when a requirement or the project file changes ---------------------------

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "aimcore needs Python 3.11 or newer; '$(PYTHON)' is '$$($(PYTHON) --version 2>&1)' (choose one with make PYTHON=python3.12 ...)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "this Python cannot make virtual environments: the module ensurepip is missing (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/created requirements/dev.txt pyproject.toml
	@echo "installing what requirements/dev.txt lists into $(VENV); it takes about a minute the first time"
	$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# --- what people run ---------------------------------------------------------------------------------------------------

# The plan ends with 3: one model is Degraded on purpose, to show how that looks.
run: $(VENV)/installed
	$(AIMCORE) plan $(EXAMPLE) || [ $$? -eq 3 ]
	$(AIMCORE) explain service/chat -n research $(EXAMPLE)

test: lint unit

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Coverage is of the domain, and measured on its own tests and on what befalls caches: a tracer and the threads of the others do not mix.
PURE  := src/aimcore/domain tests/unit/domain tests/integration/caches
# A file at a time, so that what a file's cases share is started once; those that take long come first.
SPREAD := --numprocesses=auto --dist=loadfile --no-loadscope-reorder

unit: $(VENV)/installed
	$(BIN)/python -m pytest $(SPREAD) $(PURE) --cov --cov-report=term-missing:skip-covered
	$(BIN)/python -m pytest $(SPREAD) $(PURE:%=--ignore=%) tests/integration tests/unit src

# While writing: fewer examples for each law, no coverage, nothing that draws whole worlds or crosses packages.
planted: $(VENV)/installed
	$(BIN)/python -m tests.planted

quick: $(VENV)/installed
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --quiet --hypothesis-profile=quick tests/unit --ignore=tests/unit/testing

# What talks to a control plane, and nothing else.
PLANE := tests/integration/cluster tests/integration/apiserver/test_kubectl.py tests/integration/deploy/test_rights.py \
         tests/integration/deploy/test_helm.py tests/integration/walk

cluster: $(VENV)/installed
	AIMCORE_KUBERNETES_MINOR=$(MINOR) $(BIN)/python -m pytest $(SPREAD) $(PLANE)

# Says so and ends well where no node can come up. PAGE=docs/running-services.md writes down what it shows.
e2e: $(VENV)/installed
	AIMCORE_E2E_PAGE=$(PAGE) AIMCORE_E2E_ALL=$(ALL) $(BIN)/python -m tests.e2e

$(VENV)/bench: $(VENV)/installed requirements/bench.txt
	$(PIP) install --require-hashes --no-deps -r requirements/bench.txt
	@touch $@

bench: $(VENV)/bench
	$(BIN)/python -m tests.bench

# What is written of the codecs and the registry of kinds, then what people read; deploy/render.sh then renders the manifests.
generate: $(VENV)/installed
	$(BIN)/python -m aimcore.entrypoints.wiring.generate
	$(BIN)/python -m tests.reference

site: $(VENV)/installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

# --- a real control plane, from pinned Go modules; kept in a cache outside of this folder -------------------------------

MINOR ?= newest

kubernetes:
	@$(PYTHON) -m tests.kubernetes.build control-plane --minor $(MINOR)

kubernetes-node: kubernetes
	@$(PYTHON) -m tests.kubernetes.build node --minor $(MINOR)

# --- what maintainers run ----------------------------------------------------------------------------------------------

$(VENV)/mutation: $(VENV)/installed requirements/mutation.txt
	$(PIP) install --require-hashes --no-deps -r requirements/mutation.txt
	@touch $@

mutants: $(VENV)/mutation
	$(BIN)/mutmut run
	$(BIN)/mutmut results

LOCK := UV_NO_CONFIG=1 $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade pyproject.toml

lock: $(VENV)/created
	$(PIP) install uv
	$(LOCK) --all-extras --output-file requirements/all.txt
	$(LOCK) --extra operator --extra testing --group dev --constraint requirements/all.txt --output-file requirements/dev.txt
	$(LOCK) --extra operator --constraint requirements/dev.txt --output-file requirements/operator.txt
	$(LOCK) --group build --constraint requirements/dev.txt --output-file requirements/build.txt
	$(LOCK) --group bench --constraint requirements/dev.txt --output-file requirements/bench.txt
	$(LOCK) --group mutation --constraint requirements/dev.txt --output-file requirements/mutation.txt

clean:
	rm -rf $(VENV) build dist site mutants .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
