import { expect, test } from 'vitest';
import { bridgeUnit } from './bridge-unit.ts';

const SERVICE = `# Owner: wsgi/0
[Unit]
Description=gunicorn for wsgi/0
After=network.target
StartLimitIntervalSec=600
StartLimitBurst=10
OnFailure=gunicorn3-failed.service
Wants=gunicorn3-ports.service

[Service]
Type=notify
User=wsgi
EnvironmentFile=/etc/gunicorn3/environment-abc
ExecStart=/opt/venv/bin/python -m gunicorn wsgi:application
ExecStopPost=-/opt/venv/bin/python gunicorn3-run.py --ended
RuntimeDirectory=gunicorn3
RuntimeDirectoryPreserve=restart
Restart=always
RestartSec=100ms
RestartMode=direct
SyslogIdentifier=gunicorn3
ProtectSystem=strict

[Install]
WantedBy=multi-user.target
`;

test('the bridge is the service on the same sockets, and takes nothing along when it ends', () => {
  expect(bridgeUnit(SERVICE, ['gunicorn3-80.socket', 'gunicorn3-bridge.socket'])).toBe(`# Owner: wsgi/0
[Unit]
Description=gunicorn while gunicorn3.service is replaced
StartLimitIntervalSec=0
After=network.target

[Service]
Sockets=gunicorn3-80.socket gunicorn3-bridge.socket
Restart=no
SyslogIdentifier=gunicorn3-bridge
Type=notify
User=wsgi
EnvironmentFile=/etc/gunicorn3/environment-abc
ExecStart=/opt/venv/bin/python -m gunicorn wsgi:application
ProtectSystem=strict
`);
});
