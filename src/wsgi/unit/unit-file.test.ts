import { describe, expect, test } from 'vitest';
import { ownerOf } from '../owner.ts';
import { closingUnits, type ServiceSpec, serviceUnit, socketUnitText } from './unit-file.ts';

const spec: ServiceSpec = {
  owner: 'wsgi/0',
  name: 'gunicorn3.service',
  description: 'gunicorn for wsgi/0',
  user: 'wsgi',
  group: 'wsgi',
  workingDirectory: '/srv/r1',
  argv: ['/opt/venv/bin/python', '-m', 'gunicorn', 'app:create_app("$x", 5%)'],
  launcher: '/etc/gunicorn3/gunicorn3-run.py',
  systemd: 252,
  logFile: '/var/log/wsgi.service.log',
  generation: 'GUNICORN3_GENERATION=abc',
  environmentFile: '/etc/gunicorn3/environment-abc',
  startTimeout: 60,
  gracefulTimeout: 30,
  readWritePaths: ['/var/lib/wsgi'],
  readOnlyPaths: ['/srv/r1'],
  sandboxing: true,
  trial: false,
};

/** The values of a setting in a unit file, in order. */
function settings(unit: string, name: string): string[] {
  return unit.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));
}

describe('the service', () => {
  const unit = serviceUnit(spec);

  test('is gunicorn, started so that its output reaches the log file, with arguments as they are', () => {
    expect(settings(unit, 'ExecStart')).toEqual([
      '/opt/venv/bin/python -I -S /etc/gunicorn3/gunicorn3-run.py --log /var/log/wsgi.service.log --sockets -- ' +
        '/opt/venv/bin/python -m gunicorn "app:create_app(\\"$$x\\", 5%%)"',
    ]);
  });

  test('is stopped by its main process first, with time for requests in flight', () => {
    expect(settings(unit, 'ExecStop')).toEqual([
      '/opt/venv/bin/python -I -S /etc/gunicorn3/gunicorn3-run.py --stop 35',
    ]);
    expect(settings(unit, 'TimeoutStopSec')).toEqual(['40']);
    expect(settings(unit, 'ExecReload')).toEqual([
      '/opt/venv/bin/python -I -S /etc/gunicorn3/gunicorn3-run.py --reload',
    ]);
  });

  test('comes back when it dies, and with the machine', () => {
    expect(settings(unit, 'Restart')).toEqual(['always']);
    expect(settings(unit, 'WantedBy')).toEqual(['multi-user.target']);
  });

  test('writes its state and its log, and nothing else', () => {
    expect(settings(unit, 'ProtectSystem')).toEqual(['strict']);
    expect(settings(unit, 'ReadWritePaths')).toEqual(['-/var/lib/wsgi -/var/log']);
    expect(settings(unit, 'ReadOnlyPaths')).toEqual(['-/srv/r1']);
  });

  test('has no secret: its environment is in a file', () => {
    expect(settings(unit, 'Environment')).toEqual(['GUNICORN3_GENERATION=abc']);
    expect(settings(unit, 'EnvironmentFile')).toEqual(['/etc/gunicorn3/environment-abc']);
  });

  test('says whose it is', () => expect(ownerOf(unit)).toBe('wsgi/0'));

  test('leaves no gap and no unfilled line', () => {
    expect(unit).not.toMatch(/undefined|\{\{|=\n\n\n|\n\n\n/);
  });
});

describe('with a log file in the application’s own folder', () => {
  test('that folder can be written, and the code in one below it not', () => {
    const unit = serviceUnit({ ...spec, logFile: '/srv/app.log' });
    expect(settings(unit, 'ReadWritePaths')).toEqual(['-/var/lib/wsgi -/srv']);
    expect(settings(unit, 'ReadOnlyPaths')).toEqual(['-/srv/r1']);
  });

  test('code that lies beside the log file cannot be kept from being written', () => {
    const unit = serviceUnit({ ...spec, workingDirectory: '/srv', readOnlyPaths: ['/srv'], logFile: '/srv/app.log' });
    expect(settings(unit, 'ReadOnlyPaths')).toEqual([]);
  });
});

test('without a log file nothing is copied', () => {
  const unit = serviceUnit({ ...spec, logFile: undefined });
  expect(settings(unit, 'ExecStart').join()).not.toContain('--log');
  expect(settings(unit, 'ReadWritePaths')).toEqual(['-/var/lib/wsgi']);
});

test('an application in /home can be read', () => {
  expect(settings(serviceUnit(spec), 'ProtectHome')).toEqual(['yes']);
  expect(settings(serviceUnit({ ...spec, workingDirectory: '/home/shop' }), 'ProtectHome')).toEqual(['read-only']);
});

test('on a machine that refuses a mount namespace the rest of the hardening stays', () => {
  const unit = serviceUnit({ ...spec, sandboxing: false });
  for (const name of [
    'ProtectSystem',
    'PrivateTmp',
    'PrivateDevices',
    'ProtectProc',
    'ReadWritePaths',
    'PrivateMounts',
  ]) {
    expect(settings(unit, name)).toEqual([]);
  }
  expect(settings(unit, 'NoNewPrivileges')).toEqual(['yes']);
  expect(settings(unit, 'CapabilityBoundingSet')).toEqual(['']);
});

describe('a trial', () => {
  const unit = serviceUnit({ ...spec, name: 'gunicorn3-trial.service', logFile: undefined, trial: true });

  test('needs no socket, fails once, and does not come with the machine', () => {
    expect(settings(unit, 'ExecStart').join()).not.toContain('--sockets');
    expect(settings(unit, 'Restart')).toEqual(['no']);
    expect(unit).not.toContain('[Install]');
    expect(settings(unit, 'SyslogIdentifier')).toEqual(['gunicorn3-trial']);
  });

  test('is hardened as the service is', () => {
    const hardening = (text: string) => text.slice(text.indexOf('NoNewPrivileges'), text.indexOf('PrivateMounts'));
    expect(hardening(unit)).toBe(hardening(serviceUnit({ ...spec, logFile: undefined })));
  });
});

describe('a socket', () => {
  const unit = socketUnitText({ owner: 'wsgi/0', port: 80, service: 'gunicorn3.service', ipv6: true });

  test('listens on both families, each by itself', () => {
    expect(settings(unit, 'ListenStream')).toEqual(['0.0.0.0:80', '[::]:80']);
    expect(settings(unit, 'BindIPv6Only')).toEqual(['ipv6-only']);
  });

  test('comes with its service, and is not bound to it: it stays in a restart', () => {
    expect(settings(unit, 'WantedBy')).toEqual(['sockets.target gunicorn3.service']);
    for (const name of ['StopPropagatedFrom', 'BindsTo', 'PartOf', 'Requires'])
      expect(settings(unit, name)).toEqual([]);
  });

  test('does without IPv6 where there is none', () => {
    const v4 = socketUnitText({ owner: 'wsgi/0', port: 80, service: 'gunicorn3.service', ipv6: false });
    expect(settings(v4, 'ListenStream')).toEqual(['0.0.0.0:80']);
    expect(v4).not.toContain('IPv6');
  });
});

describe('the units that close the ports', () => {
  const units = closingUnits('wsgi/0', 'gunicorn3.service');

  test('are those that the service names, for its stop and for its failure', () => {
    const service = serviceUnit(spec);
    expect([...settings(service, 'Wants'), ...settings(service, 'OnFailure')]).toEqual([...units.keys()]);
    expect(settings(units.get('gunicorn3-ports.service') ?? '', 'StopPropagatedFrom')).toEqual(['gunicorn3.service']);
    for (const text of units.values()) expect(ownerOf(text)).toBe('wsgi/0');
  });

  test('a restart by systemd itself is no failure, where systemd has a word for it', () => {
    expect(settings(serviceUnit({ ...spec, systemd: 253 }), 'RestartMode')).toEqual([]);
    expect(settings(serviceUnit({ ...spec, systemd: 254 }), 'RestartMode')).toEqual(['direct']);
  });
});

test('a unit that this charm did not write has no owner', () => {
  expect(ownerOf('[Service]\nExecStart=/bin/true # Owner: x/0\n')).toBeUndefined();
});
