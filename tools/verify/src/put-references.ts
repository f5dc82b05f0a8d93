import { defineEvent } from '@sluice/event-schema';
import { shippedReferences } from '@sluice/event-types';
import { putReference } from '@sluice/lake/put-reference';
import type { ObjectStore } from '@sluice/lake-layout';
import { stringify } from 'lossless-json';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markedEvent, markMember } from './marked-event';
import { TargetError } from './target';

/**
 * Puts a row into each reference table that ships, so that joins find partners.
 *
 * @param folder for temporary files
 */
export async function putReferences(store: ObjectStore, folder: string): Promise<void> {
  for (const definition of shippedReferences) {
    const { name, schema } = definition;
    // A row of a reference table has a schema like that of an event.
    const eventType = defineEvent({
      name,
      version: '1.0.0',
      key: definition.key ?? Object.keys(schema.properties ?? {})[0] ?? '',
      schema,
    });
    const { event } = markedEvent({
      eventType,
      variant: 'sparse',
      mark: 'verify',
      number: 0,
      startedAtMs: 0,
    });
    const row = Object.fromEntries(
      Object.entries(event).filter(([member]) => member !== markMember),
    );
    const file = join(folder, `${name}.ndjson`);
    writeFileSync(file, `${stringify(row) ?? ''}\n`);
    const result = await putReference({ store, file, name, definition });
    if (result.outcome === 'refused')
      throw new TargetError(
        `the reference table ${name} can't be filled: ${result.problems.join('; ')}`,
      );
  }
}
