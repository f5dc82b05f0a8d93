import { DefinitionError } from '../definitions/definition-error';

/** Expects a definition to be refused at a pointer, with a message that matches. */
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
