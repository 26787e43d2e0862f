/** Juju's own words as types. Source: https://documentation.ubuntu.com/juju/3.6/reference/hook-command/ */

/** What a charm may set with `status-set`. */
export type StatusName = 'maintenance' | 'blocked' | 'waiting' | 'active';

/** `website:3` */
export type RelationId = string;

/** `wsgi/0` */
export type UnitName = string;

/** A value of `config-get`. */
export type ConfigValue = string | number | boolean;

/** All values of a databag, and of a secret, are strings. */
export type Databag = Readonly<Record<string, string>>;

/** A level of `juju-log`. */
export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';
