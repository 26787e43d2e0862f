"""Juju's hook tools, as far as this charm needs them."""

import json
import os
import subprocess
import tempfile


def run(*argv, stdin=None):
    """Runs a tool; what it says on stderr ends up in the log."""
    done = subprocess.run(argv, input=stdin, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def ask(tool, *args):
    return json.loads(run(tool, "--format=json", *args) or "null")


def config():
    return ask("config-get")


def is_leader():
    return ask("is-leader")


def address():
    return ask("network-get", "db")["ingress-addresses"][0]


def action_param(name):
    return ask("action-get", name)


def status(name, message):
    run("status-set", name, message)


def relation_ids(endpoint):
    return ask("relation-ids", endpoint) or []


def broken_relation():
    """The relation that is going in this hook: it is still listed, though nothing of it is left."""
    broken = os.environ["JUJU_DISPATCH_PATH"].endswith("-relation-broken")
    return os.environ["JUJU_RELATION_ID"] if broken else None


def remote_app(relation):
    return ask("relation-list", "-r", relation, "--app")


def remote_units(relation):
    return ask("relation-list", "-r", relation) or []


def relation_get(relation, entity, app=False):
    return ask("relation-get", "-r", relation, *(["--app"] if app else []), "-", entity) or {}


def relation_set(relation, values, app=False):
    """Values go through stdin, for passwords are among them."""
    data = json.dumps({key: str(value) for key, value in values.items()})
    run("relation-set", "-r", relation, *(["--app"] if app else []), "--file", "-", stdin=data)


def has_secrets():
    return any(os.access(os.path.join(folder, "secret-add"), os.X_OK) for folder in os.environ["PATH"].split(":"))


def secret_add(relation, content):
    """A secret of this application that the other side of the relation may read; returns its URI."""
    uri = _with_file(content, "secret-add", "--owner", "application").strip()
    run("secret-grant", uri, "-r", relation)
    return uri


def secret_set(uri, content):
    """A new revision; the readers are told by secret-changed."""
    _with_file(content, "secret-set", uri)


def _with_file(content, *argv):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(content, file)
        file.flush()
        return run(*argv, "--file", file.name)
