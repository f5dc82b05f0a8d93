import type { SeededRandom } from '@sluice/event-types/samples';
import type { FunctionResult, LocalFunction } from '@sluice/local-lambda';
import type { FaultDice } from './fault-dice';

const kinds = [
  'function throws',
  'function times out',
  'function answer lost',
  'function garbage',
] as const;

/** Wraps a function so that it fails now and then. Its real work may be done or not, as with a real function. */
export const faultyFunction =
  (dice: FaultDice, random: SeededRandom) =>
  (one: LocalFunction): LocalFunction => ({
    ...one,
    invoke: async (payload) => {
      switch (dice.roll(kinds)) {
        case 'function throws':
          return { ok: false, errorType: 'Unhandled', message: 'A fault was asked for.' };
        case 'function times out':
          return timeout;
        case 'function answer lost':
          await one.invoke(payload);
          return timeout;
        case 'function garbage':
          return { ok: true, payload: garbage(payload, random) };
        case undefined:
          return one.invoke(payload);
      }
    },
  });

const timeout: FunctionResult = { ok: false, errorType: 'Timeout', message: 'It took too long.' };

interface TransformationRequest {
  readonly records?: readonly { readonly recordId: string; readonly data: string }[];
}

/**
 * Returns an answer that is wrong for a transformation, and as wrong for other callers. No answer says `Ok` for bytes
 * that are not rows, because the error output of the conversion would hold those bytes and the original would be
 * lost, on AWS as here.
 */
function garbage(payload: unknown, random: SeededRandom): unknown {
  const { records = [] } = (payload ?? {}) as TransformationRequest;
  const answers = records.map(({ recordId, data }) => ({ recordId, result: 'Ok', data }));
  return random.pick([
    undefined,
    'garbage',
    {},
    { records: 'garbage' },
    { records: [] },
    { records: [null, 1, 'garbage', ...answers.map(({ recordId }) => ({ recordId }))] },
    { records: answers.map((answer) => ({ ...answer, recordId: `${answer.recordId}0` })) },
    { records: [...answers, ...answers] },
    { records: answers.map((answer) => ({ ...answer, result: 'Fine' })) },
    { records: answers.map((answer) => ({ ...answer, data: '<not base64>' })) },
    { records: answers.map((answer) => ({ ...answer, result: 'ProcessingFailed' })) },
  ]);
}
