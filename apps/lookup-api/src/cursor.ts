import { createHash } from 'node:crypto';
import { Problem } from '@sluice/lambda-http';
import type { LakeDate } from '@sluice/lake-layout';
import type { Position } from './row-collector';

/**
 * Where a page ended: by value, so that it holds while compaction moves rows from file to file. It carries the
 * days of the first page, so that later pages look at the same ones.
 */
export interface Cursor {
  readonly after: Position;
  readonly from: LakeDate;
  readonly to: LakeDate;
}

/** Tells one query from another; a cursor works with its own only. */
export const queryToken = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12);

export const encodeCursor = ({ after, from, to }: Cursor, token: string): string =>
  Buffer.from(JSON.stringify([1, token, from, to, after.keyText, after.rowToken])).toString(
    'base64url',
  );

/** @throws Problem where it is not a cursor of this query. */
export function decodeCursor(text: string, token: string): Cursor {
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    fields = undefined;
  }
  if (
    !Array.isArray(fields) ||
    fields.length !== 6 ||
    fields.slice(1).some((field) => typeof field !== 'string')
  )
    throw new Problem(400, '"cursor" is not one that this API gave out');
  const [version, queried, from, to, keyText, rowToken] = fields as [number, ...string[]];
  if (version !== 1 || queried !== token)
    throw new Problem(400, '"cursor" belongs to another query; send the same parameters with it');
  return {
    after: { keyText: keyText ?? '', rowToken: rowToken ?? '' },
    from: from ?? '',
    to: to ?? '',
  };
}
