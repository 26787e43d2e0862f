"""`python3 -IS boot.py DIRECTORY ADDRESS SYSTEMD`: boots the machine of that directory in the background; ends once it is up.

Exit codes: 0 up, 3 up already, 1 with the reason on stderr.
"""

import os
import sys

_home = os.environ.get("HOME")
_cache = os.environ.get("XDG_CACHE_HOME") or (os.path.join(_home, ".cache") if _home else None)
if _cache:
    sys.pycache_prefix = os.path.join(_cache, "layer-wsgi", "python")
else:
    sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def main(directory: str, address: str, version: int) -> int:
    from pid1.machine import AlreadyUp, run

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
            import traceback

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


# What is started here must carry no environment of whoever started it.
_directory, _address, _version = sys.argv[1:4]
os.environ.clear()
sys.exit(main(_directory, _address, int(_version)))
