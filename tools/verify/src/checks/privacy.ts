import { NotApplicable, Unexpected } from '@sluice/checks';
import {
  allowsEventType,
  errorRetentionDays,
  eventColumns,
  isPrivate,
  restrictedColumns,
  ruleOfPath,
  seesRecords,
  tableName,
  visibleColumns,
  type EventType,
} from '@sluice/event-schema';
import { errorsOfDayPrefix, errorsPrefix, ObjectNotFoundError } from '@sluice/lake-layout';
import { secretNames } from '@sluice/privacy';
import { byEventType } from '../by-event-type';
import type { Check } from '../check';
import { shown, type Row } from '../compare-row';
import { valueAt } from '../marked-event';
import type { ScopedKey } from '../target';
import { expectRefusal, jsonOf, type VerifyRun } from '../verify-run';
import { replayDay } from './maintenance';

/** Clocks of a laptop and of AWS differ. */
const clockToleranceMs = 120_000;

export const privacyChecks: readonly Check[] = [
  {
    id: 'privacy.hashes',
    assumption: "The transformers may read the stage's secret, and hash with it what a rule names.",
    expected: 'each value with the rule "hash" is the HMAC of what was sent, by that secret',
    needs: ['delivery.rows'],
    run: async (run) => {
      const hashing = run.target.eventTypes.filter(hasHashes);
      if (hashing.length === 0) throw new NotApplicable('no event type hashes a value');
      const { hash: secret } = secretNames(run.target.stage);
      if (run.hashOf('') === undefined)
        throw new NotApplicable(`the secret ${secret} can't be read by who verifies`);
      return byEventType(hashing, (eventType) => Promise.resolve(hashesOf(run, eventType)));
    },
  },
  {
    id: 'privacy.refused-record',
    assumption:
      'What the function refuses of a private event type is sealed by a secret, by itself.',
    expected: 'an object in errors/sealed/, and the record in the clear in no object',
    run: async (run) => {
      const eventType = run.target.eventTypes.find(isPrivate);
      if (!eventType) throw new NotApplicable('no event type has rules of privacy');
      const table = tableName(eventType);
      const data = `{"verify":"${run.mark}","sealed`;
      const beganMs = Date.now();
      await run.putRecord(table, data);
      const key = await run.until(
        () => sealedSince(run, table, beganMs),
        () => Promise.resolve(`no object below ${errorsPrefix(table)}sealed/`),
      );
      const forms = [data, run.mark, Buffer.from(data).toString('base64')];
      for await (const object of run.target.store.list(errorsPrefix(table))) {
        if (object.modifiedMs < beganMs - clockToleranceMs || run.ownObjects.has(object.key))
          continue;
        const text = Buffer.from((await run.target.store.get(object.key)).bytes).toString('utf8');
        if (forms.some((form) => text.includes(form)))
          throw new Unexpected(`${object.key} has it in the clear`);
      }
      return key.slice(0, key.lastIndexOf('/'));
    },
  },
  {
    id: 'access.restricted-columns',
    assumption:
      'API Gateway tells a function which API key asks, and it holds the key to its scopes.',
    expected:
      'rows without restricted columns for a key without the scope, with them for the own key, and 403 where one is asked for',
    needs: ['delivery.rows'],
    run: async (run) => {
      const restricted = run.target.eventTypes.filter((one) => restrictedColumns(one).length > 0);
      if (restricted.length === 0) throw new NotApplicable('no event type has a restricted column');
      const asked = restricted.flatMap((eventType) => {
        const key = run.target.scopedKeys.find(
          ({ scopes }) =>
            allowsEventType(scopes, eventType.name) && !seesRecords(scopes, eventType),
        );
        return key ? [{ eventType, key }] : [];
      });
      if (asked.length === 0)
        throw new NotApplicable(
          'api-keys.json of the definitions has no key of look-ups that lacks the scope of a restricted column',
        );
      return byEventType(
        asked.map(({ eventType }) => eventType),
        async (eventType) => {
          const found = asked.find((one) => one.eventType === eventType);
          if (!found) throw new Unexpected('no key');
          return restrictedFor(run, eventType, found.key);
        },
      );
    },
  },
  {
    id: 'retention.failed-records',
    assumption: 'The function that ends retentions may delete, and leaves what is to be kept.',
    expected:
      'an old line of the error output is gone; of event types without an end, nothing would go',
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const table = tableName(eventType);
        if (errorRetentionDays(eventType) === undefined || eventType.legalHold === true) {
          const kept = await expire(run, { table, dryRun: true });
          if (eventType.retentionDays === undefined && kept.days.length > 0)
            throw new Unexpected(`${kept.days.length} days would go`);
          return 'nothing would go';
        }
        const key = `${errorsOfDayPrefix(table, 'processing-failed', replayDay)}${run.mark}-retention`;
        run.ownObjects.add(key);
        await run.target.store.put(key, Buffer.from('{}\n'));
        await expire(run, { table });
        try {
          await run.target.store.get(key);
        } catch (error) {
          if (error instanceof ObjectNotFoundError) return 'an old line is gone';
          throw error;
        }
        throw new Unexpected(`${key} is still there`);
      }),
  },
];

/** Decides whether an event type hashes a value. */
export const hasHashes = ({ privacy = {} }: EventType): boolean =>
  Object.values(privacy).includes('hash');

/** Asks for a row by a key that lacks the scope of some of its columns. @returns what was left out */
async function restrictedFor(
  run: VerifyRun,
  eventType: EventType,
  { name, scopes, apiKey }: ScopedKey,
): Promise<string> {
  const { leftOut } = visibleColumns(scopes, eventType);
  const [event] = run.postedOf(eventType);
  if (!event) throw new Unexpected('no event was posted');
  const path = `/v1/events/${eventType.name}?id=${encodeURIComponent(run.storedKey(event))}`;
  const whole = jsonOf(await run.request(run.target.lookup, 'GET', path), 200);
  const [ownRow] = whole['rows'] as readonly Row[];
  const missing = leftOut.filter((column) => !Object.hasOwn(ownRow ?? {}, column));
  if (missing.length > 0) throw new Unexpected(`the own key does not see ${missing.join(', ')}`);
  const answer = await run.request(run.target.lookup, 'GET', path, { apiKey });
  const rows = jsonOf(answer, 200)['rows'] as readonly Row[];
  if (rows.length === 0) throw new Unexpected(`no row for the key ${name}`);
  const seen = leftOut.filter((column) => rows.some((row) => Object.hasOwn(row, column)));
  if (seen.length > 0) throw new Unexpected(`the key ${name} sees ${seen.join(', ')}`);
  if (answer.headers.get('x-columns-left-out') !== leftOut.join(','))
    throw new Unexpected(`the answer does not say that ${leftOut.join(', ')} are left out`);
  expectRefusal(
    await run.request(run.target.lookup, 'GET', `${path}&columns=${leftOut[0] ?? ''}`, { apiKey }),
    403,
  );
  return `the key ${name} does not see ${leftOut.join(', ')}`;
}

interface Expired {
  readonly days: readonly unknown[];
}

async function expire(
  run: VerifyRun,
  { table, dryRun = false }: { readonly table: string; readonly dryRun?: boolean },
): Promise<Expired> {
  const summary = await run.invoke('compact', { action: 'expire', table, dryRun });
  const [result] = (summary['tables'] ?? []) as readonly Expired[];
  if (!result) throw new Unexpected(JSON.stringify(summary).slice(0, 300));
  return result;
}

function hashesOf(run: VerifyRun, eventType: EventType): string {
  let hashes = 0;
  for (const column of eventColumns(eventType)) {
    if (ruleOfPath(eventType, column.path) !== 'hash') continue;
    for (const event of run.postedOf(eventType)) {
      const sent = valueAt(event.event, column.path);
      if (sent === undefined || sent === null || typeof sent === 'object' || sent === '') continue;
      const observed = shown(run.rows.get(event.text)?.[column.name]);
      const expected = run.hashOf(shown(sent));
      if (observed !== expected)
        throw new Unexpected(`column ${column.name}: ${observed}, not ${expected ?? ''}`);
      hashes++;
    }
  }
  return `${hashes} hashes`;
}

async function sealedSince(
  run: VerifyRun,
  table: string,
  sinceMs: number,
): Promise<string | undefined> {
  for await (const { key, modifiedMs } of run.target.store.list(`${errorsPrefix(table)}sealed/`))
    if (modifiedMs >= sinceMs - clockToleranceMs) return key;
  return undefined;
}
