/** Kind of a definition, as messages name it. */
export type DefinitionKind = 'event type' | 'reference table' | 'join' | 'query';

/** Error for a definition that can't be served; the message says where the fault is, what it is and what to do. */
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

/** Refuses the definition that is being checked, by throwing a {@link DefinitionError}. */
export type Refuse = (pointer: string, detail: string) => never;

export const refuser =
  (kind: DefinitionKind, name: string): Refuse =>
  (pointer, detail) => {
    throw new DefinitionError(name, pointer, detail, kind);
  };
