"""What related applications ask for, and what they are told."""

import secrets
import string

import hooktools
from cluster import literal, name

# Every kind of character that a client may forget to encode or to quote.
PASSWORD_CHARACTERS = string.ascii_letters + string.digits + "@:/?#%&+=' \\\"$ü語"


def serve(cluster):
    """Makes the databases that are asked for, lets their users in and publishes both; returns how many."""
    known = cluster.state["clients"]
    clients = {}
    for endpoint in ("db", "database"):
        for relation in hooktools.relation_ids(endpoint):
            wanted = asked(endpoint, relation)
            if wanted is not None:
                clients[relation] = {"endpoint": endpoint, **credentials(known.get(relation, {}), relation, wanted)}
            elif relation in known and hooktools.broken_relation() != relation:
                clients[relation] = known[relation]
    for relation in known.keys() - clients.keys():
        lock_out(cluster, known[relation])
    cluster.state["clients"] = clients
    cluster.save()
    for client in clients.values():
        create(cluster, client)
    cluster.admit(clients.values())
    for relation, client in clients.items():
        publish(cluster, relation, client)
    return len(clients)


def asked(endpoint, relation):
    """The database and extensions; None while nobody is there or nothing is asked."""
    app = hooktools.remote_app(relation)
    units = hooktools.remote_units(relation)
    bags = [hooktools.relation_get(relation, app, app=True)]
    if endpoint == "db":
        bags += [hooktools.relation_get(relation, unit) for unit in units]
    bag = next((bag for bag in bags if bag.get("database")), None)
    if bag is None or not units:
        return None
    return {
        "database": bag["database"],
        "roles": split(bag.get("roles")),
        "extensions": split(bag.get("extensions")),
        "secrets": bool(bag.get("requested-secrets")),
    }


def credentials(known, relation, wanted):
    return {
        **wanted,
        "user": "relation-" + relation.rpartition(":")[2],
        "password": known.get("password") or new_password(),
        "secret": known.get("secret"),
        "told": known.get("told"),
    }


def create(cluster, client):
    user, database = client["user"], client["database"]
    exists = cluster.sql(f"select 1 from pg_roles where rolname = {literal(user)}")
    verb = "alter" if exists else "create"
    cluster.sql(f"{verb} role {name(user)} login password {literal(client['password'])}")
    if not cluster.sql(f"select 1 from pg_database where datname = {literal(database)}"):
        cluster.sql(f"create database {name(database)}")
    # Tables belong to the database's owner and not to a relation's user: those of the next relation are to have them too.
    owner = f"owner of {database}"
    if not cluster.sql(f"select 1 from pg_roles where rolname = {literal(owner)}"):
        cluster.sql(f"create role {name(owner)}")
    cluster.sql(f"alter database {name(database)} owner to {name(owner)}")
    cluster.sql(f"grant {name(owner)} to {name(user)}")
    cluster.sql(f"alter role {name(user)} in database {name(database)} set role to {literal(owner)}")
    for role in client["roles"]:
        if not cluster.sql(f"select 1 from pg_roles where rolname = {literal(role)}"):
            cluster.sql(f"create role {name(role)}")
        cluster.sql(f"grant {name(role)} to {name(user)}")
    for extension in client["extensions"]:
        cluster.sql(f"create extension if not exists {name(extension.split(':')[0])}", database)


def lock_out(cluster, client):
    """The user of a relation that is gone cannot log in any more; the database stays."""
    cluster.sql(f"alter role {name(client['user'])} nologin")
    end_connections(cluster, client)


def publish(cluster, relation, client):
    if client["endpoint"] == "db":
        publish_pgsql(cluster, relation, client)
    else:
        publish_postgresql_client(cluster, relation, client)


def publish_pgsql(cluster, relation, client):
    units = hooktools.remote_units(relation)
    egress = [hooktools.relation_get(relation, unit).get("egress-subnets", "") for unit in units]
    values = {
        "host": cluster.host,
        "port": cluster.primary.port,
        "database": client["database"],
        "user": client["user"],
        "password": client["password"],
        "schema_user": client["user"],
        "schema_password": client["password"],
        "roles": ",".join(client["roles"]),
        "extensions": ",".join(client["extensions"]),
        "version": cluster.version,
        "state": "master",
        "master": dsn(cluster.primary, client),
        "standbys": dsn(cluster.standby, client),
        "allowed-units": " ".join(sorted(units)),
        "allowed-subnets": ",".join(sorted({subnet for text in egress for subnet in split(text)})),
    }
    hooktools.relation_set(relation, values)
    hooktools.relation_set(relation, values, app=True)


def publish_postgresql_client(cluster, relation, client):
    private = {"username": client["user"], "password": client["password"]}
    if cluster.certificate:
        private |= {"tls": "True", "tls-ca": cluster.certificate}
    values = {
        "endpoints": endpoint(cluster.primary),
        "read-only-endpoints": endpoint(cluster.standby),
        "database": client["database"],
        "version": cluster.version,
    }
    if not client["secrets"] or not hooktools.has_secrets():
        values |= private
    elif client["secret"] is None:
        client |= {"secret": hooktools.secret_add(relation, private), "told": private}
        cluster.save()
    elif client["told"] != private:
        hooktools.secret_set(client["secret"], private)
        client["told"] = private
        cluster.save()
    if client["secret"]:
        values["secret-user"] = client["secret"]
    hooktools.relation_set(relation, values, app=True)


def rotate_passwords(cluster, disconnect):
    for client in cluster.state["clients"].values():
        client["password"] = new_password()
    cluster.save()
    count = serve(cluster)
    if disconnect:
        for client in cluster.state["clients"].values():
            end_connections(cluster, client)
    return count


def end_connections(cluster, client):
    cluster.sql(f"select pg_terminate_backend(pid) from pg_stat_activity where usename = {literal(client['user'])}")


def new_password():
    return "".join(secrets.choice(PASSWORD_CHARACTERS) for _ in range(32))


def dsn(server, client):
    fields = {"host": server.host, "dbname": client["database"], "port": server.port}
    fields |= {"user": client["user"], "password": client["password"]}
    return " ".join(f"{key}={quoted(str(value))}" for key, value in fields.items())


def quoted(value):
    """libpq's quoting."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'" if " " in value or value == "" else escaped


def endpoint(server):
    return f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"


def split(text):
    return [item for item in (text or "").replace(",", " ").split() if item]
