// The official client, unmodified, against the local Secrets Manager.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { permissionCheck, signatureV4, startAwsJson } from '@sluice/local-http';
import * as crypto from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSecrets, secretsManagerApi } from '.';

const folder = mkdtempSync(join(tmpdir(), 'sluice-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spec = {
  name: 'sluice/dev/privacy/hash',
  generate: {
    SecretStringTemplate: '{"current":"1"}',
    GenerateStringKey: '1',
    PasswordLength: 64,
    ExcludePunctuation: true,
  },
};

test('a secret is made once, for its owner alone, and stays', () => {
  const file = join(folder, 'deeper', 'secrets.json');
  const first = openSecrets(file, [spec]).get(spec.name) ?? '';
  expect(JSON.parse(first)).toEqual({ current: '1', '1': expect.stringMatching(/^\w{64}$/) });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const later = openSecrets(file, [spec, { name: 'other', generate: {} }]);
  expect(later.get(spec.name)).toBe(first);
  expect(later.get('other')).toHaveLength(32);
  expect(openSecrets(file, []).get(spec.name)).toBe(first);
});

test('a damaged file and an unknown option are said, without what the file holds', () => {
  const file = join(folder, 'damaged.json');
  writeFileSync(file, '{"a":"TOP-SECRET"');
  expect(() => openSecrets(file, [])).toThrow('put a copy of it back');
  expect(() => openSecrets(file, [])).not.toThrow('TOP-SECRET');
  expect(readFileSync(file, 'utf8')).toContain('TOP-SECRET');
  const strange = { name: 'x', generate: { ExcludeCharacters: 'a' } };
  expect(() => openSecrets(join(folder, 'new.json'), [strange])).toThrow('ExcludeCharacters');
});

test('the SDK reads a secret by name and by ARN', async () => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'secret' };
  const server = await startAwsJson({
    credentials,
    permits: permissionCheck({
      reader: [
        {
          Effect: 'Allow',
          Action: 'secretsmanager:GetSecretValue',
          Resource: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:a/b-??????',
        },
      ],
    }),
    services: [
      secretsManagerApi(
        new Map([
          ['a/b', 'text'],
          ['a/b/c', 'other'],
        ]),
      ),
    ],
    reportError: (error) => {
      throw error;
    },
  });
  const clientOf = (own: typeof credentials) =>
    new SecretsManagerClient({ endpoint: server.url, region: 'us-east-1', credentials: own });
  const client = clientOf(credentials);
  const role = clientOf(signatureV4(crypto, credentials).credentialsOf('reader'));
  const read = (SecretId: string, by = client) => by.send(new GetSecretValueCommand({ SecretId }));
  try {
    expect((await read('a/b')).SecretString).toBe('text');
    expect((await read('arn:aws:secretsmanager:us-east-1:0:secret:a/b')).Name).toBe('a/b');
    await expect(read('b')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await read('a/b', role)).SecretString).toBe('text');
    await expect(read('a/b/c', role)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  } finally {
    client.destroy();
    role.destroy();
    await server.close();
  }
});
