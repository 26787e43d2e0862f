/** The types of handlers in a charm made from this layer. The rest is in `layer-wsgi/reactive`, `/juju`, `/relations` and `/testing`. */
export type { Wsgi, WsgiApi } from './wsgi/api.ts';
