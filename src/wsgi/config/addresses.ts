import { isIP } from 'node:net';
import { atMost, BadValue, shown } from './values.ts';

/** Where archives are: http, https or file, without a slash at the end. May hold a user and a password: never shown unmasked. */
export type AssetsUri = string;
/** An address, a network in CIDR notation, or `*`. */
export type AllowedAddress = string;

/** Where builds are downloaded from; undefined for an empty one. */
export function assetsUri(text: string): AssetsUri | undefined {
  if (text === '') return undefined;
  const right = 'https://HOST/PATH, http:// or file:///PATH is right';
  if (atMost(2048, text) !== text.trim() || !URL.canParse(text)) throw new BadValue(`is not a URI; ${right}`);
  const { protocol, search, hash, hostname } = new URL(text);
  if (!['http:', 'https:', 'file:'].includes(protocol))
    throw new BadValue(`${shown(protocol)} is not a way to download; ${right}`);
  if (search !== '' || hash !== '')
    throw new BadValue(`ends in a query or fragment, where /LABEL/FILE is to follow; ${right}`);
  if (protocol === 'file:' && hostname !== '') throw new BadValue(`names a host in a file URI; ${right}`);
  return text.replace(/\/+$/, '');
}

/** Addresses separated by commas or spaces. Source: gunicorn's forwarded_allow_ips setting. */
export function allowedAddresses(text: string): readonly AllowedAddress[] {
  const addresses = [...new Set(atMost(65_536, text).split(/[\s,]+/))].filter((address) => address !== '');
  const bad = addresses.find((address) => !isAllowedAddress(address));
  if (bad === undefined) return addresses;
  throw new BadValue(`${shown(bad)} is not an IP address; addresses or networks separated by commas, or *, are right`);
}

function isAllowedAddress(text: string): boolean {
  if (text === '*') return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** A host name or an address. Source: RFC 1123 section 2.1. */
export function hostName(text: string): string {
  if (isIP(text) !== 0 && !text.includes('%')) return text;
  if (text.length <= 253 && /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?)+$/i.test(text) && !text.includes('..'))
    return text;
  throw new BadValue(
    `${text === '' ? 'is empty' : `${shown(text)} is not a host name`}; a name such as localhost is right`,
  );
}

/** A name as Nagios takes it for hosts and groups. */
export function nagiosName(text: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(text)) return text;
  throw new BadValue(`${shown(text)} is not a name for Nagios; letters, digits and . _ - are right, at most 64`);
}

/** Names separated by commas. */
export function nagiosNames(text: string): readonly string[] {
  return [...new Set(atMost(1024, text).split(/[\s,]+/))].filter((name) => name !== '').map(nagiosName);
}

/** In lower case; undefined for an empty one. */
export function sha256Digest(text: string): string | undefined {
  if (text === '') return undefined;
  if (/^[0-9a-f]{64}$/i.test(text.trim())) return text.trim().toLowerCase();
  throw new BadValue(`${shown(text)} is not a SHA-256; its 64 hexadecimal digits, as sha256sum prints them, are right`);
}
