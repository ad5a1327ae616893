# `make` lists what there is. Nothing needs to be installed by hand but Python 3.11 or later.

# Two workers suit two cores; tests share one PostgreSQL.
WORKERS ?= 2
# More for pytest, as in: make test ARGUMENTS="-k schedule"
ARGUMENTS ?=
SQLALCHEMY = sa14 sa20 sa21
sa14 = sqlalchemy>=1.4.54,<1.5
sa20 = sqlalchemy>=2.0,<2.1
sa21 = sqlalchemy>=2.1,<2.2

# What meets SQLAlchemy where its versions differ: how expressions are made and rendered, how rows and tables
# come and go. Everything else runs on the newest alone; of these, what is the same everywhere and takes long too.
MATRIX = tests/seed tests/testing tests/sql/functions/test_windows.py tests/sql/transfer \
	$(addprefix tests/sql/test_, arithmetic.py casts.py chance.py column_errors.py decimals.py golden.py \
	grouping_sets.py materialize.py meaning.py methods.py naming.py nesting.py nodes.py operator_types.py \
	oracle_rounds.py output.py set_operations.py subqueries.py two_types.py values.py) \
	-m "not mariadb" -k "not million_rows and not every_word"
# DuckDB is left out by 1.4, which has no dialect of it that works: tests/conftest.py, DATABASES.
MATRIX_PROGRAMS = 150

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

matrix: $(SQLALCHEMY:%=matrix-%)  ## Run the DataFrame and the seed's interface on SQLAlchemy 1.4, 2.0 and 2.1.

$(SQLALCHEMY:%=matrix-%): matrix-%: .venv-%/installed
	PYDBT_ORACLE_PROGRAMS=$(MATRIX_PROGRAMS) .venv-$*/bin/python -m pytest -q -n $(WORKERS) --dist worksteal \
		$(MATRIX) $(ARGUMENTS)

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
	$(VENV) .venv-sa$* test --editable '.[pandas,polars,arrow]'
	$(VENV) .venv-sa$* - --no-deps '$(sa$*)'
	@touch $@
