// The SDK's own signer signs; what it signed is checked here.
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import * as crypto from 'node:crypto';
import { NodeSha256 } from './testing';
import { signatureV4, type SignedRequest } from './signature-v4';

const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
const check = signatureV4(crypto, credentials);
const nowMs = Date.UTC(2026, 10, 26, 12);

interface Request {
  readonly service: string;
  readonly segments: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly header: string;
  readonly body: string;
}

/** Encodes a part of a path as the SDK's clients do. */
const encoded = (part: string): string =>
  encodeURIComponent(part).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Signs a request, and returns it as the server receives it. */
async function signed(
  { service, segments, query, header, body }: Request,
  secretAccessKey = credentials.secretAccessKey,
  accessKeyId = credentials.accessKeyId,
): Promise<SignedRequest> {
  const path = `/${segments.map(encoded).join('/')}`;
  const signer = new SignatureV4({
    service,
    region: 'eu-central-1',
    credentials: { accessKeyId, secretAccessKey },
    sha256: NodeSha256,
    uriEscapePath: service !== 's3',
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path,
      query,
      headers: { host: '127.0.0.1:4600', 'x-amz-meta-a': header },
      body,
    },
    { signingDate: new Date(nowMs) },
  );
  const queryText = Object.entries(query)
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&');
  return {
    method: 'POST',
    target: queryText === '' ? path : `${path}?${queryText}`,
    headers,
    payloadHash: crypto.createHash('sha256').update(body).digest('hex'),
  };
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const requests: fc.Arbitrary<Request> = fc.record({
  service: fc.constantFrom('s3', 'kinesis', 'execute-api'),
  segments: fc.array(
    text.filter((one) => !/^\.+$/.test(one)),
    { maxLength: 4 },
  ),
  query: fc.dictionary(text, text, { maxKeys: 4 }),
  header: fc.string({ maxLength: 12 }).map((one) => `a${one}`),
  body: text,
});
const options = (service: string) => ({ services: [service], nowMs });

describe('a signature', () => {
  test('of the SDK is taken, of any path, query, header and body', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        expect(check.verify(await signed(request), options(request.service)).fault).toBeUndefined();
      }),
    );
  });

  test('is refused once anything that it covers is another', async () => {
    const request: Request = {
      service: 'kinesis',
      segments: ['a'],
      query: { b: 'c' },
      header: 'd',
      body: 'e',
    };
    const right = await signed(request);
    const { headers } = right;
    const kind = (changed: SignedRequest, services = ['kinesis']) =>
      check.verify(changed, { services, nowMs }).fault?.kind;
    expect(kind(right)).toBeUndefined();
    expect(kind(await signed(request, 'another'))).toBe('mismatch');
    expect(kind({ ...right, method: 'PUT' })).toBe('mismatch');
    expect(kind({ ...right, target: '/a?b=d' })).toBe('mismatch');
    expect(kind({ ...right, payloadHash: 'UNSIGNED-PAYLOAD' })).toBe('mismatch');
    expect(kind({ ...right, headers: { ...headers, 'x-amz-meta-a': 'f' } })).toBe('mismatch');
    expect(kind({ ...right, headers: { ...headers, host: 'elsewhere' } })).toBe('mismatch');
    expect(kind({ ...right, headers: { ...headers, 'x-amz-date': '20261127T120000Z' } })).toBe(
      'incomplete',
    );
    expect(kind(right, ['s3'])).toBe('incomplete');
    expect(kind({ ...right, headers: { host: 'a' } })).toBe('missing');
    expect(kind({ ...right, headers: { ...headers, authorization: 'AWS4-HMAC-SHA256 x' } })).toBe(
      'incomplete',
    );
    const authorization = String(headers['authorization']);
    const forged = authorization.replace(/Credential=key/, 'Credential=other');
    expect(kind({ ...right, headers: { ...headers, authorization: forged } })).toBe('unknown key');
    const withoutHost = authorization.replace('host;', '');
    expect(kind({ ...right, headers: { ...headers, authorization: withoutHost } })).toBe(
      'incomplete',
    );
  });

  test('of a role is taken by its own secret, and tells the role', async () => {
    const role = 'sluice-dev-compact, of 100%';
    const request: Request = { service: 's3', segments: ['a'], query: {}, header: 'd', body: 'e' };
    const own = check.credentialsOf(role);
    const ofRole = await signed(request, own.secretAccessKey, own.accessKeyId);
    expect(check.verify(ofRole, options('s3'))).toEqual({ role });
    expect(check.verify(await signed(request), options('s3'))).toEqual({ role: undefined });
    const other = check.credentialsOf('another');
    for (const secret of [credentials.secretAccessKey, other.secretAccessKey])
      expect(
        check.verify(await signed(request, secret, own.accessKeyId), options('s3')).fault?.kind,
      ).toBe('mismatch');
    const strange = signatureV4(crypto, { ...credentials, accessKeyId: 'other' });
    expect(strange.verify(ofRole, options('s3')).fault?.kind).toBe('unknown key');
  });

  test('made here is taken here', () => {
    const own = { method: 'GET', target: '/', headers: { host: 'a' }, payloadHash: 'x' };
    const added = check.sign({ ...own, service: 'kinesis', region: 'r', nowMs });
    const whole = { ...own, headers: { ...own.headers, ...added } };
    expect(check.verify(whole, options('kinesis')).fault).toBeUndefined();
  });
});
