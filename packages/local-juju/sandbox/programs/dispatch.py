"""From a program's name to what stands in for it. Modules are loaded on need: a stand-in starts often."""

from __future__ import annotations

import importlib
import sys

from .machine import Machine

PROGRAMS = {
    "apt-get": "apt:apt_get", "apt": "apt:apt_get", "apt-cache": "apt:apt_cache", "apt-mark": "apt:apt_mark",
    "dpkg-query": "dpkg:dpkg_query", "dpkg": "dpkg:dpkg", "useradd": "accounts:useradd", "groupadd": "accounts:groupadd",
    "usermod": "accounts:usermod", "userdel": "accounts:userdel", "groupdel": "accounts:groupdel", "adduser": "accounts:adduser",
    "addgroup": "accounts:addgroup", "getent": "account_queries:getent", "id": "account_queries:id_", "chown": "ownership:chown",
    "chgrp": "ownership:chgrp", "install": "ownership:install", "runuser": "ownership:runuser", "su": "ownership:runuser",
    "sudo": "ownership:runuser", "setpriv": "ownership:setpriv", "systemd-analyze": "guards:systemd_analyze",
    "systemd-tmpfiles": "guards:systemd_tmpfiles", "service": "guards:service", "invoke-rc.d": "guards:service",
    "reboot": "guards:refused", "poweroff": "guards:refused", "halt": "guards:refused", "shutdown": "guards:refused",
    "hostnamectl": "guards:refused", "timedatectl": "guards:refused", "loginctl": "guards:refused", "sysctl": "guards:refused",
    "update-ca-certificates": "guards:say_nothing", "update-rc.d": "guards:say_nothing", "ldconfig": "guards:say_nothing",
    "curl": "loopback:curl",
    # Not on PATH: of a package, in its own folder.
    "check_http": "plugins:check_http",
}  # fmt: skip


def main(directory: str, name: str, args: list[str]) -> int:
    module, _, function = PROGRAMS[name].partition(":")
    program = getattr(importlib.import_module(f"{__package__}.{module}"), function)
    if function == "refused":
        program = program(name)
    code: int = program(Machine(directory), args)
    sys.stdout.flush()
    return code
