/** What an archive says about one of its members, before anything of it is believed. */
export interface Member {
  /** The name as it stands in the archive, in characters; U+FFFD stands for bytes that are no UTF-8. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  /** What a member of another kind is, such as `a device`. */
  readonly other?: string;
  /** Permission bits with setuid, setgid and sticky; undefined where the archive does not say. */
  readonly mode: number | undefined;
  /** Bytes of content. */
  readonly size: number;
  /** Of a symlink what it holds, of a hardlink the name of the other member. */
  readonly target?: string;
  readonly mtime?: Date | undefined;
}

/** Where the content of a member goes, in order; `end` once, after the last of it. */
export interface Sink {
  write(chunk: Uint8Array): void;
  end(): void;
}

/** Is told of each member in order, and says where its content goes; throws a Refusal to end it all. */
export type Visit = (member: Member) => Sink | undefined;

/** What an archive may hold. */
export interface Limits {
  /** Bytes of content of all members together; 2 GiB unless told. */
  readonly bytes: number;
  /** Members of all kinds; 200 000 unless told. */
  readonly members: number;
  /** Seconds for reading it twice; 600 unless told. */
  readonly timeout: number;
}

export const LIMITS: Limits = { bytes: 2 * 2 ** 30, members: 200_000, timeout: 600 };
