"""`python3 -m pid1 DIRECTORY ADDRESS [VERSION]`: boots the machine of a directory in the background; ends once it is up.

Makes the folders that are missing and puts systemctl, journalctl and systemd-run into DIRECTORY/bin.
Exit codes: 0 up, 3 up already, 1 with the reason on stderr.
"""

from __future__ import annotations

import os
import sys
import traceback

from .layout import lay_out
from .machine import AlreadyUp, run


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    if len(arguments) not in (2, 3):
        sys.stderr.write("usage: python3 -m pid1 DIRECTORY ADDRESS [VERSION]\n")
        return 2
    directory, address = os.path.abspath(arguments[0]), arguments[1]
    version = int(arguments[2]) if len(arguments) == 3 else 257
    # What is started here must carry no environment of whoever started it.
    os.environ.clear()
    lay_out(directory)
    return _boot(directory, address, version)


def _boot(directory: str, address: str, version: int) -> int:
    ready, ready_write = os.pipe2(os.O_CLOEXEC)
    if os.fork() == 0:
        os.setsid()
        if os.fork() != 0:
            os._exit(0)
        os.close(ready)
        os.chdir("/")
        os.umask(0o022)
        null = os.open("/dev/null", os.O_RDWR)
        log = os.open(os.path.join(directory, "run/supervisor.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for target, source in enumerate((null, log, log)):
            os.dup2(source, target)
        os.closerange(3, min(ready_write, 3))
        code = 0
        try:
            run(directory, address, version, ready_write)
        except AlreadyUp:
            os.write(ready_write, b"already")
        except BaseException as problem:  # noqa: BLE001 - its reason belongs to whoever boots
            traceback.print_exc()
            code = 1
            try:
                os.write(ready_write, f"!{problem}".encode())
            except OSError:
                pass
        sys.stderr.flush()
        os._exit(code)
    os.close(ready_write)
    said = os.read(ready, 4096)
    if said == b"up":
        return 0
    if said == b"already":
        return 3
    sys.stderr.write(said.decode("utf-8", "replace").lstrip("!") + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
