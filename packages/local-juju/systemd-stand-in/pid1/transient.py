"""The unit file of a transient service, from the options of systemd-run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .words import split

if TYPE_CHECKING:
    from .control import Request
    from .options import Options


def service_text(options: Options, request: Request) -> str:
    unit = [f"Description={options.last('--description') or ' '.join(options.rest)}".replace("\n", " ").replace("%", "%%")]
    service = [f"ExecStart={' '.join(_quoted(word) for word in options.rest)}"]
    service += [f"Environment={_quoted(value)}" for value in options.all("-E", "--setenv")]
    for option, key in (("--uid", "User"), ("--gid", "Group"), ("--nice", "Nice"), ("--service-type", "Type")):
        value = options.last(option)
        if value is not None:
            service.append(f"{key}={value}")
    directory = request.cwd if options.has("-d", "--same-dir") else options.last("--working-directory")
    if directory:
        service.append(f"WorkingDirectory={directory.replace('%', '%%')}")
    if options.has("-r", "--remain-after-exit"):
        service.append("RemainAfterExit=yes")
    for given in options.all("-p", "--property"):
        key, _, value = given.partition("=")
        is_unit = key in (
            "Description",
            "After",
            "Before",
            "Requires",
            "Wants",
            "BindsTo",
            "PartOf",
            "Conflicts",
            "OnFailure",
            "OnSuccess",
            "CollectMode",
        ) or key.startswith("StartLimit")
        # Properties come as values, not as lines of a file: nothing of them is a specifier or an escape.
        if key == "Environment":
            value = " ".join(_quoted(word) for word in split(value))
        elif not is_unit:
            value = value.replace("%", "%%")
        (unit if is_unit else service).append(f"{key}={value}")
    return "\n".join(["[Unit]", *unit, "[Service]", *service]) + "\n"


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return '"' + escaped.replace("%", "%%") + '"'
