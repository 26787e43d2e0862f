import { execFileSync } from 'node:child_process';
import { Header } from 'tar';

/** A member of a tar archive for a test, believable or not. */
export interface Made {
  readonly name: string;
  /** `0` file, `1` hard link, `2` symbolic link, `3` device, `5` directory, `6` named pipe, or any other byte. */
  readonly type?: string;
  readonly mode?: number;
  readonly content?: string | Buffer;
  readonly link?: string;
  /** What the header says, where it is not the length of the content. */
  readonly size?: number;
}

/** A tar archive with these headers, byte for byte, and its end. */
export function tarOf(members: readonly Made[]): Buffer {
  return Buffer.concat([...members.map(tarMember), Buffer.alloc(1024)]);
}

function tarMember({ name, type = '0', mode = 0o644, content = '', link = '', size }: Made): Buffer {
  const data = Buffer.from(content);
  const header = Buffer.alloc(512);
  new Header({ mode, uid: 0, gid: 0, size: size ?? data.length, mtime: new Date(0), devmaj: 0, devmin: 0 }).encode(
    header,
  );
  header.fill(0, 0, 100).write(name, 0, 100);
  header.write(type, 156, 'latin1');
  header.fill(0, 157, 257).write(link, 157, 100);
  header.fill(' ', 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** Runs Python with an archive's path as its argument: its tarfile and zipfile write what others write. */
export function byPython(path: string, code: string): void {
  const preamble = `import io, stat, struct, sys, tarfile, zipfile\npath = sys.argv[1]\n`;
  execFileSync('python3', ['-c', preamble + code, path]);
}
