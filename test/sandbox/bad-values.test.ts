import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { LocalModel as Model } from '../../packages/local-juju/local-model.ts';
import { answering, archiveOf, deployWsgi, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

/** An application that can be made to fail in many ways by its module's name alone. */
const APPLICATION = {
  'wsgi.py': answering("'served'"),
  BUILD_LABEL: 'good',
  'hangs.py': 'import time\ntime.sleep(3600)\n',
  'exits.py': "raise SystemExit('no licence')\n",
  'notcallable.py': 'application = 5\n',
  'dies.py': answering("'alive'", 'import threading\nthreading.Timer(1.0, os._exit, (3,)).start()'),
  'angry.py': "def application(environ, start_response):\n    raise ValueError('not today')\n",
};

let model: LocalModel;
beforeAll(async () => {
  model = await Model.create();
  await deployWsgi(model, {}, { resources: { build: await archiveOf(APPLICATION) } });
});
afterAll(() => model.destroy());

interface Bad {
  readonly set: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

const BAD: Readonly<Record<string, Bad>> = {
  'a port that is none': { set: { port: '0' }, says: /^port: 0 .*1 to 65535/ },
  'a port beyond the last': { set: { port: '70000' }, says: /^port: 70000 / },
  'a module that is not there': {
    set: { wsgi_module: 'nope:application' },
    says: /^wsgi_module: nope:application is not in this build; found: wsgi\.py \(application\)/,
  },
  'a callable that is not there': {
    set: { wsgi_module: 'wsgi:nope' },
    says: /^wsgi_module: wsgi:nope is not in this build; found: wsgi\.py \(application\)/,
  },
  'something that cannot be called': {
    set: { wsgi_module: 'notcallable:application' },
    says: /^wsgi_module: notcallable:application does not start: .*callable/,
  },
  'a module that hangs while it is imported': {
    set: { wsgi_module: 'hangs:application', start_timeout: '2' },
    says: /wsgi_module.* does not start.*: no answer on \/ within 2 s/,
  },
  'a module that exits': {
    set: { wsgi_module: 'exits:application' },
    says: /^wsgi_module: exits:application does not start: RuntimeError: it exits when it is imported: no licence$/,
  },
  'an application whose workers die after a while': {
    set: { wsgi_module: 'dies:application', settle_time: '3' },
    says: /wsgi_module.* does not start/,
  },
  'an application that answers 500': {
    set: { wsgi_module: 'angry:application' },
    says: /^wsgi_module: angry:application does not start: \/ answers 500: ValueError: not today$/,
  },
  'a module that is no module': { set: { wsgi_module: 'a b' }, says: /^wsgi_module: / },
  'a package that does not exist': {
    set: { apt_dependencies: 'no-such-package-anywhere' },
    says: /^apt_dependencies: .*no-such-package-anywhere/,
  },
  'a package name that is none': { set: { apt_dependencies: '--purge' }, says: /^apt_dependencies: / },
  'a provision_command that fails': {
    set: { provision_command: 'echo it is broken >&2; exit 7' },
    says: /^provision_command: exit code 7: it is broken$/,
  },
  'a provision_command that hangs': {
    set: { provision_command: 'sleep 3600', provision_timeout: '1' },
    says: /^provision_command: took longer than 1 s/,
  },
  'requirements that are not there': {
    set: { requirements_path: 'no/such.txt' },
    says: /no\/such\.txt/,
  },
  'a label that is not installed': {
    set: { current_symlink: 'r99' },
    says: /^current_symlink: there is no build r99 on this unit; installed: good$/,
  },
  'a label that is a path': { set: { build_label: '../../etc' }, says: /^build_label: / },
  'a build that the charm does not have': { set: { build_label: 'r99' }, says: /^build_label: .*r99/ },
  'an environment that is no assignment': {
    set: { environment_variables: 'A=1 rm -rf /' },
    says: /^environment_variables: /,
  },
  'a variable that is systemd’s': {
    set: { environment_variables: 'LISTEN_FDS=3' },
    says: /^environment_variables: .*LISTEN_FDS/,
  },
  'a log file outside its places': { set: { wsgi_logfile_path: '/etc/passwd' }, says: /^wsgi_logfile_path: / },
};

test.each(Object.entries(BAD))(
  '%s: named, the old one serves on, and mending it mends the unit',
  async (_, { set, says }) => {
    await model.config('wsgi', set);
    const { current, message } = await statusOf(model);
    expect(message).toMatch(says);
    expect(current).toMatch(/^(blocked|waiting)$/);
    expect(await page(model)).toBe('served');

    const typed = Object.keys(set);
    const quick = Object.entries(QUICK).filter(([name]) => typed.includes(name));
    await model.together(async () => {
      await model.resetConfig('wsgi', ...typed);
      await model.config('wsgi', { port: '8080', ...Object.fromEntries(quick) });
    });
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving good on port 8080' });
    expect(await page(model)).toBe('served');
  },
);

test('no hook failed in all of this', () => {
  const failed = model.log({}).filter(({ message }) => /hook failed|Traceback|at .*\(.*\.cjs/.test(message));
  expect(failed).toEqual([]);
});
