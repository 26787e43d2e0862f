"""Runs handler programs with charms.reactive: a program a line on stdin, what it did a line on stdout.

One warm process imports charms.reactive; each hook runs in a fork of it, as each hook of a unit is a process of its own.
What stands between it and a machine is replaced: the hook tools, the log, and the platform that charmhelpers accepts.
"""
import gc
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import traceback
import types
import warnings

warnings.filterwarnings('ignore')
from charmhelpers import osplatform  # noqa: E402

osplatform.get_platform = lambda: 'ubuntu'

from charmhelpers.core import hookenv, unitdata  # noqa: E402
import charms.reactive as reactive  # noqa: E402
from charms.reactive import bus, trace  # noqa: E402

# The tracer tests all handlers at each change of a flag, and with that uses up changes of files.
hookenv._atstart[:] = [entry for entry in hookenv._atstart if entry[0] is not trace.install_tracer]


# Most of what is stored is null, and all flags are read at each change of one.
unitdata.json = types.SimpleNamespace(
    loads=lambda text: None if text == 'null' else json.loads(text), dumps=json.dumps
)

CONDITIONS = {
    'when': reactive.when,
    'whenAny': reactive.when_any,
    'whenNot': reactive.when_not,
    'whenNotAll': reactive.when_not_all,
    'notUnless': reactive.not_unless,
}
RESTRICTED = ('collect-metrics', 'meter-status-changed')


class Failure(Exception):
    """A handler that is told to fail."""


class Hook:
    """One hook of a program, in a process of its own."""

    def __init__(self, program, hook, attempt, directory):
        self.program = program
        self.hook = hook
        self.attempt = attempt
        self.directory = directory
        self.happened = []
        self.runs = {}

    def run(self):
        self.enter_world()
        for number, spec in enumerate(self.program['handlers']):
            self.register(number, spec)
        for spec in self.program['triggers']:
            self.register_trigger(spec)
        hookenv.atstart(self.set_config_flags)
        # Runs first of all, as layer:basic's does.
        hookenv._atstart.insert(0, hookenv._atstart.pop())
        hookenv._atexit.insert(0, (self.clear_config_flags, (), {}))
        reactive.main()

    def enter_world(self):
        world = self.hook['relations']
        relation = self.hook.get('relation') or {}
        env = {
            'JUJU_HOOK_NAME': self.hook['name'] if self.hook['kind'] == 'hook' else '',
            'JUJU_UNIT_NAME': 'parity/0',
            'UNIT_STATE_DB': os.path.join(self.directory, 'state.db'),
        }
        if relation:
            env['JUJU_RELATION'] = relation['endpoint']
            env['JUJU_RELATION_ID'] = relation['id']
            env['JUJU_REMOTE_UNIT'] = relation.get('remoteUnit') or ''
        os.environ.update(env)
        hookenv.Config.CONFIG_FILE_NAME = os.path.join(self.directory, 'config')
        # config-get --all has every option, an unset one as null.
        options = dict.fromkeys(self.program['defaults'])
        hookenv._cache_config = hookenv.Config({**options, **self.hook['config']})
        hookenv.relation_ids = lambda endpoint=None: [rid for rid in world if rid.startswith(endpoint + ':')]
        hookenv.related_units = lambda rid=None: list(world[rid])
        hookenv.relation_get = lambda attribute=None, unit=None, rid=None, app=None: world[rid].get(unit, {})
        hookenv.log = self.log

    def log(self, message, level=None):
        if level == hookenv.WARNING and ' called before flag' in message:
            self.happened.append('warning:' + message.split(' called before ')[1])

    def set_config_flags(self):
        """The managed flags of layer:basic."""
        config = hookenv.config()
        for option, default in self.program['defaults'].items():
            if config.changed(option):
                reactive.set_flag('config.changed')
                reactive.set_flag('config.changed.' + option)
            reactive.toggle_flag('config.set.' + option, config.get(option))
            reactive.toggle_flag('config.default.' + option, config.get(option) == default)

    def clear_config_flags(self):
        reactive.clear_flag('config.changed')
        for option in self.program['defaults']:
            reactive.clear_flag('config.changed.' + option)

    def register(self, number, spec):
        name = 'h%d' % number
        scope = {'body': lambda: self.invoke(name, spec)}
        exec(compile('def %s(*endpoints):\n    body()\n' % name, '/charm/reactive/parity.py', 'exec'), scope)
        action = scope[name]
        # The first that registers an action keeps what it is given, so not_unless must have wrapped it by then; what
        # wraps last warns first.
        guards = [condition for condition in spec['conditions'] if condition['kind'] == 'notUnless']
        others = [condition for condition in spec['conditions'] if condition['kind'] != 'notUnless']
        for condition in guards[::-1] + others:
            action = self.decorate(action, name, condition)

    def decorate(self, action, name, condition):
        kind = condition['kind']
        if kind in CONDITIONS:
            return CONDITIONS[kind](*condition['flags'])(action)
        if kind == 'hook':
            return reactive.hook(*condition['patterns'])(action)
        if kind == 'restricted':
            restricted = {'collect-metrics': reactive.collect_metrics}
            return restricted.get(condition['hook'], reactive.meter_status_changed)()(action)
        if kind == 'fileChanged':
            return reactive.when_file_changed(*[self.path(file) for file in condition['files']])(action)
        if kind == 'once':
            return reactive.only_once(action)
        bus.Handler.get(action).add_predicate(self.predicate(name, condition))
        return action

    def predicate(self, name, condition):
        def meddles():
            reactive.toggle_flag(condition['flag'], condition['sets'])
            return name not in self.runs

        return {
            'ranFewerThan': lambda: self.runs.get(name, 0) < condition['times'],
            'flagIsSet': lambda: reactive.is_flag_set(condition['flag']),
            'meddles': meddles,
        }[condition['kind']]

    def register_trigger(self, spec):
        names = {'when': 'when', 'whenNot': 'when_not', 'setFlag': 'set_flag', 'clearFlag': 'clear_flag'}
        arguments = {names[key]: value for key, value in spec.items() if key in names}
        if 'callback' in spec:
            arguments['callback'] = lambda: self.happened.append('callback:' + spec['callback'])
        reactive.register_trigger(**arguments)

    def path(self, file):
        return os.path.join(self.directory, 'f%d' % file)

    def invoke(self, name, spec):
        self.happened.append(name)
        self.runs[name] = self.runs.get(name, 0) + 1
        for op in spec['ops']:
            if 'ifSet' in op and not reactive.is_flag_set(op['ifSet']):
                continue
            self.perform(op)

    def perform(self, op):
        kind = op['op']
        if kind == 'set':
            reactive.set_flag(op['flag'], op['value']) if 'value' in op else reactive.set_flag(op['flag'])
        elif kind == 'clear':
            reactive.clear_flag(op['flag'])
        elif kind == 'toggle':
            reactive.toggle_flag(op['flag'], op['should'])
        elif kind == 'note':
            value = unitdata.kv().get('reactive.states.' + op['flag'], 'unset')
            self.happened.append('note:' + json.dumps(value, ensure_ascii=False, separators=(',', ':')))
        elif kind == 'trigger':
            if self.hook['name'] not in RESTRICTED:
                self.register_trigger(op['trigger'])
        elif kind == 'write':
            write(self.path(op['file']), op['content'])
        elif kind == 'fail' and self.attempt == 0:
            raise Failure()


def write(path, content):
    if content is not None:
        with open(path, 'w') as file:
            file.write(content)
    elif os.path.exists(path):
        os.unlink(path)


def run_hook(program, hook, attempt, directory):
    """Forks, runs the hook, and says what happened in it and which flags are stored after it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        run = Hook(program, hook, attempt, directory)
        failed, error = False, None
        try:
            run.run()
        except (Failure, RecursionError):
            failed = True
        except BaseException:
            failed, error = True, traceback.format_exc()
        with os.fdopen(writing, 'w') as out:
            json.dump({'failed': failed, 'error': error, 'happened': run.happened}, out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        outcome = json.load(answer)
    os.waitpid(child, 0)
    if outcome['error']:
        raise RuntimeError(outcome['error'])
    return {'failed': outcome['failed'], 'happened': outcome['happened'], 'flags': stored_flags(directory)}


def stored_flags(directory):
    store = sqlite3.connect(os.path.join(directory, 'state.db'))
    prefix = 'reactive.states.'
    rows = store.execute('select key, data from kv where key like ?', [prefix + '%']).fetchall()
    store.close()
    return {key[len(prefix):]: json.loads(value) for key, value in rows}


def run_program(program):
    directory = tempfile.mkdtemp(prefix='parity-', dir='/dev/shm' if os.path.isdir('/dev/shm') else None)
    outcomes = []
    try:
        for hook in program['hooks']:
            outcomes.append(run_hook(program, hook, 0, directory))
            # Juju runs a failed hook again.
            if outcomes[-1]['failed']:
                outcomes.append(run_hook(program, hook, 1, directory))
                if outcomes[-1]['failed']:
                    break
    finally:
        shutil.rmtree(directory)
    return outcomes


def write_charm(directory):
    """A charm with the endpoints db and cache, whose flags charms.reactive manages."""
    os.environ['JUJU_CHARM_DIR'] = os.environ['CHARM_DIR'] = directory
    metadata = {'name': 'parity', 'requires': {name: {'interface': name} for name in ('db', 'cache')}}
    with open(os.path.join(directory, 'metadata.yaml'), 'w') as file:
        json.dump(metadata, file)
    for name in ('db', 'cache'):
        place = os.path.join(directory, 'hooks', 'relations', name)
        os.makedirs(place)
        with open(os.path.join(place, 'requires.py'), 'w') as file:
            file.write('from charms.reactive import Endpoint\n\n\nclass Requires(Endpoint):\n    pass\n')


def warm_up():
    """Does once what each hook would do again: reading metadata.yaml, importing the endpoints."""
    hookenv.relation_types()
    bus.discover()
    gc.collect()
    gc.freeze()


def main():
    with tempfile.TemporaryDirectory(prefix='parity-charm-') as charm:
        write_charm(charm)
        warm_up()
        print('ready', flush=True)
        for line in sys.stdin:
            try:
                answer = {'outcomes': run_program(json.loads(line))}
            except Exception:
                answer = {'error': traceback.format_exc()}
            print(json.dumps(answer), flush=True)


main()
