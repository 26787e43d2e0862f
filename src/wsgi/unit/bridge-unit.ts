/** Texts of the units that serve while the service is replaced. */

/** Settings that are the service's own: of its end, its start with the machine, its names. */
const LEFT_OUT =
  /^(?:Description|OnFailure|Wants|StartLimit\w+|Restart\w*|ExecStopPost|RuntimeDirectory\w*|SyslogIdentifier)=/;

/**
 * The unit that serves now, to the letter, but for its sockets, its name in the journal, and that it fails once.
 *
 * @param service text of that unit
 * @param sockets names of the socket units that it accepts from
 */
export function bridgeUnit(service: string, sockets: readonly string[]): string {
  const lines = service.split('\n');
  const install = lines.indexOf('[Install]');
  return lines
    .slice(0, install === -1 ? lines.length : install)
    .filter((line) => !LEFT_OUT.test(line))
    .flatMap((line) => {
      if (line === '[Unit]')
        return [line, 'Description=gunicorn while gunicorn3.service is replaced', 'StartLimitIntervalSec=0'];
      if (line !== '[Service]') return [line];
      return [line, `Sockets=${sockets.join(' ')}`, 'Restart=no', 'SyslogIdentifier=gunicorn3-bridge'];
    })
    .join('\n');
}

/** A port of this machine alone. */
export function loopbackSocket(service: string, port: number): string {
  return [
    '[Unit]',
    `Description=Port ${port} of ${service}, while gunicorn3.service is replaced`,
    '[Socket]',
    `ListenStream=127.0.0.1:${port}`,
    `Service=${service}`,
    '',
  ].join('\n');
}
