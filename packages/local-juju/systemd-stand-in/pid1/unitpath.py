"""Where unit files are, and what enable, disable and mask do to them."""

from __future__ import annotations

import os
from collections.abc import Iterable

from .unitfile import UnitFile, is_masked, parse_into

FOLDERS = (
    "etc/systemd/system",
    "run/systemd/system",
    "run/systemd/transient",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
)
SUFFIXES = (".service", ".socket", ".target", ".timer", ".path", ".mount", ".slice", ".scope")


def with_suffix(name: str) -> str:
    """`gunicorn3` means `gunicorn3.service`, as systemctl has it."""
    return name if name.endswith(SUFFIXES) else f"{name}.service"


def template_of(name: str) -> str | None:
    stem, _, suffix = name.rpartition(".")
    prefix, separator, instance = stem.partition("@")
    return f"{prefix}@.{suffix}" if separator and instance else None


class UnitPath:
    def __init__(self, root: str, version: int) -> None:
        self.version = version
        self.folders = [os.path.join(root, folder) for folder in FOLDERS]
        self.etc = self.folders[0]
        self.run = self.folders[1]
        self.transient = self.folders[2]

    def find(self, name: str) -> str | None:
        for candidate in (name, template_of(name)):
            for folder in self.folders:
                path = os.path.join(folder, candidate) if candidate else ""
                if candidate and os.path.lexists(path):
                    return path
        return None

    def load(self, name: str) -> UnitFile:
        path = self.find(name)
        unit = UnitFile(name, path)
        if path and is_masked(path):
            unit.masked = True
            return unit
        # A link to a unit of another name (Alias=) is that unit's file.
        if path:
            parse_into(unit, path)
        # Up to systemd 252, a folder that is made later does not count as a change.
        folders = self._drop_in_folders(name)
        unit.drop_in_folders = [folder for folder in folders if os.path.isdir(folder)] if self.version <= 252 else folders
        unit.drop_ins = self.drop_ins(unit.drop_in_folders)
        for drop_in in unit.drop_ins:
            parse_into(unit, drop_in)
        for kind in ("wants", "requires"):
            linked = list(self._linked(f"{name}.{kind}"))
            if linked:
                section = unit.sections.setdefault("Unit", {})
                section.setdefault("Wants" if kind == "wants" else "Requires", []).extend(linked)
        unit.stamp = self.stamp(unit)
        return unit

    def stamp(self, unit: UnitFile) -> tuple[object, ...]:
        """Changes when a daemon-reload is needed."""
        paths = [path for path in (unit.fragment, *unit.drop_ins) if path]
        return (self.find(unit.name), *self.drop_ins(unit.drop_in_folders), *(_mtime(path) for path in paths))

    def _drop_in_folders(self, name: str) -> list[str]:
        """From the least to the most specific."""
        kind = name.rpartition(".")[2]
        names = [f"{kind}.d", *([f"{template_of(name)}.d"] if template_of(name) else []), f"{name}.d"]
        return [os.path.join(folder, drop_ins) for drop_ins in names for folder in reversed(self.folders)]

    @staticmethod
    def drop_ins(folders: list[str]) -> list[str]:
        """Their files in the order of their names; of two with one name the more specific counts."""
        found = {file: os.path.join(folder, file) for folder in folders for file in _names(folder) if file.endswith(".conf")}
        return [found[file] for file in sorted(found) if not is_masked(found[file])]

    def _linked(self, folder_name: str) -> Iterable[str]:
        for folder in self.folders:
            yield from (name for name in _names(os.path.join(folder, folder_name)) if name.endswith(SUFFIXES))

    def all_names(self) -> list[str]:
        names = {name for folder in self.folders for name in _names(folder) if name.endswith(SUFFIXES)}
        return sorted(names)

    # What `systemctl enable` and the like do; each returns the lines that it would print.

    def install_targets(self, unit: UnitFile) -> list[tuple[str, str]]:
        """Links of the [Install] section: path of the link, what it points at."""
        links: list[tuple[str, str]] = []
        for alias in " ".join(unit.all("Install", "Alias")).split():
            links.append((os.path.join(self.etc, alias), unit.fragment or ""))
        for key, kind in (("WantedBy", "wants"), ("RequiredBy", "requires")):
            for target in " ".join(unit.all("Install", key)).split():
                links.append((os.path.join(self.etc, f"{target}.{kind}", unit.name), unit.fragment or ""))
        return links

    def enable(self, unit: UnitFile) -> list[str]:
        said: list[str] = []
        for link, target in self.install_targets(unit):
            if os.path.islink(link) and os.readlink(link) == target:
                continue
            os.makedirs(os.path.dirname(link), exist_ok=True)
            _unlink(link)
            os.symlink(target, link)
            said.append(self._created(link, target))
        return said

    def disable(self, name: str) -> list[str]:
        said: list[str] = []
        for folder in (self.etc, self.run):
            for holder in [
                *(os.path.join(folder, sub) for sub in _names(folder) if sub.endswith((".wants", ".requires"))),
                folder,
            ]:
                for entry in _names(holder):
                    link = os.path.join(holder, entry)
                    if not os.path.islink(link) or is_masked(link):
                        continue
                    if (entry == name and holder != folder) or (
                        holder == folder and os.path.basename(os.readlink(link)) == name
                    ):
                        os.unlink(link)
                        said.append(self._removed(link))
        return said

    def mask(self, name: str) -> list[str]:
        link = os.path.join(self.etc, name)
        if os.path.lexists(link) and not is_masked(link):
            raise FileExistsError(
                f"Failed to mask unit: File {link} already exists."
                if self.version <= 252
                else f"Failed to mask unit: File '{link}' already exists"
            )
        if os.path.lexists(link):
            return []
        os.makedirs(self.etc, exist_ok=True)
        os.symlink("/dev/null", link)
        return [self._created(link, "/dev/null")]

    def unmask(self, name: str) -> list[str]:
        link = os.path.join(self.etc, name)
        if not is_masked(link):
            return []
        os.unlink(link)
        return [self._removed(link)]

    def _created(self, link: str, target: str) -> str:
        return f"Created symlink {link} → {target}." if self.version <= 252 else f"Created symlink '{link}' → '{target}'."

    def _removed(self, link: str) -> str:
        return f'Removed "{link}".' if self.version <= 252 else f"Removed '{link}'."

    def file_state(self, name: str) -> str | None:
        """What is-enabled says; None when there is no such file."""
        path = self.find(name)
        if path is None:
            return None
        if is_masked(path):
            return "masked" if path.startswith(self.etc) else "masked-runtime"
        if path.startswith(self.transient):
            return "transient"
        links = self.install_targets(self.load(name))
        if not links:
            return "static"
        return "enabled" if any(os.path.lexists(link) for link, _ in links) else "disabled"


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _mtime(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
