"""Times charms.reactive in the scenarios of engine.ts: a line `NAME SIZE` on stdin, milliseconds on stdout.

Measured is what a hook does with handlers once they are imported and registered: open the store, dispatch, flush. The
tracer, which tests all handlers at each change of a flag, is off, and no juju-log is run: both in its favour.
"""
import os
import sys
import tempfile
import time
import warnings

warnings.filterwarnings('ignore')
from charmhelpers import osplatform  # noqa: E402

osplatform.get_platform = lambda: 'ubuntu'

from charmhelpers.core import hookenv, unitdata  # noqa: E402
import charms.reactive as reactive  # noqa: E402
from charms.reactive import bus  # noqa: E402

hookenv.log = lambda *args, **kwargs: None


def action(body, name):
    scope = {'body': body}
    exec(compile('def %s():\n    body()\n' % name, '/charm/reactive/bench.py', 'exec'), scope)
    return scope[name]


def register(scenario, number):
    flag, done = 'f%d' % number, 'done%d' % number
    if scenario == 'quiet':
        reactive.when_not(flag)(action(lambda: None, 'h%d' % number))
    elif scenario == 'busy':
        handler = action(lambda: reactive.set_flag(done), 'h%d' % number)
        reactive.when_not(done)(reactive.when(flag)(handler))
    else:
        reactive.when(flag)(action(lambda: reactive.clear_flag(flag), 'h%d' % number))


def measure(scenario, size):
    with tempfile.TemporaryDirectory() as directory:
        os.environ['UNIT_STATE_DB'] = os.path.join(directory, 'state.db')
        os.environ['CHARM_DIR'] = os.environ['JUJU_CHARM_DIR'] = '/charm'
        os.environ['JUJU_HOOK_NAME'] = 'update-status'
        store = unitdata.Storage()
        for number in range(size):
            store.set('reactive.states.f%d' % number, None)
        store.flush()
        store.close()
        unitdata._KV = None
        bus.Handler.clear()
        for number in range(size):
            register(scenario, number)
        began = time.perf_counter()
        bus.dispatch()
        unitdata._KV.flush()
        return (time.perf_counter() - began) * 1000


for line in sys.stdin:
    name, count = line.split()
    print(measure(name, int(count)), flush=True)
