/** Looks at files that may not be there, for which the answer is undefined or false, and never an error. */
import { openSync, readlinkSync, unlinkSync } from 'node:fs';
import { errorCode } from './errors.ts';

/** The result, or undefined where what it is about is not there. */
export async function optional<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Opens a file; also undefined for a link that is not to be followed, and a socket. */
export function openOptional(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** What a symbolic link holds; also undefined where something else stands. */
export function linkOptional(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (['ENOENT', 'EINVAL'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Removes a file or a link, and says whether there was one. */
export function unlinkOptional(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
