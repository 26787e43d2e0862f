"""How a unit's processes are run: environment, directories, limits, streams. systemd.exec(5), systemd.kill(5)."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field

from . import values
from .environment import BadEnvironmentFile, parse_assignments, parse_file
from .unitfile import UnitFile
from .users import User
from .words import SyntaxProblem, split, split_leading

_KINDS = {"State": "var/lib", "Runtime": "run", "Logs": "var/log", "Cache": "var/cache", "Configuration": "etc"}
_LIMITS = {
    name: getattr(resource, f"RLIMIT_{name}")
    for name in ("NOFILE", "CORE", "NPROC", "AS", "FSIZE", "CPU", "STACK", "DATA", "MEMLOCK")
}


class ExecProblem(Exception):
    """A process that cannot be started. `code` is what systemd lets it exit with; -1 when it is not even forked."""

    def __init__(self, code: int, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.code = code
        self.reason = reason


@dataclass
class Directory:
    variable: str
    mode: int
    paths: list[str]
    links: list[tuple[str, str]]


@dataclass
class ExecConfig:
    root: str
    section: str
    unit: UnitFile
    expand: Callable[[str], str]
    user: str
    group: str
    umask: int
    working_directory: str
    directories: list[Directory] = field(default_factory=list)
    preserve_runtime: str = "no"

    def words(self, key: str) -> list[str]:
        found: list[str] = []
        for value in self.unit.all(self.section, key):
            try:
                found += [self.expand(word) for word in split(value, relax=True)]
            except SyntaxProblem:
                continue
        return found

    def last(self, key: str, default: str = "") -> str:
        value = self.unit.last(self.section, key)
        return default if value is None else value

    def flag(self, key: str, default: bool) -> bool:
        value = self.unit.last(self.section, key)
        return default if value is None else values.boolean(value)

    def limits(self) -> dict[int, tuple[int, int]]:
        found: dict[int, tuple[int, int]] = {}
        for name, number in _LIMITS.items():
            value = self.unit.last(self.section, f"Limit{name}")
            if value:
                soft, _, hard = value.partition(":")
                highest = resource.getrlimit(number)[1]
                wanted = [values.size(soft), values.size(hard or soft)]
                found[number] = tuple(highest if w < 0 or (0 <= highest < w) else w for w in wanted)  # type: ignore[assignment]
        return found

    def make_directories(self) -> dict[str, str]:
        """Makes StateDirectory= and its siblings; returns STATE_DIRECTORY and so on."""
        exported: dict[str, str] = {}
        for directory in self.directories:
            for path in directory.paths:
                try:
                    os.makedirs(path, exist_ok=True)
                    os.chmod(path, directory.mode)
                except OSError as problem:
                    kind = directory.variable
                    code = next(c for c, n in values.EXIT_NAMES.items() if n == kind)
                    raise ExecProblem(
                        code, f"Failed to set up {kind.lower().replace('_', ' ')}", problem.strerror or ""
                    ) from None
            for link, target in directory.links:
                if not os.path.lexists(link):
                    os.makedirs(os.path.dirname(link), exist_ok=True)
                    os.symlink(os.path.relpath(target, os.path.dirname(link)), link)
            exported[directory.variable] = ":".join(directory.paths)
        return exported

    def remove_runtime_directories(self) -> None:
        for directory in self.directories:
            if directory.variable == "RUNTIME_DIRECTORY":
                for path in directory.paths:
                    shutil.rmtree(path, ignore_errors=True)

    def environment(self, user: User | None, note: Callable[[str], None]) -> dict[str, str]:
        """Variables of the unit file and its environment files, which win. Raises ExecProblem for a file that must be there."""
        found: dict[str, str] = {}
        if user is not None and self.user:
            found = {"HOME": user.home, "LOGNAME": user.name, "USER": user.name, "SHELL": user.shell}
        words: list[str] = []
        for value in self.unit.all(self.section, "Environment"):
            leading, rest = split_leading(value)
            words += [self.expand(word) for word in leading]
            if rest:
                note("Invalid syntax in Environment=, ignoring the rest of it")
        good, bad = parse_assignments(words)
        for word in bad:
            note(f"Invalid environment assignment, ignoring: {word.partition('=')[0]}")
        found |= good
        found |= self._passed()
        for value in self.unit.all(self.section, "EnvironmentFile"):
            optional = value.startswith("-")
            path = self.expand(value.removeprefix("-"))
            try:
                with open(path, "rb") as file:
                    content = file.read()
                good, bad = parse_file(content)
            except (OSError, BadEnvironmentFile) as problem:
                if optional:
                    continue
                reason = problem.strerror if isinstance(problem, OSError) else str(problem)
                raise ExecProblem(-1, "Failed to load environment files", reason or "") from None
            for name in bad:
                note(f"Ignoring invalid environment assignment '{name}' in {path}")
            found |= good
        return found

    def _passed(self) -> dict[str, str]:
        return {name: os.environ[name] for name in self.words("PassEnvironment") if name in os.environ}

    def without_unset(self, environment: dict[str, str]) -> dict[str, str]:
        kept = dict(environment)
        for word in self.words("UnsetEnvironment"):
            name, separator, value = word.partition("=")
            if name in kept and (not separator or kept[name] == value):
                del kept[name]
        return kept


def exec_config(root: str, section: str, unit: UnitFile, expand: Callable[[str], str]) -> ExecConfig:
    def last(key: str, default: str) -> str:
        value = unit.last(section, key)
        return default if value is None else value

    config = ExecConfig(
        root,
        section,
        unit,
        expand,
        user=expand(last("User", "")),
        group=expand(last("Group", "")),
        umask=values.mode(last("UMask", "0022")),
        working_directory=expand(last("WorkingDirectory", "")),
        preserve_runtime=last("RuntimeDirectoryPreserve", "no"),
    )
    for kind, folder in _KINDS.items():
        words = [expand(word) for value in unit.all(section, f"{kind}Directory") for word in split(value)]
        if words:
            paths: list[str] = []
            links: list[tuple[str, str]] = []
            for word in words:
                path, *others = word.split(":")
                paths.append(os.path.join(root, folder, path))
                links += [(os.path.join(root, folder, other), paths[-1]) for other in others if other]
            mode = values.mode(last(f"{kind}DirectoryMode", "0755"))
            config.directories.append(Directory(f"{kind.upper()}_DIRECTORY", mode, paths, links))
    return config
