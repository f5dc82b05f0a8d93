import { analyticsApiDocument } from '@sluice/analytics';
import { matchEvent, shippedJoins, shippedQueries } from '@sluice/event-types';
import { ingestApiDocument } from '@sluice/ingest-gateway';
import { httpApi, jsonAnswer } from '@sluice/lambda-http';
import { lookupApiDocument } from '@sluice/lookup-api/openapi';

type Members = Readonly<Record<string, unknown>>;

const eventTypes = [matchEvent];
const functionInvocationUri = 'arn:invoke';
const documents: Readonly<Record<string, Members>> = {
  ingest: ingestApiDocument({
    eventTypes,
    streamName: ({ name }) => name,
    credentialsArn: 'arn:role',
    region: 'eu-west-1',
  }),
  lookup: lookupApiDocument({ title: 'look-up', eventTypes, functionInvocationUri }),
  analytics: analyticsApiDocument({
    title: 'analytics',
    queries: shippedQueries,
    joins: shippedJoins,
    functionInvocationUri,
  }),
};

/** Every object under `responseParameters`, with the pointer to it. */
function* responseParameters(value: unknown, pointer = ''): Generator<readonly [string, Members]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    if (name === 'responseParameters') yield [pointer, child as Members];
    else yield* responseParameters(child, `${pointer}/${name}`);
  }
}

const header = (parameters: Members, name: string): unknown =>
  Object.entries(parameters).find(([parameter]) => parameter.endsWith(`.header.${name}`))?.[1];

/** Returns the headers that a function adds to its app's answer. */
const answered = async (): Promise<Members> => {
  const api = httpApi({ answer: () => Promise.resolve(jsonAnswer(200, {})) });
  const request = { method: 'GET', path: '/', query: new Map(), headers: new Map(), body: '' };
  return (await api(request)).headers;
};

describe.each(Object.entries(documents))('a browser and the %s API', (_name, document) => {
  const paths = Object.entries(document['paths'] as Readonly<Record<string, Members>>);

  it('may read each answer of API Gateway, and the same headers of it as of a function’s', async () => {
    const { 'access-control-expose-headers': exposed } = await answered();
    const places = [...responseParameters(document)].filter(
      ([pointer]) => !pointer.includes('/options/'),
    );
    expect(places.length).toBeGreaterThan(8);
    for (const [pointer, parameters] of places)
      expect([
        pointer,
        header(parameters, 'Access-Control-Allow-Origin'),
        header(parameters, 'Access-Control-Expose-Headers'),
      ]).toEqual([pointer, "'*'", `'${String(exposed)}'`]);
  });

  it('is told before it sends which methods each path takes, and may send what the API reads', () => {
    for (const [path, operations] of paths) {
      const [[, parameters] = ['', {}]] = [...responseParameters(operations['options'])];
      const methods = Object.keys(operations).map((method) => method.toUpperCase());
      const allowed = String(header(parameters, 'Access-Control-Allow-Methods'));
      expect([path, allowed.replaceAll("'", '').split(',').sort()]).toEqual([path, methods.sort()]);
      for (const name of ['Content-Type', 'Content-Encoding', 'If-None-Match', 'x-api-key'])
        expect(header(parameters, 'Access-Control-Allow-Headers')).toContain(name);
      // What a script may read is asked of the answer, and not of the preflight.
      expect(header(parameters, 'Access-Control-Expose-Headers')).toBeUndefined();
    }
  });

  it('may read each header that an answer is documented or known to have', async () => {
    const { 'access-control-expose-headers': exposed } = await answered();
    const readable = String(exposed).toLowerCase().split(',');
    const named = [...responseParameters(document)].flatMap(([, parameters]) =>
      Object.keys(parameters).map((name) => name.replace(/^.*\.header\./, '').toLowerCase()),
    );
    const own = named.filter((name) => !name.startsWith('access-control-'));
    for (const name of [
      ...own,
      'etag',
      'location',
      'x-next-cursor',
      'x-query-state',
      'x-row-count',
    ])
      expect(readable).toContain(name);
  });
});
