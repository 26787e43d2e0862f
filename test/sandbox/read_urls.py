"""Read database URLs as applications do: a JSON list of URLs on stdin, what each library makes of it on stdout."""

import json
import sys

import dj_database_url
import environ
import sqlalchemy
from psycopg.conninfo import conninfo_to_dict
from pymongo.uri_parser import parse_uri


def libpq(url):
    found = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    return {
        "user": found.pop("user"),
        "password": found.pop("password"),
        "hosts": [[found.pop("host"), int(found.pop("port"))]],
        "database": found.pop("dbname"),
        "options": found,
    }


def django(url):
    found = dj_database_url.parse(url)
    return {
        "user": found["USER"],
        "password": found["PASSWORD"],
        "hosts": [[found["HOST"], int(found["PORT"])]],
        "database": found["NAME"],
        "options": {name: str(value) for name, value in found.get("OPTIONS", {}).items()},
    }


def django_environ(url):
    found = environ.Env.db_url_config(url)
    return {
        "user": found["USER"],
        "password": found["PASSWORD"],
        "hosts": [[found["HOST"], int(found["PORT"])]],
        "database": found["NAME"],
        "options": {name: str(value) for name, value in found.get("OPTIONS", {}).items()},
    }


def sqlalchemy_url(url):
    found = sqlalchemy.make_url(url)
    return {
        "user": found.username,
        "password": found.password,
        "hosts": [[found.host, found.port]],
        "database": found.database,
        "options": dict(found.query),
    }


def pymongo(url):
    found = parse_uri(url, warn=False)
    return {
        "user": found["username"],
        "password": found["password"],
        "hosts": [list(node) for node in found["nodelist"]],
        "database": found["database"],
        "options": {name.lower(): str(value) for name, value in found["options"].items()},
    }


def read(url):
    readers = READERS[url.partition(":")[0]]
    return {reader.__name__: reader(url) for reader in readers}


READERS = {
    "mongodb": [pymongo],
    "mysql": [django, django_environ, sqlalchemy_url],
    "postgresql": [libpq, django],
}


json.dump([read(url) for url in json.load(sys.stdin)], sys.stdout)
