import type { EventTypeFacts } from '../model/facts';
import { dayAndTime } from '../model/text';
import { pageUrl } from '../model/address';
import { useClient, useLoaded } from '../ui/hooks';
import { Fault, Panel } from '../ui/parts';

/** A change of a definition, and whom it breaks. */
export interface SchemaChange {
  readonly pointer: string;
  readonly what: string;
  readonly breaks: readonly { readonly audience: string; readonly how: string }[];
}

interface DefinitionStep {
  readonly version: string;
  /** Missing where no row is stored by it yet. */
  readonly sinceMs?: number;
  readonly changes: readonly SchemaChange[];
}

interface Join {
  readonly name: string;
  readonly left: string;
}

/** Shows who uses the rows of an event type, its earlier definitions, and what each change broke. */
export function Definitions({ eventType }: { readonly eventType: EventTypeFacts }) {
  const client = useClient();
  const { table } = eventType;
  const { value, error } = useLoaded(
    () =>
      client.get<{ readonly definitions: readonly DefinitionStep[] }>(
        'operations',
        `/v1/lake/${table}/definitions`,
      ),
    [client, table, eventType.version],
  );
  const jobs = useLoaded(
    () => client.get<{ readonly jobs: readonly Join[] }>('analytics', '/v1/jobs'),
    [client],
  );
  const joins = (jobs.value?.jobs ?? []).filter(({ left }) => left === table);
  return (
    <Panel title="Uses and definitions">
      <p>
        Look-ups by <code>{eventType.key}</code>
        {(eventType.indexes ?? []).map((path) => (
          <>
            , <code>{path}</code>
          </>
        ))}
        ; SQL as <code>{table}</code>, <code>{table}_latest</code> and <code>{table}_raw</code>
        {joins.length > 0 && (
          <>
            ; the joins
            {joins.map(({ name }) => (
              <>
                {' '}
                <a href={pageUrl('sql', { join: name })}>
                  <code>{name}</code>
                </a>
              </>
            ))}
          </>
        )}
        .
      </p>
      <Fault message={error} />
      <ol class="definitions">
        {value?.definitions.map(({ version, sinceMs, changes }, index, all) => (
          <li key={`${version} ${sinceMs ?? ''}`}>
            <b>{version}</b>{' '}
            <span class="quiet">
              {sinceMs === undefined
                ? 'no rows are stored by it yet'
                : `rows since ${dayAndTime(sinceMs)} UTC`}
              {index === all.length - 1 && ', the first known one'}
            </span>
            <ChangeList changes={changes} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** Lists changes of a definition with whom each breaks. */
export function ChangeList({ changes }: { readonly changes: readonly SchemaChange[] }) {
  return (
    <ul class="changes">
      {changes.map(({ pointer, what, breaks }) => (
        <li key={pointer + what}>
          <code>{pointer}</code> {what}
          {breaks.length === 0 ? (
            <span class="quiet"> · compatible</span>
          ) : (
            breaks.map(({ audience, how }) => (
              <span key={audience} class="bad">
                {' '}
                · breaks {audience}: {how}
              </span>
            ))
          )}
        </li>
      ))}
    </ul>
  );
}
