#!@PYTHON@ -IS
"""A stand-in that asks the machine's supervisor, as client.pl does; this one hands its own streams over as well."""

import os
import socket
import struct
import sys

DIRECTORY = "@DIRECTORY@"
_VALUED = (
    "-p",
    "-u",
    "-E",
    "--unit",
    "--property",
    "--setenv",
    "--uid",
    "--gid",
    "--working-directory",
    "--description",
    "--slice",
    "--nice",
    "--service-type",
)


def with_environment(args: list[str]) -> list[str]:
    """`--setenv=NAME` takes its value from this process."""
    out: list[str] = []
    command = False
    for at, arg in enumerate(args):
        before = args[at - 1] if at else ""
        if not command and (arg == "--" or not (arg.startswith("-") or before in _VALUED)):
            command = True
        name = arg.removeprefix("--setenv=").removeprefix("-E")
        if not command and arg != name and "=" not in name and name:
            arg = f"{arg}={os.environ.get(name, '')}"
        elif not command and before in ("-E", "--setenv") and "=" not in arg:
            arg = f"{arg}={os.environ.get(arg, '')}"
        out.append(arg)
    return out


def main() -> int:
    name = os.path.basename(sys.argv[0])
    args = with_environment(sys.argv[1:]) if name == "systemd-run" else sys.argv[1:]
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        folder = os.open(os.path.join(DIRECTORY, "run"), os.O_PATH)
        connection.connect(f"/proc/self/fd/{folder}/control")
    except OSError:
        sys.stderr.write("System has not been booted with systemd as init system (PID 1). Can't operate.\n")
        return 1
    data = b"".join(os.fsencode(field) + b"\0" for field in (name, os.getcwd(), *args))
    sent = socket.send_fds(connection, [data[:4096]], [0, 1, 2])
    connection.sendall(data[sent:])
    connection.shutdown(socket.SHUT_WR)
    buffer = b""
    while True:
        while len(buffer) >= 5:
            kind, length = struct.unpack(">cI", buffer[:5])
            if len(buffer) < 5 + length:
                break
            text, buffer = buffer[5 : 5 + length], buffer[5 + length :]
            if kind == b"x":
                return int(text)
            os.write(1 if kind == b"o" else 2, text)
        data = connection.recv(65536)
        if not data:
            sys.stderr.write(f"{name}: the machine was stopped\n")
            return 1
        buffer += data


sys.exit(main())
