/** Files that src/build/source-plugins.ts makes importable. */

declare module '*.hbs' {
  /** Fills the template. Throws where the context lacks a name that the template uses. */
  export default function render(
    context: unknown,
    options?: { readonly helpers?: Readonly<Record<string, (...args: never[]) => unknown>> },
  ): string;
  /** File name, such as `gunicorn3.service.hbs`. */
  export const name: string;
  /** Of the text that was compiled, in hex. */
  export const sha256: string;
}

declare module '*.yaml' {
  /** What the file says, for a schema to parse. */
  const data: unknown;
  export default data;
}
