/** Files that packages/charm-build/source-plugins.ts makes importable. */

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

// The YAML files of a charm, which are checked against these shapes when it is built.

declare module '*/config.yaml' {
  interface Option {
    readonly type?: 'string' | 'int' | 'float' | 'boolean' | 'secret';
    readonly description?: string;
    readonly default?: string | number | boolean;
  }
  const config: { readonly options: Readonly<Record<string, Option>> };
  export default config;
}

declare module '*/metadata.yaml' {
  interface Endpoint {
    readonly interface: string;
    readonly scope?: 'global' | 'container';
  }
  type Endpoints = Readonly<Record<string, Endpoint>>;
  const metadata: {
    readonly name: string;
    readonly provides?: Endpoints;
    readonly requires?: Endpoints;
    readonly peers?: Endpoints;
    readonly resources?: Readonly<Record<string, { readonly type?: string; readonly filename?: string }>>;
  };
  export default metadata;
}

declare module '*/actions.yaml' {
  const actions: Readonly<Record<string, { readonly description?: string }>>;
  export default actions;
}

declare module '*/layer.yaml' {
  const layer: { readonly options: { readonly [layer: string]: Readonly<Record<string, unknown>> | undefined } };
  export default layer;
}

declare module '*/wsgi.yaml' {
  const wsgi: {
    readonly application_root?: string;
    readonly username?: string;
    readonly data_paths?: readonly string[];
  };
  export default wsgi;
}
