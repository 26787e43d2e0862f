"""Read URLs of caches and brokers as applications do: a JSON list on stdin, what each library makes of it on stdout."""

import json
import sys

import dj_email_url
import environ
import kombu
import pika
import redis
import valkey
from kombu.utils.url import parse_url


def redis_py(url):
    return pool(redis.ConnectionPool.from_url(url))


def valkey_py(url):
    return pool(valkey.ConnectionPool.from_url(url.replace("redis", "valkey", 1)))


def pool(found):
    keys = found.connection_kwargs
    return {
        "user": keys.get("username", ""),
        "password": keys["password"],
        "host": keys["host"],
        "port": keys["port"],
        "options": {name: value for name, value in keys.items() if name in ("ssl_cert_reqs", "ssl_ca_certs")},
    }


def celery(url):
    found = parse_url(url)
    options = dict(found.get("ssl", {}))
    if "ssl_cert_reqs" in options:
        options["ssl_cert_reqs"] = options["ssl_cert_reqs"].name.removeprefix("CERT_").lower()
    return {
        "user": found["userid"] or "",
        "password": found["password"],
        "host": found["hostname"],
        "port": found["port"],
        "options": options,
    }


def kombu_amqp(url):
    found = kombu.Connection(url)
    return {
        "user": found.userid,
        "password": found.password,
        "host": found.hostname,
        "port": found.port,
        "path": found.virtual_host,
        "options": {},
    }


def pika_amqp(url):
    found = pika.URLParameters(url)
    return {
        "user": found.credentials.username,
        "password": found.credentials.password,
        "host": found.host,
        "port": found.port,
        "path": found.virtual_host,
        "options": {},
    }


def django_environ(url):
    return mail(environ.Env.email_url_config(url))


def dj_email(url):
    return mail(dj_email_url.parse(url))


def mail(found):
    return {
        "user": found["EMAIL_HOST_USER"] or "",
        "password": found["EMAIL_HOST_PASSWORD"],
        "host": found["EMAIL_HOST"],
        "port": found["EMAIL_PORT"],
        "options": {name: "True" for name in ("tls", "ssl") if found.get(f"EMAIL_USE_{name.upper()}")},
    }


READERS = {"redis": [redis_py, valkey_py, celery], "amqp": [kombu_amqp, pika_amqp], "smtp": [django_environ, dj_email]}


def read(url):
    readers = next(readers for scheme, readers in READERS.items() if url.startswith(scheme))
    return {reader.__name__: reader(url) for reader in readers}


json.dump([read(url) for url in json.load(sys.stdin)], sys.stdout)
