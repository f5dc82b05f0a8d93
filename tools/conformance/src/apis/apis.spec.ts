import { differencesOf } from './apis';

test('a failure of an operation and a document that cannot be used are differences', () => {
  expect(differencesOf('ingest', { failures: [], errors: [] })).toEqual([]);
  const [failure, error] = differencesOf('ingest', {
    failures: [{ title: 'Undocumented status code', operations: ['GET /v1/events'] }],
    errors: [{ title: 'Schema Error' }],
  });
  expect(failure).toMatchObject({
    tried: 'ingest: Undocumented status code',
    ours: 'GET /v1/events',
  });
  expect(error?.ours).toContain('Schema Error');
});
