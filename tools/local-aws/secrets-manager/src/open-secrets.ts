import { readOwnFile, writeWhole } from '@sluice/local-state-files';
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** A secret as a template describes it. */
export interface SecretSpec {
  readonly name: string;
  /** `GenerateSecretString` of the template. */
  readonly generate: Readonly<Record<string, unknown>>;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
/**
 * Length of a secret where the template names none. Source: CloudFormation, `AWS::SecretsManager::Secret
 * GenerateSecretString`.
 */
const defaultLength = 32;

const known: ReadonlySet<string> = new Set([
  'SecretStringTemplate',
  'GenerateStringKey',
  'PasswordLength',
  'ExcludePunctuation',
]);

/**
 * Returns the texts of the secrets by name. Secrets that the file does not hold are generated and written to it. Only
 * the file's owner can read it.
 *
 * @throws DamagedFileError, and Error where a template uses a feature that is not supported here
 */
export function openSecrets(
  file: string,
  specs: readonly SecretSpec[],
): ReadonlyMap<string, string> {
  const kept = readOwnFile(
    file,
    parseSecrets,
    'put a copy of it back; without it, what was hashed or sealed with its keys can be told by nobody any more, and deleting it starts with new ones',
  );
  const secrets = new Map(Object.entries(kept ?? {}));
  const missing = specs.filter(({ name }) => !secrets.has(name));
  if (missing.length === 0) return secrets;
  for (const spec of missing) secrets.set(spec.name, generated(spec));
  mkdirSync(dirname(file), { recursive: true });
  writeWhole(file, `${JSON.stringify(Object.fromEntries(secrets), undefined, 2)}\n`);
  return secrets;
}

function parseSecrets(text: string): Readonly<Record<string, string>> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('it holds no object');
  for (const [name, secret] of Object.entries(value))
    if (typeof secret !== 'string') throw new Error(`"${name}" is no text`);
  return value as Readonly<Record<string, string>>;
}

function generated({ name, generate }: SecretSpec): string {
  for (const option of Object.keys(generate))
    if (!known.has(option))
      throw new Error(`the secret ${name} is to be made with ${option}, which is not known here`);
  const { SecretStringTemplate, GenerateStringKey, PasswordLength, ExcludePunctuation } = generate;
  const alphabet = String(ExcludePunctuation) === 'true' ? letters : `${letters}${punctuation}`;
  const password = Array.from(
    { length: Number(PasswordLength ?? defaultLength) },
    () => alphabet[randomInt(alphabet.length)],
  ).join('');
  if (typeof SecretStringTemplate !== 'string') return password;
  const template = JSON.parse(SecretStringTemplate) as Record<string, unknown>;
  return JSON.stringify({ ...template, [String(GenerateStringKey)]: password });
}
