/** Units that close a port some time after another took its place. */
import { commandLine } from '../../system/unit-words.ts';

/**
 * What closes a port later on: a timer, and the service that it starts. Single commands, for a transient unit with a
 * script does not survive a daemon-reload of systemd 252.
 *
 * @param socketFile where the socket's unit file is, as the machine's processes see it
 */
export function closingUnits(
  port: number,
  socketFile: string,
  seconds: number,
): { readonly service: string; readonly timer: string } {
  const socket = `gunicorn3-${port}.socket`;
  const commands = [
    ['systemctl', 'disable', '--now', socket],
    ['rm', '-f', socketFile],
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'try-restart', 'gunicorn3.service'],
  ];
  return {
    service: [
      '[Unit]',
      `Description=Close port ${port}, which another has taken the place of`,
      '[Service]',
      'Type=oneshot',
      ...commands.map((argv) => `ExecStart=${commandLine(argv)}`),
      '',
    ].join('\n'),
    timer: [
      '[Unit]',
      `Description=Close port ${port} when proxies have read the new one`,
      '[Timer]',
      `OnActiveSec=${seconds}`,
      'AccuracySec=1',
      '',
    ].join('\n'),
  };
}
