# What one does with Postroad, from a fresh clone on: Node 20.19 to 24, npm and make are enough.
# Stamp files stand under node_modules and dist only. `make` alone prints the list.

TOPOLOGY ?= topologies/ring-4.yaml
SECONDS ?=
OFFSET ?=
ARGS ?=

up_options = --traffic $(if $(SECONDS),--seconds $(SECONDS)) $(if $(OFFSET),--port-offset $(OFFSET))
installed = node_modules/.postroad-installed

.DEFAULT_GOAL := help
.PHONY: help up test check build bench sim breaks torture real interop clean

help: ## print this list
	@echo 'make <target> [NAME=value …]'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

up: build ## run a whole network with traffic (TOPOLOGY=file SECONDS=n OFFSET=ports)
	node bin/postroad up $(TOPOLOGY) $(up_options)

test: build check ## build, check, and run every test but those of real and interop
	npx ava

check: $(installed) ## lint, formatting and types
	npx biome check --error-on-warnings .
	npx tsc -p tsconfig.json --noEmit
	npx tsc -p sim/page/client

build: $(installed) ## compile to dist/
	npm run --silent build

bench: build ## measure throughput, latency and memory (ARGS='--scenario queue')
	node dist/bench/main.js $(ARGS)

sim: build ## run the simulator (ARGS='--seed 7')
	node dist/sim/main.js $(ARGS)

breaks: build ## break the product on purpose, and see that seeds notice (ARGS='--list')
	node dist/bench/breaks/main.js $(ARGS)

torture: build ## kill and harm real brokers at random; nothing may be lost (ARGS='--seconds 60')
	node dist/bench/torture/main.js $(ARGS)

real: build ## run scenarios on real brokers and compare with the simulator
	npx ava --config real.config.js

interop: build ## run the tests with real clients, installing them if run as root on Debian
	.ci/clients
	npx ava --config interop.config.js

clean: ## remove what was built
	rm -rf dist coverage

# A node_modules that is a link belongs to another work tree, which installs it.
$(installed): package-lock.json
	@if [ -L node_modules ]; then echo 'node_modules is a link: left as it is'; else npm ci; fi
	@touch $@
