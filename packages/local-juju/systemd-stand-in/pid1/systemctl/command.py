"""Takes a command line of systemctl to the function of its verb."""

from __future__ import annotations

import getopt
from typing import TYPE_CHECKING

from ..options import Options
from ..transaction import TransactionRefused
from ..unit import Refused
from . import lists, questions, unit_files, units
from .call import Call, Verb
from .jobs import JOB_VERBS, run_jobs

if TYPE_CHECKING:
    from ..control import Request
    from ..manager import Manager

_SHORT = "p:t:s:n:o:H:qlafP:"
_LONG = (
    "property= type= state= signal= kill-whom= kill-who= lines= output= value now no-block quiet all full force "
    "no-pager no-legend system runtime plain no-ask-password no-reload wait version help failed legend= root= "
    "job-mode= show-types"
).split()
_VERBS: dict[str, Verb] = {**questions.VERBS, **lists.VERBS, **unit_files.VERBS, **units.VERBS}


def systemctl(manager: Manager, request: Request) -> None:
    try:
        options = Options(request.args, _SHORT, _LONG)
    except getopt.GetoptError as problem:
        request.err(f"systemctl: {problem.msg}\n")
        return request.exit(1)
    if options.has("--version"):
        request.out(f"systemd {manager.version} (sandbox)\n")
        return request.exit(0)
    verb, *names = options.rest or ["list-units"]
    call = Call(manager, request, options, names)
    if verb in JOB_VERBS:
        return run_jobs(call, JOB_VERBS[verb], verb)
    function = _VERBS.get(verb)
    if function is None:
        request.err(f"Unknown command verb {verb}.\n")
        return request.exit(1)
    try:
        code = function(call)
    except (TransactionRefused, Refused) as refusal:
        request.err(f"{refusal}\n")
        code = getattr(refusal, "code", 1)
    if code is not None:
        request.exit(code)
