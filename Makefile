# `make` lists what there is. Nothing needs to be installed by hand but Python 3.11 or later.

# Two workers suit two cores; tests share one PostgreSQL.
WORKERS ?= 2
# More for pytest, as in: make test ARGUMENTS="-k schedule"
ARGUMENTS ?=
SQLALCHEMY = sa14 sa20 sa21
sa14 = sqlalchemy>=1.4.54,<1.5
sa20 = sqlalchemy>=2.0,<2.1
sa21 = sqlalchemy>=2.1,<2.2

VENV = .ci/venv
SETTINGS = pyproject.toml Makefile .ci/venv .ci/group.py
SOURCES = $(shell find src -type f ! -name '*.pyc')

# The tests start hundreds of processes, which would compile the package anew each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test lint matrix $(SQLALCHEMY:%=matrix-%) bench docs clean

help:  ## List the targets.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: .venv-demo/installed  ## Run a real pipeline on real data, in an embedded database.
	@rm -rf demo
	.venv-demo/bin/pydbt init demo --example flights
	cd demo && ../.venv-demo/bin/pydbt run
	@echo
	@echo "The project is in demo/. To go on there:  cd demo && . ../.venv-demo/bin/activate"

test: .venv/installed  ## Run all tests and doctests, on SQLite, DuckDB, and servers of their own.
	.venv/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGUMENTS)

lint: .venv/installed  ## Check style, formatting, types and architecture.
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/python -m pytest -q tests/test_architecture.py

matrix: $(SQLALCHEMY:%=matrix-%)  ## Run the seed's interface on SQLAlchemy 1.4, 2.0 and 2.1.

$(SQLALCHEMY:%=matrix-%): matrix-%: .venv-%/installed
	.venv-$*/bin/python -m pytest -q -n $(WORKERS) tests/seed tests/sql/test_nodes.py $(ARGUMENTS)

bench: .venv-bench/installed  ## Run the benchmarks, which take minutes.
	@set -e; for name in startup run tables sql transfer; do echo "== $$name"; .venv-bench/bin/python -m benchmarks.bench_$$name; done

docs: .venv/installed  ## Write the parts of the docs that are made from the source.
	.venv/bin/python -m tests.docs.generate
	.venv/bin/python -m tests.docs.draw

clean:  ## Remove the environments, the demo and what tools left.
	rm -rf .mariadb .venv .venv-* demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: $(SETTINGS)
	$(VENV) .venv dev --editable '.[postgresql,mysql,pandas,polars,arrow]'
	@touch $@

.venv-bench/installed: $(SETTINGS)
	$(VENV) .venv-bench bench --editable '.[postgresql,mysql,pandas,polars,arrow]'
	@touch $@

.venv-demo/installed: $(SETTINGS) $(SOURCES)
	$(VENV) .venv-demo - .
	@touch $@

# In two steps: duckdb-sqlalchemy asks for SQLAlchemy 2, and must not hinder those who use none of it.
.venv-sa%/installed: $(SETTINGS)
	$(VENV) .venv-sa$* test --editable .
	$(VENV) .venv-sa$* - --no-deps '$(sa$*)'
	@touch $@
