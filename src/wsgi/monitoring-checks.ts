/** A nagios check. */
export interface Check {
  readonly command: string;
}
