"""Runs the handlers of layer:wsgi, which are in reactive/wsgi.py.

Their work is done by another process, which is started once a hook and stays until its end. Flags and data are kept here
alone: that process asks for each of them, over a pipe, one JSON object a line.
"""
import atexit
import json
import os
import subprocess
import sys
from functools import partial

from charmhelpers.core import hookenv, unitdata
from charms.reactive import flags
from charms.reactive.bus import Handler


class LayerError(Exception):
    """The layer itself failed: the hook fails with it, and nothing of the hook is kept."""


def begin():
    """Starts the process, which gets ready while Python goes on."""
    process.start()


def run(handler):
    """Runs a handler of the layer."""
    process.order({'run': handler})


def when_layer_says(handler):
    """Decorator for a handler that asks for more than flags, such as a hook or an action."""
    def register(action):
        Handler.get(action).add_predicate(partial(_holds, handler))
        return action
    return register


def _holds(handler):
    phase = unitdata.kv().get('reactive.dispatch.phase')
    return phase != 'restricted' and process.order({'holds': handler, 'phase': phase}) is True


def finish():
    """Has the process write what it collected. Called when all handlers have run and none has failed."""
    process.order({'finish': True})


class _Process:
    """The process with the layer's work in it. Each order is answered before the next; between the two it may call."""

    def __init__(self):
        self._popen = None
        self._ready = False
        self._missing = False

    def start(self):
        if self._popen is not None:
            return
        charm = os.path.abspath(hookenv.charm_dir())
        their_orders, our_orders = os.pipe()
        our_replies, their_replies = os.pipe()
        # lib/launch.sh finds a Node; where there is none it says so to the operator, and exits with 0.
        self._popen = subprocess.Popen(
            ['sh', '-c', 'charm=$1; shift; . "$charm/lib/launch.sh"',
             sys.argv[0], charm, str(their_orders), str(their_replies)],
            stdin=subprocess.DEVNULL, env=_environment(), pass_fds=(their_orders, their_replies))
        os.close(their_orders)
        os.close(their_replies)
        self._orders = open(our_orders, 'w', encoding='utf-8', newline='\n')
        self._replies = open(our_replies, encoding='utf-8', newline='\n')
        atexit.register(self._end)

    def order(self, message):
        """Gives an order, and returns what came of it; None where the machine has nothing to carry it out with."""
        self.start()
        if not self._ready and not self._missing:
            self._attend()
            self._ready = True
        if self._missing:
            return None
        self._send(message)
        return self._attend()

    def _attend(self):
        """Answers calls until the order is carried out."""
        for line in iter(self._replies.readline, ''):
            message = json.loads(line)
            if 'call' in message:
                self._send({'answer': _CALLS[message['call']](*message['arguments'])})
            elif 'failed' in message:
                raise LayerError(message['failed'])
            else:
                return message['done']
        code = self._popen.wait()
        if code != 0 or self._ready:
            raise LayerError('the process of layer:wsgi ended before its work was done, with exit code {}'.format(code))
        self._missing = True
        # What it remembers of Juju is not to be believed once it has missed a hook.
        unitdata.kv().unset('wsgi.hook')
        return None

    def _send(self, message):
        try:
            self._orders.write(json.dumps(message) + '\n')
            self._orders.flush()
        except BrokenPipeError:
            pass  # why, the next reading tells

    def _end(self):
        for pipe in (self._orders, self._replies):
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        self._popen.wait()


def _environment():
    """That of the hook, without the virtual environment of the charm's Python: the application's Python is the machine's."""
    env = {name: value for name, value in os.environ.items() if name not in ('VIRTUAL_ENV', 'PYTHONHOME', 'PYTHONPATH')}
    if sys.prefix != sys.base_prefix:
        own = os.path.join(sys.prefix, 'bin')
        env['PATH'] = os.pathsep.join(path for path in env.get('PATH', '').split(os.pathsep) if path != own)
    return env


def _set_flag(flag, value):
    new = not flags.is_flag_set(flag)
    flags.set_flag(flag, value)
    return new


def _clear_flag(flag):
    was_set = flags.is_flag_set(flag)
    flags.clear_flag(flag)
    return was_set


def _optional(key):
    """A list with the value in it, or an empty one."""
    missing = object()
    value = unitdata.kv().get(key, missing)
    return [] if value is missing else [value]


# What the other process may call.
_CALLS = {
    'set_flag': _set_flag,
    'clear_flag': _clear_flag,
    'get_flags': flags.get_flags,
    'flag_value': lambda flag: _optional('reactive.states.' + flag),
    'register_trigger': flags.register_trigger,
    'get_data': _optional,
    'set_data': lambda key, value: unitdata.kv().set(key, value),
    'unset_data': lambda key: unitdata.kv().unset(key),
    'data_keys': lambda prefix: [key for key in unitdata.kv().getrange(prefix) if key.startswith(prefix)],
}

process = _Process()
