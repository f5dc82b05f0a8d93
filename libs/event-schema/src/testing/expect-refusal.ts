import { DefinitionError } from '../definitions/definition-error';

/** Expects that a definition is refused at a place of it, with a message that matches. */
export function expectRefusal(define: () => unknown, pointer: string, message: RegExp): void {
  let refusal: unknown;
  try {
    define();
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(DefinitionError);
  expect(refusal).toMatchObject({ pointer, message: expect.stringMatching(message) as string });
}
