import { expect, test } from 'vitest';
import { logRotation } from './log-rotation.ts';

const spec = { owner: 'wsgi/0', logFile: '/var/log/wsgi.service.log', user: 'shop', group: 'web', rootsFolder: true };

test('the file stays the application user’s alone, and no signal is sent', () => {
  expect(logRotation(spec)).toBe(
    `# Owner: wsgi/0
"/var/log/wsgi.service.log" {
    weekly
    maxsize 100M
    rotate 8
    missingok
    notifempty
    compress
    delaycompress
    su root root
    create 0600 shop web
}
`,
  );
});

test('in a folder of the application logrotate is nobody but the application’s user', () => {
  expect(logRotation({ ...spec, rootsFolder: false })).toContain('    su shop web\n');
});
