/** A store that cannot be read or written; the message is a sentence an operator can act on. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** The file, as the charm sees it. */
  readonly path: string;
  /** The file was written by a newer revision of the charm: going back to an older one needs that one's state. */
  readonly newer: boolean;

  constructor(path: string, message: string, options: { readonly cause?: unknown; readonly newer?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.path = path;
    this.newer = options.newer ?? false;
  }
}

/** A charm's own mistake in its use of the engine. Never an operator's to mend. */
export class ReactiveError extends Error {
  override readonly name = 'ReactiveError';
}
