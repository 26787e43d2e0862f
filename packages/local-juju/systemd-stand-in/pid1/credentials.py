"""LoadCredential= and SetCredential=: files that only the unit is given. systemd.exec(5), "Credentials"."""

from __future__ import annotations

import os
import shutil

from .exec_config import ExecConfig, ExecProblem


def folder(root: str, unit: str) -> str:
    return os.path.join(root, "run/credentials", unit)


def make_credentials(config: ExecConfig, unit: str) -> dict[str, str]:
    """Returns CREDENTIALS_DIRECTORY, or nothing where there are none."""
    loaded = dict(value.partition(":")[::2] for value in config.unit.all(config.section, "LoadCredential"))
    literal = dict(value.partition(":")[::2] for value in config.unit.all(config.section, "SetCredential"))
    if not loaded and not literal:
        return {}
    place = folder(config.root, unit)
    os.makedirs(place, mode=0o700, exist_ok=True)
    for name, value in literal.items():
        _write(os.path.join(place, name), value.encode())
    for name, source in loaded.items():
        try:
            with open(config.expand(source), "rb") as file:
                _write(os.path.join(place, name), file.read())
        except OSError as problem:
            if name not in literal:
                raise ExecProblem(243, "Failed to set up credentials", problem.strerror or "") from None
    return {"CREDENTIALS_DIRECTORY": place}


def remove_credentials(root: str, unit: str) -> None:
    shutil.rmtree(folder(root, unit), ignore_errors=True)


def _write(path: str, content: bytes) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
    try:
        os.write(fd, content)
    finally:
        os.close(fd)
