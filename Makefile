# Two commands matter: `make run` and `make test`. Both need Python 3.11+ and nothing else.
PYTHON_IN_VENV := .venv/bin/python
LOCAL := $(PYTHON_IN_VENV) -m laminator.local
ARGS ?=
export PYTHON

.PHONY: help setup run demo manage test lint bench chaos lock schema servers
.DEFAULT_GOAL := help

help: ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: ## make .venv from the locked requirements (skipped when nothing changed)
	@sh laminator/local/setup.sh

run: setup ## start the desk, with servers and sandbox of its own; Ctrl-C stops it
	@$(LOCAL) run

demo: setup ## a trader's first day, played against the running desk (started if need be)
	@$(LOCAL) demo

manage: setup ## a command of manage.py for the running desk (ARGS="staff_password EMAIL")
	@$(LOCAL) manage -- $(ARGS)

test: setup ## run the whole suite (ARGS="-k name" for a part of it)
	@$(LOCAL) test -- $(ARGS)

lint: setup ## ruff, mypy, rules between rooms, missing migrations
	@$(LOCAL) lint

bench: setup ## measure against bounds and peers, in one run
	@$(LOCAL) bench -- $(ARGS)

chaos: setup ## seeded runs under crashes and faults (RUNS=1000; ARGS=--resume goes on; SEED=17 repeats one)
	@$(LOCAL) chaos $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED)) -- $(ARGS)

servers: setup ## PostgreSQL and Redis alone, with the settings that lead to them
	@$(LOCAL) servers

schema: setup ## write down what the migrations make, for quick first starts
	@$(LOCAL) schema

COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url
lock: ## compile pyproject.toml into requirements.txt and requirements-image.txt (needs uv)
	$(COMPILE) --group dev -o requirements.txt
	$(COMPILE) --constraint requirements.txt -o requirements-image.txt
