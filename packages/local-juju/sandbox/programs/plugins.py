"""Plugins of monitoring-plugins, where the host has none: a stand-in for the one that asks for a page."""

from __future__ import annotations

import errno
import getopt
import http.client
import os
import time

from .loopback import endpoint
from .machine import Machine, fail, say

PACKAGES = ("monitoring-plugins-basic", "monitoring-plugins", "nagios-plugins-basic", "nagios-plugins")
_OK, _WARNING, _CRITICAL, _UNKNOWN = 0, 1, 2, 3
_TIMEOUT = 10


def place(machine: Machine) -> None:
    """What a package of plugins brings to a machine whose host has none of them."""
    link = machine.path("usr/lib/nagios/plugins/check_http")
    if not os.path.lexists(link):
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(os.path.join(machine.bin, ".program.py"), link)


def check_http(machine: Machine, args: list[str]) -> int:
    """check_http(1), of its options -I -p -H -u -e and -s. Its words and exit codes, and that it is not the real one."""
    try:
        given = dict(getopt.getopt(args, "I:p:H:u:e:s:")[0])
    except getopt.GetoptError as problem:
        return fail(f"HTTP UNKNOWN - the sandbox's stand-in for check_http: {problem}", _UNKNOWN)
    code, text = _check(machine, given)
    say(f"{text} (stand-in for check_http)")
    return code


def _check(machine: Machine, given: dict[str, str]) -> tuple[int, str]:
    host = given.get("-H", given.get("-I", "localhost"))
    port = int(given.get("-p", "80"))
    path = given.get("-u", "/")
    address = given.get("-I", host)
    started = time.monotonic()
    try:
        connection = http.client.HTTPConnection(*_place(machine, address, port), timeout=_TIMEOUT)
        named = host if port == 80 else f"{host}:{port}"
        connection.request("GET", path, headers={"Host": named, "User-Agent": "check_http", "Connection": "close"})
        answer = connection.getresponse()
        body = answer.read()
    except TimeoutError:
        return _CRITICAL, f"CRITICAL - Socket timeout after {_TIMEOUT} seconds"
    except OSError as problem:
        return _CRITICAL, f"connect to address {address} and port {port}: {problem.strerror}"
    except http.client.HTTPException:
        return _CRITICAL, f"HTTP CRITICAL - Invalid HTTP response received from host on port {port}"
    line = f"HTTP/1.{answer.version % 10} {answer.status} {answer.reason}"
    took = f"{len(body)} bytes in {time.monotonic() - started:.3f} second response time"
    wanted = given.get("-e")
    if wanted is not None and not any(part in line for part in wanted.split(",")):
        return _CRITICAL, f"HTTP CRITICAL - Invalid HTTP response received from host on port {port}: {line}"
    if wanted is None and answer.status >= 500:
        return _CRITICAL, f"HTTP CRITICAL: {line} - {took}"
    if wanted is None and answer.status >= 400:
        return _WARNING, f"HTTP WARNING: {line} - {took}"
    if given.get("-s", "").encode() not in body:
        return _CRITICAL, f"HTTP CRITICAL: {line} - string '{given['-s']}' not found on 'http://{named}{path}' - {took}"
    return _OK, f"HTTP OK: {line} - {took}"


def _place(machine: Machine, address: str, port: int) -> tuple[str, int]:
    """Localhost is the machine, not the computer that it runs on."""
    if address not in ("localhost", "127.0.0.1"):
        return address, port
    host, _, real = endpoint(machine, str(port)).partition(" ")
    if not real:
        raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
    return host, int(real)
