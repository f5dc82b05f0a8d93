/** What a definition defines, as messages call it. */
export type DefinitionKind = 'event type' | 'reference table' | 'join' | 'query';

/** A definition that can't be served; the message says where, what and what to do. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
  constructor(
    readonly definitionName: string,
    /** JSON pointer into the definition. */
    readonly pointer: string,
    detail: string,
    readonly kind: DefinitionKind = 'event type',
  ) {
    super(`${kind} "${definitionName}", at ${pointer || '/'}: ${detail}`);
  }
}

/** Throws a {@link DefinitionError} of the definition that is being checked. */
export type Refuse = (pointer: string, detail: string) => never;

export const refuser =
  (kind: DefinitionKind, name: string): Refuse =>
  (pointer, detail) => {
    throw new DefinitionError(name, pointer, detail, kind);
  };
