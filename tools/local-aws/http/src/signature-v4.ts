import type { KeyObject } from 'node:crypto';

interface Digest {
  update(text: string): Digest;
  digest(): Buffer;
  digest(encoding: 'hex'): string;
}

/** The functions of `node:crypto` that signatures need. */
export interface SignatureCrypto {
  /** Returns a hash in hex. */
  hash(algorithm: string, text: string): string;
  createHmac(algorithm: string, key: string | Buffer | KeyObject): Digest;
  createSecretKey(key: Buffer): KeyObject;
  timingSafeEqual(a: NodeJS.ArrayBufferView, b: NodeJS.ArrayBufferView): boolean;
}

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A request as it is transmitted. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as in the request line. */
  readonly target: string;
  /** Header values by name in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** SHA-256 of the body in hex, or the value of `x-amz-content-sha256` in its place. */
  readonly payloadHash: string;
}

export type SignatureFaultKind = 'missing' | 'incomplete' | 'unknown key' | 'mismatch' | 'expired';

export interface SignatureFault {
  readonly kind: SignatureFaultKind;
  /** A sentence for the caller; it names neither the secret nor the expected signature. */
  readonly message: string;
}

/** Decision about a request: its fault, or else the role that signed it, undefined for the owner of the credentials. */
export type VerifiedSignature =
  | { readonly fault: SignatureFault; readonly role?: undefined }
  | { readonly fault?: undefined; readonly role: string | undefined };

export interface SignatureV4 {
  /**
   * Returns the headers to add to a request to `host` with this target and body. The request's other headers stay
   * unsigned.
   */
  sign(request: {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly payloadHash: string;
    readonly service: string;
    readonly region: string;
    readonly nowMs: number;
  }): { readonly 'x-amz-date': string; readonly authorization: string };
  /** Decides whether the owner of the credentials, or a role whose credentials derive from them, signed a request. */
  verify(
    request: SignedRequest,
    options: { readonly services: readonly string[]; readonly nowMs: number },
  ): VerifiedSignature;
  /**
   * Returns the credentials of a role. They are derived from those that were given, so that every endpoint of the stack
   * knows them without a list.
   */
  readonly credentialsOf: (role: string) => SigningCredentials;
}

/**
 * Returns functions that sign and check requests with AWS Signature Version 4, in the header or, presigned, in the
 * query.
 *
 * The region is accepted as the caller names it, and only presigned requests expire: a local endpoint has one region
 * and no clock but its own.
 *
 * The function refers to nothing outside itself, so that its source text can run in a thread that starts from text.
 * Source: IAM user guide, "Create a signed AWS API request"; S3 API reference, "Authenticating requests".
 */
export function signatureV4(
  crypto: SignatureCrypto,
  { accessKeyId, secretAccessKey }: SigningCredentials,
): SignatureV4 {
  const algorithm = 'AWS4-HMAC-SHA256';
  const hmac = (key: string | Buffer, text: string): Buffer =>
    crypto.createHmac('sha256', key).update(text).digest();

  const escape = (text: string): string =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const unescape = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  /**
   * Returns the canonical path. S3 signs it encoded once and unchanged; other services normalise it and encode it
   * twice.
   */
  const canonicalPath = (path: string, service: string): string => {
    if (path === '/') return path;
    if (service === 's3')
      return path
        .split('/')
        .map((segment) => escape(unescape(segment)))
        .join('/');
    const segments: string[] = [];
    for (const segment of path.split('/'))
      if (segment === '..') segments.pop();
      else if (segment !== '' && segment !== '.') segments.push(escape(segment));
    const end = segments.length > 0 && path.endsWith('/') ? '/' : '';
    return `/${segments.join('/')}${end}`;
  };

  const queryPairs = (query: string): readonly (readonly [string, string])[] => {
    if (query === '') return [];
    return query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const equals = pair.indexOf('=');
        return equals < 0
          ? [unescape(pair), '']
          : [unescape(pair.slice(0, equals)), unescape(pair.slice(equals + 1))];
      });
  };

  const canonicalQuery = (pairs: readonly (readonly [string, string])[]): string =>
    pairs
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => [escape(name), escape(value)] as const)
      .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
      .map(([name, value]) => `${name}=${value}`)
      .join('&');

  const headerValue = (value: string | readonly string[] | undefined): string =>
    typeof value === 'string'
      ? value.trim().replace(/\s+/g, ' ')
      : (value ?? []).map((one) => headerValue(one)).join(',');

  const rolePrefix = `${accessKeyId}.`;
  const roleKeyId = (role: string): string => `${rolePrefix}${encodeURIComponent(role)}`;
  const roleOfKey = (keyId: string): string | undefined =>
    keyId.startsWith(rolePrefix) ? unescape(keyId.slice(rolePrefix.length)) : undefined;
  const secretOf = (keyId: string): string =>
    keyId === accessKeyId ? secretAccessKey : hmac(secretAccessKey, keyId).toString('hex');

  // The signing key depends on the access key, day, region and service only.
  const signingKeys = new Map<string, KeyObject>();
  const signingKey = (keyId: string, scope: string): KeyObject => {
    const name = `${keyId}/${scope}`;
    let key = signingKeys.get(name);
    if (!key) {
      const bytes = scope
        .split('/')
        .reduce<Buffer>(
          (parent, part) => hmac(parent, part),
          Buffer.from(`AWS4${secretOf(keyId)}`),
        );
      // Node 24 takes longer to make a key of bytes than to use it.
      key = crypto.createSecretKey(bytes);
      if (signingKeys.size >= 1024) signingKeys.clear();
      signingKeys.set(name, key);
    }
    return key;
  };

  const signatureOf = ({
    method,
    path,
    query,
    headers,
    signedHeaders,
    payloadHash,
    keyId,
    scope,
    service,
    date,
  }: {
    readonly method: string;
    readonly path: string;
    readonly query: readonly (readonly [string, string])[];
    readonly headers: SignedRequest['headers'];
    readonly signedHeaders: readonly string[];
    readonly payloadHash: string;
    readonly keyId: string;
    readonly scope: string;
    readonly service: string;
    readonly date: string;
  }): string => {
    const canonicalRequest = [
      method,
      canonicalPath(path, service),
      canonicalQuery(query),
      ...signedHeaders.map((name) => `${name}:${headerValue(headers[name])}`),
      '',
      signedHeaders.join(';'),
      payloadHash,
    ].join('\n');
    const text = [algorithm, date, scope, crypto.hash('sha256', canonicalRequest)].join('\n');
    return crypto.createHmac('sha256', signingKey(keyId, scope)).update(text).digest('hex');
  };

  const split = (target: string): readonly [string, string] => {
    const mark = target.indexOf('?');
    return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
  };

  /** Returns a function that remembers its last result: requests of one second share their dates. */
  const rememberingLast = <Input, Result>(
    make: (input: Input) => Result,
  ): ((input: Input) => Result) => {
    let last: { readonly input: Input; readonly result: Result } | undefined;
    return (input) =>
      (last?.input === input ? last : (last = { input, result: make(input) })).result;
  };
  const dateOfSecond = rememberingLast((second: number) =>
    new Date(second * 1000).toISOString().replace(/[-:]|\.\d+/g, ''),
  );
  const amzDate = (ms: number): string => dateOfSecond(Math.floor(ms / 1000));

  const dateOf = rememberingLast((text: string): number => {
    const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
    return parts
      ? Date.parse(
          `${parts[1] ?? ''}-${parts[2] ?? ''}-${parts[3] ?? ''}T${parts[4] ?? ''}:${parts[5] ?? ''}:${parts[6] ?? ''}Z`,
        )
      : NaN;
  });

  /** Reads the parts of a signature from the header or from the query. */
  const readSignature = (
    headers: SignedRequest['headers'],
    query: readonly (readonly [string, string])[],
  ):
    | Readonly<Record<'credential' | 'signedHeaders' | 'signature' | 'date', string>>
    | undefined => {
    const { authorization } = headers;
    if (typeof authorization === 'string') {
      if (!authorization.startsWith(`${algorithm} `)) return undefined;
      const plainDate = headerValue(headers['date']);
      return {
        credential: /[\s,]Credential=([^,\s]+)/.exec(authorization)?.[1] ?? '',
        signedHeaders: /[\s,]SignedHeaders=([^,\s]+)/.exec(authorization)?.[1] ?? '',
        signature: /[\s,]Signature=([^,\s]+)/.exec(authorization)?.[1] ?? '',
        date:
          headerValue(headers['x-amz-date']) ||
          (Number.isNaN(Date.parse(plainDate)) ? plainDate : amzDate(Date.parse(plainDate))),
      };
    }
    const part = (name: string): string => query.find(([given]) => given === name)?.[1] ?? '';
    if (part('X-Amz-Algorithm') !== algorithm) return undefined;
    return {
      credential: part('X-Amz-Credential'),
      signedHeaders: part('X-Amz-SignedHeaders'),
      signature: part('X-Amz-Signature'),
      date: part('X-Amz-Date'),
    };
  };

  return {
    sign({ method, target, headers, payloadHash, service, region, nowMs }) {
      const [path, query] = split(target);
      const date = amzDate(nowMs);
      const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
      const all = { ...headers, 'x-amz-date': date };
      const signedHeaders = Object.keys(all).sort();
      const signature = signatureOf({
        method,
        path,
        query: queryPairs(query),
        headers: all,
        signedHeaders,
        payloadHash,
        keyId: accessKeyId,
        scope,
        service,
        date,
      });
      return {
        'x-amz-date': date,
        authorization: `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
      };
    },

    verify({ method, target, headers, payloadHash }, { services, nowMs }) {
      const refused = (kind: SignatureFaultKind, message: string): VerifiedSignature => ({
        fault: { kind, message },
      });
      const [path, queryText] = split(target);
      const query = queryPairs(queryText);
      const given = readSignature(headers, query);
      if (!given)
        return refused(
          'missing',
          'The request is not signed with AWS4-HMAC-SHA256: give your client an access key.',
        );
      const { credential, signature, date } = given;
      const [key = '', ...scopeParts] = credential.split('/');
      const [day, , service = '', end] = scopeParts;
      const signedHeaders = given.signedHeaders.split(';');
      const incomplete =
        scopeParts.length !== 4 || end !== 'aws4_request'
          ? 'its credential is not <key>/<day>/<region>/<service>/aws4_request'
          : Number.isNaN(dateOf(date)) || day !== date.slice(0, 8)
            ? 'its date is absent, malformed or of another day than its credential'
            : !signedHeaders.includes('host')
              ? 'the header "host" is not among its signed ones'
              : undefined;
      if (incomplete === undefined && !services.includes(service))
        return refused(
          'incomplete',
          `The credential is scoped to the service "${service}", not to ${services.join(' or ')}.`,
        );
      if (key !== '' && key !== accessKeyId && roleOfKey(key) === undefined)
        return refused('unknown key', 'The access key is not the one of this local stack.');
      if (incomplete !== undefined)
        return refused('incomplete', `The signature can't be read: ${incomplete}.`);
      const scope = scopeParts.join('/');
      const signed = { method, path, query, headers, signedHeaders, payloadHash };
      const wanted = Buffer.from(signatureOf({ ...signed, keyId: key, scope, service, date }));
      const had = Buffer.from(signature);
      if (had.length !== wanted.length || !crypto.timingSafeEqual(had, wanted))
        return refused(
          'mismatch',
          'The signature does not match: check the secret access key, and that nothing on the way changes the request.',
        );
      const lifetime = query.find(([name]) => name === 'X-Amz-Expires')?.[1];
      const isPresigned = headers['authorization'] === undefined;
      if (isPresigned && !(nowMs <= dateOf(date) + Number(lifetime ?? 0) * 1000))
        return refused('expired', 'Request has expired');
      return { role: roleOfKey(key) };
    },

    credentialsOf(role) {
      const keyId = roleKeyId(role);
      return { accessKeyId: keyId, secretAccessKey: secretOf(keyId) };
    },
  };
}
