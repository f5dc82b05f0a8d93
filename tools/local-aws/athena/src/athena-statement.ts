import { parseObjectPath } from '@sluice/lake-layout';
import { sqlTokens, trimStatement } from './sql-text';

/**
 * A statement that the local Athena runs: a SELECT, whose rows go to the caller, or an UNLOAD, whose rows go to
 * files.
 */
export type AthenaStatement =
  | { readonly kind: 'select'; readonly sql: string }
  | {
      readonly kind: 'unload';
      /** The query inside the parentheses. */
      readonly sql: string;
      readonly bucket: string;
      /** Key prefix of the files; ends with `/`. */
      readonly prefix: string;
      /** Name of the compression in DuckDB's COPY. */
      readonly compression: 'zstd' | 'snappy' | 'gzip' | 'uncompressed';
    };

/** Error for a statement that the local Athena does not accept; the message is meant for a person. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
}

const compressions = {
  ZSTD: 'zstd',
  SNAPPY: 'snappy',
  GZIP: 'gzip',
  NONE: 'uncompressed',
} as const;

/**
 * Parses a query or an UNLOAD to Parquet. Source: Athena user guide, "UNLOAD".
 *
 * @throws {@link StatementError}
 */
export function parseStatement(text: string): AthenaStatement {
  const sql = trimStatement(text);
  if (sql === '') throw new StatementError('the query is empty');
  if (!/^unload\b/i.test(sql)) return { kind: 'select', sql };
  const { inner, rest } = bracketed(sql.replace(/^unload\s*/i, ''));
  const [, address, options] =
    /^\s*to\s+'((?:[^']|'')*)'(?:\s+with\s*\((.*)\))?\s*$/is.exec(rest) ?? [];
  const { bucket, key: path } = parseObjectPath(address?.replaceAll("''", "'") ?? '') ?? {};
  if (bucket === undefined || !path)
    throw new StatementError(
      "UNLOAD is written here as UNLOAD (SELECT …) TO 's3://bucket/folder/' WITH (format = 'PARQUET')",
    );
  return {
    kind: 'unload',
    sql: inner,
    bucket,
    prefix: path.endsWith('/') ? path : `${path}/`,
    compression: unloadCompression(options ?? ''),
  };
}

/** Returns the content of the parentheses at the beginning, and the text after them. */
function bracketed(sql: string): { readonly inner: string; readonly rest: string } {
  const tokens = sqlTokens(sql);
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (token === '(') depth++;
    else if (token === ')') depth--;
    if (depth === 0) {
      if (at === 0) break;
      return { inner: tokens.slice(1, at).join(''), rest: tokens.slice(at + 1).join('') };
    }
  }
  throw new StatementError('UNLOAD has no query in brackets');
}

function unloadCompression(text: string): (typeof compressions)[keyof typeof compressions] {
  const options = new Map<string, string>();
  for (const part of text.split(',').filter((option) => option.trim() !== '')) {
    const [, name, value] = /^\s*(\w+)\s*=\s*'?(\w+)'?\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined)
      throw new StatementError(`the option "${part.trim()}" of UNLOAD is not known here`);
    options.set(name.toLowerCase(), value.toUpperCase());
  }
  const format = options.get('format');
  if (format !== 'PARQUET')
    throw new StatementError(`UNLOAD writes Parquet here, not ${format ?? 'ORC, its default'}`);
  const compression = options.get('compression') ?? 'GZIP';
  for (const name of options.keys())
    if (!['format', 'compression', 'compression_level'].includes(name))
      throw new StatementError(`the option "${name}" of UNLOAD is not known here`);
  if (!(compression in compressions))
    throw new StatementError(`UNLOAD knows no compression ${compression}`);
  return compressions[compression as keyof typeof compressions];
}
