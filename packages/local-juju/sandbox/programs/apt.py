"""apt-get(8) and apt-cache(8): the same words and exit codes; packages are put on record, never onto the host."""

from __future__ import annotations

import getopt
import time

from .machine import Machine, fail, say
from .packages import candidate, installed_version, is_name, really_installed, record, recorded
from .plugins import PACKAGES as PLUGINS
from .plugins import place

_LONG = (
    "yes assume-yes quiet= option= no-install-recommends no-install-suggests install-recommends fix-missing "
    "fix-broken force-yes allow-downgrades allow-unauthenticated only-upgrade reinstall purge auto-remove "
    "autoremove download-only simulate dry-run target-release= no-upgrade allow-change-held-packages"
).split()
_LOCK = "/var/lib/dpkg/lock-frontend"


def apt_get(machine: Machine, args: list[str]) -> int:
    try:
        given, words = getopt.gnu_getopt([a for a in args if a not in ("-qq", "--quiet")], "yqfmdso:t:V", _LONG)
    except getopt.GetoptError as problem:
        return fail(f"E: Command line option {problem.opt!r} is not understood in combination with the other options", 100)
    options = dict(value.partition("=")[::2] for name, value in given if name in ("-o", "--option"))
    verb, *names = words or ["help"]
    if machine.fault("apt-hangs") is not None:
        while machine.fault("apt-hangs") is not None:
            time.sleep(0.05)
    if verb == "update":
        return _update(machine)
    if verb in ("install", "remove", "purge", "autoremove", "upgrade", "dist-upgrade", "full-upgrade"):
        refused = _locked(machine, options)
        if refused:
            return refused
        return _install(machine, names) if verb == "install" else _remove(machine, names)
    if verb in ("clean", "autoclean", "check"):
        return 0
    return fail(f"E: Invalid operation {verb}", 100)


def _update(machine: Machine) -> int:
    if machine.fault("apt-index-unreachable") is not None:
        # apt-get update itself ends with 0 when it could fall back on old lists.
        say("Reading package lists... Done")
        return fail(
            "W: Failed to fetch the index  Temporary failure resolving the host\n"
            "W: Some index files failed to download. They have been ignored, or old ones used instead.",
            0,
        )
    say("Reading package lists... Done")
    return 0


def _locked(machine: Machine, options: dict[str, str]) -> int:
    patience = float(options.get("DPkg::Lock::Timeout") or options.get("Dpkg::Lock::Timeout") or 0)
    deadline = time.monotonic() + patience if patience >= 0 else float("inf")
    holder = machine.fault("dpkg-locked")
    while holder is not None:
        if time.monotonic() >= deadline:
            who = holder or "process 1 (unattended-upgr)"
            return fail(
                f"E: Could not get lock {_LOCK}. It is held by {who}\n"
                f"E: Unable to acquire the dpkg frontend lock ({_LOCK}), is another process using it?",
                100,
            )
        time.sleep(0.05)
        holder = machine.fault("dpkg-locked")
    if machine.fault("dpkg-interrupted") is not None:
        return fail("E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.", 100)
    return 0


def _install(machine: Machine, names: list[str]) -> int:
    say("Reading package lists...\nBuilding dependency tree...\nReading state information...")
    versions: dict[str, str] = {}
    unknown: list[str] = []
    for name in names:
        plain = name.partition("=")[0]
        version = candidate(machine, plain) if is_name(plain) else None
        if version is None:
            unknown.append(name)
        else:
            versions[plain] = version
    if unknown:
        return fail("\n".join(f"E: Unable to locate package {name}" for name in unknown), 100)
    missing = [name for name in versions if installed_version(machine, name) is None]
    for name in versions:
        if name not in missing:
            say(f"{name} is already the newest version ({versions[name]}).")
    if missing and machine.fault("apt-index-unreachable") is not None:
        return fail(
            "".join(f"E: Failed to fetch {name}  Temporary failure resolving the host\n" for name in missing)
            + "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?",
            100,
        )
    broken = machine.fault("dpkg-fails")
    for name in missing:
        if broken is not None and (not broken or name in broken.split()):
            return fail(
                f"Errors were encountered while processing:\n {name}\nE: Sub-process /usr/bin/dpkg returned an error code (1)",
                100,
            )
        if not really_installed(machine, name):
            say(f"{name}: on record only; the sandbox cannot install what the host has not.")
        say(f"Setting up {name} ({versions[name]}) ...")
        record(machine, name, versions[name])
    if any(name in PLUGINS for name in versions):
        place(machine)
    say(f"0 upgraded, {len(missing)} newly installed, 0 to remove and 0 not upgraded.")
    return 0


def _remove(machine: Machine, names: list[str]) -> int:
    for name in names:
        if installed_version(machine, name) is not None:
            say(f"Removing {name} ...")
            record(machine, name, "")
    return 0


def apt_cache(machine: Machine, args: list[str]) -> int:
    words = [arg for arg in args if not arg.startswith("-")]
    verb, *names = words or ["help"]
    if verb not in ("show", "policy", "madison"):
        return machine.run_host("apt-cache", args)
    code = 0
    for name in names:
        version = candidate(machine, name) if is_name(name) else None
        if version is None:
            code = 100 if verb == "show" else code
            if verb == "show":
                fail(f"N: Unable to locate package {name}\nE: No packages found")
            continue
        if verb == "policy":
            say(f"{name}:\n  Installed: {installed_version(machine, name) or '(none)'}\n  Candidate: {version}")
        elif verb == "show":
            say(f"Package: {name}\nVersion: {version}\n")
        else:
            say(f"{name} | {version} | sandbox")
    return code


def apt_mark(machine: Machine, args: list[str]) -> int:
    if args[:1] == ["showmanual"]:
        say("\n".join(name for name, version in recorded(machine).items() if version))
    return 0
