/** Something that the author of a charm can mend: a sentence a line, each naming its file and what would be right. */
export class CharmError extends Error {
  override readonly name = 'CharmError';
}
