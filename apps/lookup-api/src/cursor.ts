import { createHash } from 'node:crypto';
import { Problem } from '@sluice/lambda-http';
import type { LakeDate } from '@sluice/lake-layout';
import type { Position } from './row-collector';

/**
 * The end of a page. It is given by value, so that it stays valid while compaction moves rows from file to file. It
 * carries the days of the first page, so that later pages search the same ones.
 */
export interface Cursor {
  readonly after: Position;
  readonly from: LakeDate;
  readonly to: LakeDate;
}

/** Returns a token that differs between queries, because a cursor is only valid for its own query. */
export const queryToken = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12);

/** Version of cursors. Those of earlier releases, whose rows were in another order, have version 1. */
const cursorVersion = 2;

export const encodeCursor = ({ after, from, to }: Cursor, token: string): string =>
  Buffer.from(
    JSON.stringify([
      cursorVersion,
      token,
      from,
      to,
      after.keyText,
      String(after.moment),
      after.rowToken,
    ]),
  ).toString('base64url');

/** Decodes a cursor. @throws Problem where it is not a cursor of this query */
export function decodeCursor(text: string, token: string): Cursor {
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    fields = undefined;
  }
  if (Array.isArray(fields) && fields[0] === 1)
    throw new Problem(
      400,
      '"cursor" is of an earlier release, which gave rows in another order; begin with the first page',
    );
  if (
    !Array.isArray(fields) ||
    fields.length !== 7 ||
    fields.slice(1).some((field) => typeof field !== 'string')
  )
    throw new Problem(400, '"cursor" is not one that this API gave out');
  const [version, queried, from = '', to = '', keyText = '', moment = '', rowToken = ''] =
    fields as [number, ...string[]];
  if (version !== cursorVersion || queried !== token || !/^-?\d{1,20}$/.test(moment))
    throw new Problem(400, '"cursor" belongs to another query; send the same parameters with it');
  return { after: { keyText, moment: BigInt(moment), rowToken }, from, to };
}
