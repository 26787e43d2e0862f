/**
 * An option file by which clients of MySQL check the server's certificate. A URL cannot say it to all of them: what one
 * library takes, another refuses as an unknown argument. All take `read_default_file`.
 * Sources: MySQL Reference Manual, "Using Option Files" and "Command Options for Encrypted Connections"; MariaDB
 * Connector/C, "mysql_optionsv"; PyMySQL, `connections.py`.
 */

/** The option file beside a file of CA certificates, named `*.pem`. */
export const optionFilePath = (caFile: string): string => caFile.replace(/\.pem$/, '.cnf');

/** The file of CA certificates that an option file names. */
export const caFileOf = (optionFile: string): string => optionFile.replace(/\.cnf$/, '.pem');

/** @param caFile path of the CA certificates as the application sees it */
export function optionFile(caFile: string): string {
  return [
    '[client]',
    `ssl-ca=${caFile}`,
    // Each library has its own word for the check, and passes over the other's.
    'ssl-mode=VERIFY_IDENTITY',
    'ssl-verify-server-cert=1',
    '',
  ].join('\n');
}
