import { callerCheck } from './caller-check';

const headersOf = (host: string | undefined, origin?: string, more = {}) => ({
  method: 'GET',
  headers: { host, origin, ...more },
});
const strict = callerCheck({ allowedOrigins: ['http://127.0.0.1:4610'], allowsLocalPages: false });
const lenient = callerCheck({ allowedOrigins: [], allowsLocalPages: true });

describe('a caller', () => {
  test.each([
    '127.0.0.1',
    '127.0.0.1:4600',
    'localhost:4600',
    'LOCALHOST',
    '[::1]:4600',
    'lake.localhost:4602',
    'lake.s3.localhost',
    'host.docker.internal:4603',
  ])('by the name %s is admitted', (host) => {
    expect(strict(headersOf(host))).toEqual({});
  });

  test.each([
    undefined,
    '',
    'elsewhere.example:4600',
    'localhost.example',
    'localhost.',
    '127.0.0.1.example',
    '127.0.0.1@elsewhere.example',
    '[::1].example',
    '192.168.0.2:4600',
  ])('by the name %s is refused', (host) => {
    expect(strict(headersOf(host)).refusal).toMatch(/names of this machine only/);
  });

  test('from a page is admitted only if its origin is', () => {
    const page = (check: typeof strict, origin: string) => check(headersOf('localhost', origin));
    expect(page(strict, 'http://127.0.0.1:4610')).toEqual({ origin: 'http://127.0.0.1:4610' });
    for (const origin of [
      'https://elsewhere.example',
      'http://127.0.0.1:4611',
      'http://localhost:4610',
      'null',
      'http://127.0.0.1:4610.example',
    ])
      expect(page(strict, origin).refusal).toMatch(/--allow-origin/);
    expect(page(lenient, 'http://localhost:5173')).toEqual({});
    for (const origin of ['https://elsewhere.example', 'null', 'file://', 'http://localhost@a.b'])
      expect(page(lenient, origin).refusal).toMatch(/--allow-origin/);
  });

  test('from a page that names no origin is refused, unless a person follows a link', () => {
    const site = (more: object) => strict(headersOf('localhost', undefined, more));
    expect(site({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }).refusal).toMatch(
      /other sites/,
    );
    expect(site({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toEqual({});
    expect(site({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).toEqual({});
  });
});
