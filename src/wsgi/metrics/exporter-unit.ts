/** The text of the exporter's unit. */
import renderUnit from '../../../templates/gunicorn3-exporter.service.hbs';
import { commandLine, unitValue, unitWord } from '../../system/unit-words.ts';
import { EXPORTER, EXPORTER_USER, GENERATION } from '../paths.ts';
import type { ExporterPorts } from './ports.ts';

/** Paths are as the machine's processes see them. */
export interface ExporterSpec {
  /** The unit of Juju that the file belongs to. */
  readonly owner: string;
  readonly python: string;
  readonly program: string;
  readonly facts: string;
  readonly ports: ExporterPorts;
  /** Tells apart what it was started with. */
  readonly generation: string;
  /** False on a machine that refuses what needs a mount namespace. */
  readonly sandboxing: boolean;
}

export function exporterUnit({ owner, python, program, facts, ports, generation, sandboxing }: ExporterSpec): string {
  const argv = ['--statsd', String(ports.statsd), '--listen', String(ports.listen), '--facts', facts];
  return renderUnit({
    owner,
    name: EXPORTER,
    user: EXPORTER_USER,
    identifier: EXPORTER.replace(/\.service$/, ''),
    description: unitValue(`metrics of ${owner} for Prometheus`),
    execStart: commandLine([python, '-I', program, ...argv]),
    generation: unitWord(`${GENERATION}=${generation}`),
    sandboxing,
  });
}
