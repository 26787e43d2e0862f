/** A row of the table of relations: what its author fills in, and what the charm gets from it. */
import type * as z from 'zod/mini';
import type { Databag, NetworkInfo, RelationId, UnitEnvironment } from '../../juju/types.ts';
import type { Answer, ReadSecret, Relation, Request } from '../../relations/types.ts';
import type { Variables } from '../../relations/variables.ts';
import type { RecordJson } from '../../system/private-record.ts';
import type { Options } from '../config/options.ts';

/** What a row may know of this unit besides the databags of the relation. */
export interface Facts {
  readonly unit: UnitEnvironment;
  readonly options: Options;
  /** network-get for this relation; runs the tool only when called. */
  readonly network: () => NetworkInfo | undefined;
  /** Undefined where Juju has no secrets (before 3.0). */
  readonly readSecret: ReadSecret | undefined;
  /** Where the application finds the file that `certificate` gives. */
  readonly certificateFile: string;
  /** Variables that relations give: when a row reads, those of the rows above it; when it asks, those of all. */
  readonly given: Readonly<Record<string, string>>;
}

/** What a row may know when the application serves, or has stopped to. */
export interface Serving {
  readonly unit: UnitEnvironment;
  /** The port that is served; undefined while nothing is. */
  readonly port: number | undefined;
  /** The port that a proxy may send requests to once its check is answered: the one that is served, or the one that will be. */
  readonly proxiedPort: number | undefined;
  /** The path that answers while the application is well; undefined where the options cannot be read. */
  readonly healthPath: string | undefined;
  /** The address at which others reach this unit; runs network-get only when called. */
  readonly address: () => string | undefined;
}

/** What every row says. A part that a relation has no use for is spelled out as `'nothing'`. */
interface CommonParts {
  /** As in metadata.yaml. */
  readonly interface: string;
  /** For the reference: charms that have the other side. */
  readonly charms: readonly string[];
  /** What is written once it is known what serves, and again when nothing does. */
  readonly publish: ((serving: Serving) => Request) | 'nothing';
}

/** Keys of a request that the other side takes once only. */
export interface Fixed {
  /** The option that each key comes from, for the status that says how to get another value. */
  readonly options: Readonly<Record<string, keyof Options>>;
  /** What other units of our application have asked for, as far as the other side repeats it; empty where they have not. */
  readonly askedByOthers: ((relation: Relation, facts: Facts) => Databag) | 'nothing';
}

/**
 * What stands in `GIVES.pem`, and in an option file `GIVES.cnf` beside it; a `bundle` is `GIVES.pem` with all certificates
 * besides that the machine trusts.
 */
export type CertificateFiles = { readonly pem: string; readonly cnf: string } | { readonly bundle: string };

/** How one relation differs from others that give something. */
export interface Traits {
  /** Whether the first start waits until it is ready. */
  readonly startWaits: boolean;
  /** Whether its end takes away what may not be used any longer: the application is then stopped rather than left as it was. */
  readonly endRevokes: boolean;
  /** Whether it is ready only once a proxy serves the application, which is then told of it before the first start. */
  readonly needsProxy: boolean;
  /** Whether the oldest of several relations counts, or all of them do. */
  readonly counts: 'oldest' | 'every';
}

const USUAL: Traits = { startWaits: true, endRevokes: true, needsProxy: false, counts: 'oldest' };

/** Of what an application starts and runs without, and that is no credential: the URL of a proxy, a place for traces. */
export const DISPENSABLE: Partial<Traits> = { startWaits: false, endRevokes: false };

/** A relation that gives the application something. `Value` is what is read from its databags. */
export interface GivingParts<Value> extends CommonParts {
  /**
   * A name for what it gives. Relations that give the same stand in for each other: of all of them the oldest counts.
   * Answers are kept under this name from hook to hook, and the file of a certificate has it.
   */
  readonly gives: string;
  /** What we write before the application is made: in the unit's databag and, as leader, in the application's. */
  readonly ask: ((facts: Facts) => Request) | 'nothing';
  /** What of that is never asked for differently on a relation. */
  readonly fixed: Fixed | 'nothing';
  /**
   * What the databags say, or why that is no use (yet). The reason reads on after `ENDPOINT: `.
   *
   * @param asked what we have written, of both databags
   */
  readonly read: (relation: Relation, facts: Facts, asked: Databag) => Answer<Value> | Promise<Answer<Value>>;
  /** Reads an answer that was kept; add to it only what may be absent, for older revisions have written some. */
  readonly schema: z.ZodMiniType<Value>;
  /** What the application gets. Of two rows with a variable of the same name, the upper one's counts. */
  readonly variables: Variables<Value>;
  /** CA certificates in PEM that the application needs as a file; with an option file, where libraries are told by one. */
  readonly certificate: ((value: Value) => string | CertificateFiles | undefined) | 'nothing';
  /** What tells one store of data from another, whatever its hosts and passwords: with another one, provision_command runs again. */
  readonly identity: ((value: Value) => string) | 'nothing';
}

/** A relation that only tells the other side something. */
export interface TellingParts extends CommonParts {
  /** Whether anything that the other side writes matters, or only that it is there. */
  readonly reads: 'databags' | 'presence';
}

/** An answer that the application can use. */
export interface Given {
  readonly relation: RelationId;
  readonly variables: Readonly<Record<string, string>>;
  /** Values of those variables that are secret. */
  readonly secrets: readonly string[];
  /** Text of the files by their extension; none where there is no certificate. */
  readonly certificate: Readonly<Record<string, string>>;
  readonly identity: string | undefined;
  /** The answer itself, as it is kept for the next hook. */
  readonly kept: { readonly [key: string]: RecordJson };
}

export interface GivingRow extends CommonParts, Traits {
  readonly kind: 'giving';
  readonly gives: string;
  readonly ask: GivingParts<never>['ask'];
  readonly fixed: Fixed | 'nothing';
  readonly reads: 'databags';
  /** For the reference and for lists of names. */
  readonly variables: Readonly<Record<string, { readonly meaning: string; readonly secret: boolean }>>;
  readonly read: (relation: Relation, facts: Facts, asked: Databag) => Promise<Answer<Given>>;
  /** An answer that an earlier hook kept; undefined where it cannot be read any more. */
  readonly recall: (relation: RelationId, kept: unknown) => Given | undefined;
}

export interface TellingRow extends TellingParts {
  readonly kind: 'telling';
}

export type Row = GivingRow | TellingRow;

/** A row of a relation that gives the application something. */
export function giving<Value>(parts: GivingParts<Value>, traits: Partial<Traits> = {}): GivingRow {
  const given = (relation: RelationId, value: Value): Given => {
    const found = Object.entries(parts.variables).flatMap(([name, variable]) => {
      const text = variable.text(value);
      return text === undefined ? [] : [{ name, text, secret: variable.secret }];
    });
    return {
      relation,
      variables: Object.fromEntries(found.map(({ name, text }) => [name, text])),
      secrets: found.flatMap(({ text, secret }) => (secret && text !== '' ? [text] : [])),
      certificate: filesOf(parts.certificate === 'nothing' ? undefined : parts.certificate(value)),
      identity: parts.identity === 'nothing' ? undefined : parts.identity(value),
      kept: { ...JSON.parse(JSON.stringify(value)), relation },
    };
  };
  const { interface: name, charms, publish, gives, ask, fixed, variables } = parts;
  return {
    kind: 'giving',
    reads: 'databags',
    ...USUAL,
    ...traits,
    ...{ interface: name, charms, publish, gives, ask, fixed, variables },
    read: async (relation, facts, asked) => {
      const answer = await parts.read(relation, facts, asked);
      return answer.kind === 'ready' ? { kind: 'ready', connection: given(relation.id, answer.connection) } : answer;
    },
    recall: (relation, kept) => {
      const parsed = parts.schema.safeParse(kept);
      return parsed.success ? given(relation, parsed.data) : undefined;
    },
  };
}

function filesOf(certificate: string | CertificateFiles | undefined): Given['certificate'] {
  return typeof certificate === 'string' ? { pem: certificate } : { ...certificate };
}

/** A row of a relation that only tells the other side something. */
export function telling(parts: TellingParts): TellingRow {
  return { kind: 'telling', ...parts };
}
