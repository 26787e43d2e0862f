# The commands of the charm's own guide, against Juju or, with JUJU="npx wsgi-charm local", against the local model.

JUJU ?= juju
APP ?= wsgi-example
CHARM ?= ./dist/wsgi_amd64.charm

.PHONY: deploy curl nagios test

$(CHARM):
	npm run pack

deploy: $(CHARM)
	$(JUJU) deploy $(CHARM) $(APP)

curl:
	$(JUJU) exec --application $(APP) "curl -s http://localhost:$$($(JUJU) config $(APP) port)"

nagios:
	$(JUJU) run $(APP)/leader check

test:
	npm test
