/** A definition that can't be served; the message says where, what and what to do. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
  constructor(
    readonly eventName: string,
    /** JSON pointer into the definition. */
    readonly pointer: string,
    detail: string,
  ) {
    super(`event type "${eventName}", at ${pointer || '/'}: ${detail}`);
  }
}
