/** Certificates in PEM, as databags hold them. */
import { X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/**
 * Reads certificates from PEM, or from base64 of it, as charms write both. One that is broken in a file has OpenSSL refuse
 * the others too, so all are parsed.
 *
 * @returns one PEM a certificate; undefined where there is none, or a broken one
 */
function readPems(text: string): string[] | undefined {
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('latin1');
  const found = pem.match(CERTIFICATE) ?? [];
  return found.length > 0 && found.every(isCertificate) ? found : undefined;
}

/** Certificates of several texts, in their order; undefined where one of them has none, or a broken one. */
export function readAllPems(texts: readonly string[]): string[] | undefined {
  const found: string[] = [];
  for (const text of texts) {
    const pems = readPems(text);
    if (pems === undefined) return undefined;
    found.push(...pems);
  }
  return found;
}

/** One text of certificates, each once. */
export const joinPems = (pems: readonly string[]): string => `${[...new Set(pems)].join('\n')}\n`;

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
