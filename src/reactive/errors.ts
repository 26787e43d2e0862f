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

/** What a handler threw: a mistake in the code of whoever wrote it. `cause` is what was thrown. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
  /** As it was given to `handler()`. */
  readonly handler: string;

  constructor(handler: string, cause: unknown) {
    super(`handler '${handler}' failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.handler = handler;
  }
}
