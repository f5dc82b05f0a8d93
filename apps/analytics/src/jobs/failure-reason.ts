/**
 * The sentence in what a failed step said: Step Functions passes the whole execution of a query or a job on, as JSON
 * (developer guide: connect-to-resource, run a job).
 *
 * @returns the text itself where it is no such JSON
 */
export function failureReason(cause: string): string {
  let said: unknown;
  try {
    said = JSON.parse(cause);
  } catch {
    return cause;
  }
  const sentence = [
    ['QueryExecution', 'Status', 'AthenaError', 'ErrorMessage'],
    ['QueryExecution', 'Status', 'StateChangeReason'],
    ['Status', 'StateChangeReason'],
    ['ErrorMessage'],
    ['errorMessage'],
  ]
    .map((path) => path.reduce<unknown>(member, said))
    .find((text) => typeof text === 'string' && text !== '');
  return typeof sentence === 'string' ? sentence : cause;
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
