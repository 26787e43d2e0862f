/** The text of a requirements file as pip reads it. Source: _decode_req_file and expand_env_variables in pip's req_file.py. */

/** A byte order mark, and what the bytes behind it are; a longer mark before one that it begins with. */
const MARKS: ReadonlyArray<readonly [mark: readonly number[], decode: (bytes: Buffer) => string]> = [
  [[0xef, 0xbb, 0xbf], (bytes) => bytes.toString()],
  [[0xff, 0xfe, 0, 0], (bytes) => utf32(bytes, (at) => bytes.readUInt32LE(at))],
  [[0, 0, 0xfe, 0xff], (bytes) => utf32(bytes, (at) => bytes.readUInt32BE(at))],
  [[0xff, 0xfe], (bytes) => bytes.toString('utf16le')],
  [[0xfe, 0xff], (bytes) => Buffer.from(even(bytes)).swap16().toString('utf16le')],
];

/** By its byte order mark, else by a comment in its first two lines that names the encoding, else UTF-8, else byte by byte. */
export function decodeRequirements(bytes: Buffer): string {
  for (const [mark, decode] of MARKS) {
    if (bytes.subarray(0, mark.length).equals(Buffer.from(mark))) return decode(bytes.subarray(mark.length));
  }
  const comments = bytes.toString('latin1').split('\n', 2);
  const [, named] = comments.map((line) => /^#.*?coding[:=]\s*([-\w.]+)/.exec(line)).find((match) => match) ?? [];
  return decoded(bytes, named ?? 'utf-8') ?? bytes.toString('latin1');
}

function decoded(bytes: Buffer, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined; // an encoding that only Python knows, or bytes that are invalid in it
  }
}

function even(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length - (bytes.length % 2));
}

function utf32(bytes: Buffer, read: (at: number) => number): string {
  const codes = Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => read(4 * index));
  return codes.map((code) => (code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd')).join('');
}

/** Puts in what pip puts in for `${NAME}`; a variable that is not set or empty stays as it stands. */
export function expandVariables(line: string, variables: ReadonlyMap<string, string>): string {
  return line.replace(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => variables.get(name) || whole);
}
