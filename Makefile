# Varde. `make` alone explains what there is; the work is in scripts/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help up build deps test test-deps format lint types screenshots benchmark clean

# Where `varde up` keeps its data, and more options for it: make up DATA=/tmp/try OPTIONS="--console :8090"
DATA ?= .varde
OPTIONS ?=
# What `make test` is asked to run: make test FILTER=KubeModelTests
FILTER ?=

help:
	@printf '%s\n' \
	  'Varde delivers what is in Git to every Kubernetes cluster, and shows it while it happens.' \
	  '' \
	  '  make up           build what is missing and start it: console, API, five small clusters' \
	  '  make build        build the release binary, .tools/bin/varde' \
	  '  make deps         install what building and running need' \
	  '  make test         install what the tests need, and run all of them (FILTER=name for some)' \
	  '  make format       format the sources' \
	  '  make lint         check the format of the sources' \
	  '  make types        check the types of the console'"'"'s modules' \
	  '  make benchmark    measure the release build, as Benchmarks/ says' \
	  '  make screenshots  take pictures of the console in a real browser, into screenshots/' \
	  '  make clean        remove what was built (not the data in .varde)' \
	  '' \
	  'DATA=DIR and OPTIONS="…" are passed on to varde up, as in: make up OPTIONS="--console :8090"'

up: build
	@exec scripts/up "$(DATA)" $(OPTIONS)

build: deps
	@scripts/build

deps:
	@scripts/deps run

test-deps:
	@scripts/deps test

test: test-deps
	@scripts/test $(FILTER)

format:
	@scripts/format

lint:
	@scripts/lint

types: test-deps
	@scripts/types

screenshots: build
	@scripts/deps test
	@scripts/screenshots

benchmark: build
	@scripts/benchmark

clean:
	rm -rf .build .tools/bin/varde screenshots
