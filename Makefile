# What the charm's guide types. With Juju installed these drive it; without, the local model of this clone.
# JUJU="npx wsgi-charm local" chooses the local model where both are there.

APP ?= wsgi-example
PORT ?= 8080
UNITS ?= 2
# Programs of the checks, which a unit that no NRPE is related to has to install itself.
PLUGINS ?= monitoring-plugins-basic
CHARM ?= ./dist/charm
JUJU ?= $(if $(shell command -v juju),juju,npx wsgi-charm local)
# Both are given the same words; a charm for a real Juju is packed, so that its modes and links reach it as they are.
PACKED = $(if $(filter juju,$(JUJU)),pack,build)

.PHONY: deploy curl nagios destroy test

deploy:
	npm run --silent $(PACKED)
	$(JUJU) deploy $(if $(filter pack,$(PACKED)),./dist/wsgi_*.charm,$(CHARM)) $(APP) -n $(UNITS) --config port=$(PORT) --config apt_dependencies=$(PLUGINS)

curl:
	@JUJU="$(JUJU)" node scripts/run.mjs ask-units $(APP) "curl -s http://localhost:$(PORT)"

nagios:
	@JUJU="$(JUJU)" node scripts/run.mjs ask-units $(APP) --action check

destroy:
	$(JUJU) remove-application $(APP)

test:
	npm test
