import { useState } from 'preact/hooks';
import type { EventTypeFacts, JsonSchema } from '../model/facts';
import { partAt, withPart } from '../model/schema-part';
import { useClient, useLoaded } from '../ui/hooks';
import { Fault } from '../ui/parts';
import { ChangeList, type SchemaChange } from './definitions';

/** Edits the part of a schema that refused a record, and tries the failed records with it. */
export function TrySchema({
  eventType: name,
  pointer,
  isBusy,
  onTry,
}: {
  readonly eventType: string;
  readonly pointer: string;
  readonly isBusy: boolean;
  readonly onTry: (schema: JsonSchema) => void;
}) {
  const client = useClient();
  const { value, error } = useLoaded(
    () =>
      client.get<{ readonly eventTypes: readonly EventTypeFacts[] }>(
        'operations',
        '/v1/event-types',
      ),
    [client, name],
  );
  const [text, setText] = useState<string>();
  const [required, setRequired] = useState<boolean>();
  const [fault, setFault] = useState<string>();
  const eventType = value?.eventTypes.find((one) => one.name === name);
  if (!eventType) return <Fault message={error} />;
  const part = partAt(eventType.schema, pointer);
  const shown = text ?? JSON.stringify(part.schema, undefined, 2);
  const isRequired = required ?? part.isRequired;
  const tryIt = (): void => {
    try {
      const schema = JSON.parse(shown) as JsonSchema;
      setFault(undefined);
      onTry(
        withPart(eventType.schema, {
          pointer: part.pointer,
          schema,
          ...(isRequired !== undefined && { isRequired }),
        }),
      );
    } catch (wrong) {
      setFault(`This is not JSON: ${(wrong as Error).message}`);
    }
  };
  return (
    <>
      <label class="field">
        <span>
          {part.pointer === '' ? 'Schema of the event' : `Schema of ${part.pointer}`}, version{' '}
          {eventType.version}
        </span>
        <textarea
          rows={Math.min(14, shown.split('\n').length + 1)}
          value={shown}
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {isRequired !== undefined && (
        <label class="check">
          <input
            type="checkbox"
            checked={isRequired}
            onChange={(event) => setRequired(event.currentTarget.checked)}
          />
          <span>Every event must have it</span>
        </label>
      )}
      <div class="actions">
        <button type="button" disabled={isBusy} onClick={tryIt}>
          Try this schema
        </button>
      </div>
      <Fault message={fault} />
    </>
  );
}

/** Shows what a tried schema would change for others, and how to adopt it. */
export function SchemaChanges({
  changes,
  eventType,
}: {
  readonly changes: readonly SchemaChange[];
  readonly eventType: string;
}) {
  return (
    <div class="schema-changes">
      <h4>Changes by this schema</h4>
      {changes.length === 0 && <p class="quiet">No change that affects clients or stored rows.</p>}
      <ChangeList changes={changes} />
      <p class="quiet">
        To adopt it, put it into the definition of {eventType} (inferred ones are in{' '}
        <code>.sluice/event-types</code>, all others in <code>libs/event-types</code>). A running
        local stack loads changes of the former; a stage has to be deployed. Then replay with the
        same steps.
      </p>
    </div>
  );
}
