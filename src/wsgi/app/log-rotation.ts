/** What logrotate(8) is told of the log file. */

export interface LogRotationSpec {
  /** The unit of Juju that the file belongs to. */
  readonly owner: string;
  /** As the machine's processes see it. */
  readonly logFile: string;
  readonly user: string;
  readonly group: string;
  /** Root owns the folder of the log file: nobody else can lead logrotate elsewhere by a link there. */
  readonly rootsFolder: boolean;
}

/**
 * A file for /etc/logrotate.d. No signal is sent: the copier sees that the path names another file, and may still write into the
 * one before until its next line, so that one is compressed a turn later.
 */
export function logRotation({ owner, logFile, user, group, rootsFolder }: LogRotationSpec): string {
  const settings = [
    'weekly',
    'maxsize 100M',
    'rotate 8',
    'missingok',
    'notifempty',
    'compress',
    'delaycompress',
    `su ${rootsFolder ? 'root root' : `${user} ${group}`}`,
    `create 0600 ${user} ${group}`,
  ];
  return [`# Owner: ${owner}`, `"${logFile}" {`, ...settings.map((setting) => `    ${setting}`), '}', ''].join('\n');
}
