# City indicators: all tasks of the project. GNU make 3.81 (macOS) is enough.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON := PYTHONPATH=plugins:. $(BIN)/python
LOCAL := $(PYTHON) -m standalone
# An installed uv, otherwise our own.
UV := $(shell command -v uv 2>/dev/null || echo .local/uv/bin/uv)
PYTHONS := python3.13 python3.12 python3.11 python3 python
COMPOSE = $$(docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --no-header --generate-hashes
SBOM := build/sbom.cdx.json

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.installed ## load the offline sample, show the rating and the UI; Ctrl-C stops it
	@$(LOCAL) demo

.PHONY: demo-once
demo-once: $(VENV)/.installed ## the same unattended: prints the rating, then stops everything
	@$(LOCAL) demo-once

.PHONY: start
start: $(VENV)/.installed ## run the pipeline against the live sources; Ctrl-C stops it
	@$(LOCAL) start

# No line with $(MAKE), which even a dry run would run.
.PHONY: stop
stop: $(if $(wildcard .local/state.json),$(VENV)/.installed) ## stop all that runs from this checkout, also after a crash
	@if [ -e .local/state.json ]; then $(LOCAL) stop; else echo "Nothing of this checkout was running."; fi

.PHONY: clean
clean: stop ## stop, then remove .local (database, archive, logs); keeps .venv
	@if [ -d .local ]; then rm -rf .local && echo "Removed .local: database, archive, logs, secrets."; \
	else echo "Nothing to remove."; fi

.PHONY: psql
psql: $(VENV)/.installed ## open SQL on the running warehouse as role researcher
	@$(LOCAL) psql

.PHONY: shell
shell: $(VENV)/.installed ## open a shell in which airflow and python are connected to the running stack
	@$(LOCAL) shell

.PHONY: backup
backup: $(VENV)/.installed ## back up the warehouse to FILE=… (by default in backups/), running or stopped
	@$(LOCAL) backup $(if $(FILE),"$(FILE)")

.PHONY: restore
restore: $(VENV)/.installed ## restore FILE=… into the empty warehouse of a stopped stack
	@$(LOCAL) restore $(if $(FILE),"$(FILE)")

.PHONY: checksums
checksums: $(VENV)/.installed ## print rows and checksum of every table, to compare two warehouses
	@$(LOCAL) checksums

.PHONY: env
env: ## write .env with fresh secrets for docker compose
	@python3 docker/make_env.py

.PHONY: image
image: ## build the images of docker-compose.yaml
	@$(COMPOSE) build

.PHONY: up
up: ## build and start the team server of docker-compose.yaml
	@$(COMPOSE) up --detach --build

.PHONY: down
down: ## stop the team server; its volumes stay
	@$(COMPOSE) down

# All tests of a file run in one process, so that what they share is made once.
PARALLEL := $(BIN)/pytest --numprocesses logical --dist loadfile --no-loadscope-reorder

.PHONY: test
test: lint ## run lint, types and tests, except the long ones below
	$(PARALLEL)

FAST := analytics catalog core delivery ingest intake orchestration reports sources test_docs.py test_sizes.py test_words.py

.PHONY: test-fast
test-fast: lint ## lint, types and the tests that need no server; a minute
	$(PARALLEL) -m "not server" $(addprefix tests/,$(FAST))

.PHONY: test-large
test-large: $(VENV)/.installed-dev ## read a file of 300 MB within 1 GB of memory; two minutes
	CITY_INDICATORS_LARGE=1 $(BIN)/pytest tests/sources/test_large_file.py

.PHONY: test-cluster
test-cluster: $(VENV)/.installed-dev ## backfill with two Celery workers, one of them killed; five minutes
	CITY_INDICATORS_CLUSTER=1 $(BIN)/pytest --capture no tests/cluster

.PHONY: chaos
chaos: $(VENV)/.installed-dev ## kill services during a backfill and compare the result; SEED=… repeats it; 12 minutes
	CITY_INDICATORS_CHAOS="$(or $(SEED),$$RANDOM)" $(BIN)/pytest --capture=no \
	    tests/chaos tests/end_to_end/test_backfill_disturbed.py

.PHONY: mutation
mutation: $(VENV)/.installed-dev ## mutate Python and SQL that data depend on; FILES=…, SAMPLE=n, SEED=s; hours, resumes
	@$(PYTHON) -W ignore -m tests.mutation $(if $(FILES)$(MODULE),--files $(FILES) $(MODULE)) \
	    $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

.PHONY: corruption
corruption: $(VENV)/.installed-dev ## publish every kind of wrong value from the mock sources; write the table in docs/
	@$(PYTHON) -W ignore -m tests.corruption.table

.PHONY: bench
bench: $(VENV)/.installed ## measure a backfill against a backfill of no-op tasks
	@$(PYTHON) benchmarks/backfill.py

.PHONY: bench-bundles
bench-bundles: $(VENV)/.installed ## measure empty runs of one DAG a source against one DAG with mapped sources
	@$(PYTHON) benchmarks/bundles.py

.PHONY: bench-parsing
bench-parsing: $(VENV)/.installed ## measure the parsing of each DAG file against that of a no-op DAG
	@$(PYTHON) benchmarks/parsing.py

.PHONY: bench-validation
bench-validation: $(VENV)/.installed ## measure the validation of a million observations against pandas
	@$(PYTHON) -W ignore benchmarks/validation.py

.PHONY: bench-warehouse
bench-warehouse: $(VENV)/.installed ## measure loads and reads of millions of observations against COPY
	@$(PYTHON) -W ignore benchmarks/warehouse.py

.PHONY: bench-ratings
bench-ratings: $(VENV)/.installed ## measure ratings with thousands of draws, and their memory
	@$(PYTHON) -W ignore benchmarks/ratings.py

.PHONY: worked
worked: $(VENV)/.installed-dev ## write the cities that docs/explanation/climate-world-by-hand.md works out, from a demo that ran
	@$(PYTHON) -W ignore -m tests.end_to_end.worked

.PHONY: acceptance
acceptance: $(VENV)/.installed ## compare with published indices; write the table in docs/explanation/ratings.md
	@$(PYTHON) -m tests.acceptance.table

.PHONY: bench-idle
bench-idle: $(VENV)/.installed ## measure the processor time of the idle stack
	@$(PYTHON) benchmarks/idle.py

.PHONY: bench-pages
bench-pages: $(VENV)/.installed ## measure the pages of the UI on the data of a demo that ran, its cities copied up to CITIES=…
	@$(PYTHON) -W ignore benchmarks/pages.py $(CITIES)

.PHONY: bench-centres
bench-centres: $(VENV)/.installed ## measure the reading of all urban centres of the world
	@$(PYTHON) -W ignore benchmarks/urban_centres.py

.PHONY: bench-scale
bench-scale: $(VENV)/.installed ## measure each stage with 480, 2,400 and 12,000 cities, or CITIES="…"; an hour
	@$(PYTHON) -W ignore -m benchmarks.scale $(CITIES)

.PHONY: bench-peers
bench-peers: $(VENV)/.installed-dev ## measure loads against COPY, dlt and dbt, and reads against DuckDB, with CITIES="…"
	@$(PYTHON) -W ignore -m benchmarks.scale.peers $(CITIES)

.PHONY: bench-trends
bench-trends: $(VENV)/.installed ## measure the trends of 12,000 places against a loop over pymannkendall
	@$(PYTHON) -W ignore benchmarks/trends.py

.PHONY: lint
lint: $(VENV)/.installed-dev ## ruff, mypy, import rules, spelling and sqlfluff
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONPATH=plugins:. $(BIN)/lint-imports --no-logo
	$(BIN)/codespell
	@if [ -n "$$(find include/sql -name '*.sql' 2>/dev/null)" ]; then \
	echo $(BIN)/sqlfluff lint include/sql; $(BIN)/sqlfluff lint --processes 0 include/sql; fi

.PHONY: format
format: $(VENV)/.installed-dev ## format Python and SQL
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/sqlfluff fix include/sql

.PHONY: site
site: $(VENV)/.installed ## write EDITION=… of RATING=… as static pages to OUT=… (build/site), in `make shell`; ADDRESS=…
	@$(PYTHON) -m city_indicators site --rating "$(RATING)" --edition "$(EDITION)" \
	    --out "$(or $(OUT),build/site)" $(if $(ADDRESS),--address "$(ADDRESS)")

.PHONY: messages
messages: $(VENV)/.installed ## bring the catalogues of include/locale up to date with the messages of the code
	@$(PYTHON) -m city_indicators.delivery.translations

.PHONY: docs
docs: $(VENV)/.installed ## write the data dictionary to build/docs/ and the schema of rating methods to docs/
	@$(PYTHON) -m city_indicators.warehouse.data_dictionary
	@$(PYTHON) -m city_indicators.analytics.ratings.schema

.PHONY: docs-site
docs-site: $(VENV)/.installed-dev docs ## write the documentation as a site to build/docs-site, and check its links
	@NO_MKDOCS_2_WARNING=1 PYTHONPATH=plugins:. $(BIN)/mkdocs build --quiet && echo "Wrote build/docs-site/index.html"

.PHONY: docs-sources
docs-sources: $(VENV)/.installed ## write docs/reference/sources.md from the real files in FOLDER=… (../shared)
	@$(PYTHON) -m tests.inventory.inventory "$(or $(FOLDER),../shared)"

.PHONY: docs-trends
docs-trends: $(VENV)/.installed-dev ## write the table of differences in docs/explanation/trends.md
	@$(PYTHON) -m tests.acceptance.trends.differences

.PHONY: lock
lock: uv ## pin the newest versions that requirements*.in permits
	$(COMPILE) --upgrade requirements.in --output-file requirements.txt
	$(COMPILE) --upgrade requirements-cluster.in --output-file requirements-cluster.txt
	$(COMPILE) --upgrade requirements-dev.in --output-file requirements-dev.txt

.PHONY: release-check
release-check: test test-large test-cluster chaos corruption docs-site sbom audit ## all that a release needs; hours
	@$(PYTHON) -m tests.deployment.release

.PHONY: sbom
sbom: $(VENV)/.installed-dev ## write build/sbom.cdx.json, the packages of REQUIREMENTS=… as CycloneDX
	@mkdir -p $(dir $(SBOM))
	@$(BIN)/cyclonedx-py requirements $(or $(REQUIREMENTS),requirements.txt) --pyproject pyproject.toml \
	    --output-reproducible --validate --output-file $(SBOM)
	@echo "Wrote $(SBOM)"

.PHONY: helm-check
helm-check: $(VENV)/.installed-dev ## render CHART=… (folder or .tgz of the Airflow chart) with deploy/values.yaml and check it
	@$(PYTHON) -m tests.deployment.helm_check "$(or $(CHART),airflow)"

.PHONY: audit
audit: $(VENV)/.installed-dev ## look for known vulnerabilities of the packages, at SERVICE=pypi or osv
	@$(PYTHON) -m tests.deployment.audit $(or $(SERVICE),pypi)

.PHONY: venv
venv: $(VENV)/.installed ## create or update .venv

.PHONY: uv
uv:
	@if ! command -v "$(UV)" >/dev/null; then \
	$(find_python); "$$python" -m venv .local/uv && .local/uv/bin/pip install --quiet uv; fi

# requirements-dev.txt contains all of requirements.txt, so either stamp is enough for the other targets.
$(VENV)/.installed: requirements.txt
	@$(MAKE) --no-print-directory install REQUIREMENTS=requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt
	@$(MAKE) --no-print-directory install REQUIREMENTS=requirements-dev.txt
	@touch $(VENV)/.installed $@

.PHONY: install
install: uv
	@[ -x $(BIN)/python ] || "$(UV)" venv --quiet --no-python-downloads --python '>=3.11,<3.14' $(VENV)
	@echo "Installing $(REQUIREMENTS) into $(VENV)"
	@"$(UV)" pip install --quiet --python $(BIN)/python --require-hashes --requirements $(REQUIREMENTS)

define find_python
python=""; for name in $(PYTHONS); do \
if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
then python=$$name; break; fi; done; \
if [ -z "$$python" ]; then echo "No Python 3.11, 3.12 or 3.13 found. Next step: install one." >&2; exit 1; fi
endef
