import type { z } from 'zod';

/** Something that the author of a charm can mend: a sentence a line, each naming its file and what would be right. */
export class CharmError extends Error {
  override readonly name = 'CharmError';
}

/** A sentence for each thing that a schema refused, with where it is: `config.yaml: port.type: ...`. */
export function mistakes(where: string, error: z.ZodError | undefined): string[] {
  return (error?.issues ?? []).map((issue) => `${where}: ${issue.path.join('.') || 'the file'}: ${reason(issue)}`);
}

/** Of a key that is refused, why; zod itself says only that it is. */
function reason(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}
