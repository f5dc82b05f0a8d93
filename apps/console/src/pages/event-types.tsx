import type { PageProps } from './page-props';
import type { EventTypeFacts, RowObject } from '../model/facts';
import { count, plural, size } from '../model/text';
import { cellText } from '../ui/grid';
import { pageUrl } from '../model/address';
import { useAddressed, useClient, useEventTypes, useLoaded } from '../ui/hooks';
import { Empty, FactsTable, Fault, PageHead, Panel, Pill, Select, Value } from '../ui/parts';
import { Definitions } from './definitions';
import { FilledByDay } from './filled-by-day';
import { DroppedFile } from './infer';

/** Shows the columns of each event type with examples, and infers a new type from a dropped file. */
export function EventTypesPage({ query, lake, reloadLake, file, onFile }: PageProps) {
  const { value, error, reload } = useEventTypes(lake);
  const [chosen, setNamed] = useAddressed(query, 'name');
  const eventTypes = value?.eventTypes ?? [];
  const eventType = eventTypes.find(({ name }) => name === chosen) ?? eventTypes[0];
  const lastDay = lake?.tables.find(({ table }) => table === eventType?.table)?.lastDay;
  return (
    <>
      <PageHead
        title="Event types"
        about="Schemas of events, and the columns that they become. Drop a file of events on any page to create an event type."
      >
        <Select
          label="Event type"
          value={eventType?.name ?? ''}
          options={eventTypes.map(({ name }) => [name, name] as const)}
          onChange={setNamed}
        />
        <label class="button file">
          From a file: .json, .ndjson or .jsonl, plain or .gz …
          <input
            type="file"
            accept=".json,.ndjson,.jsonl,.gz,application/json"
            onChange={(event) => {
              onFile(event.currentTarget.files?.[0]);
              event.currentTarget.value = '';
            }}
          />
        </label>
      </PageHead>
      <Fault message={error} />
      {file && (
        <DroppedFile
          key={`${file.name} ${file.lastModified}`}
          file={file}
          known={eventTypes}
          lake={lake}
          onTaken={(name) => {
            reload();
            reloadLake();
            setNamed(name);
          }}
          // Another file may have taken its place.
          onClose={() => onFile((now) => (now === file ? undefined : now))}
        />
      )}
      {eventType ? (
        <>
          <Dictionary key={eventType.name} eventType={eventType} lake={lake} />
          <Definitions key={`${eventType.name} definitions`} eventType={eventType} />
          {lastDay !== undefined && (
            <FilledByDay key={`${eventType.name} by day`} eventType={eventType} lastDay={lastDay} />
          )}
        </>
      ) : (
        value && <Empty>There are no event types yet. Drop a file of events here.</Empty>
      )}
    </>
  );
}

function Dictionary({
  eventType,
  lake,
}: {
  readonly eventType: EventTypeFacts;
  readonly lake: PageProps['lake'];
}) {
  const client = useClient();
  const latest = useLoaded(
    () =>
      client.get<{ readonly rows: readonly RowObject[] }>(
        'operations',
        `/v1/lake/${eventType.table}/rows`,
        {
          query: { limit: '200' },
        },
      ),
    [client, eventType.table],
    client.config.mode === 'laptop' ? 5_000 : 30_000,
  );
  const rows = latest.value?.rows ?? [];
  const facts = lake?.tables.find(({ table }) => table === eventType.table);
  return (
    <Panel
      title={eventType.name}
      aside={
        <span class="quiet">
          version {eventType.version}
          {eventType.owner !== undefined && `, owned by ${eventType.owner}`}
        </span>
      }
    >
      {eventType.description !== undefined && <p>{eventType.description}</p>}
      <dl class="numbers">
        <div>
          <dt>Key</dt>
          <dd>
            <code>{eventType.key}</code>
          </dd>
        </div>
        <div>
          <dt>Identity</dt>
          <dd>
            {eventType.identity === undefined ? (
              'its position in the stream'
            ) : (
              <code>{eventType.identity}</code>
            )}
          </dd>
        </div>
        <div>
          <dt>Rows</dt>
          <dd>{count(facts?.rows ?? 0)}</dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>{size(facts?.bytes ?? 0)}</dd>
        </div>
        <div>
          <dt>See</dt>
          <dd class="links">
            <a href={pageUrl('live', { table: eventType.table })}>live</a>
            <a href={pageUrl('look-up', { table: eventType.table })}>rows</a>
            <a href={pageUrl('sql', { table: eventType.table })}>SQL</a>
            <a href={pageUrl('days', { table: eventType.table })}>days</a>
            <a href={pageUrl('failures', { table: eventType.table })}>failures</a>
          </dd>
        </div>
      </dl>
      <FactsTable label={`Columns of ${eventType.name}`}>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Type</th>
            <th scope="col">Field</th>
            <th scope="col">Filled</th>
            <th scope="col">Example</th>
            <th scope="col">Means</th>
          </tr>
        </thead>
        <tbody>
          {eventType.columns.map(({ name, type, path, isRequired, isSystem, description }) => {
            const filled = rows.filter((row) => row[name] !== null && row[name] !== undefined);
            const example = filled[0]?.[name];
            const share = rows.length === 0 ? undefined : filled.length / rows.length;
            return (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                  {path === eventType.key && <Pill tone="good">key</Pill>}
                </th>
                <td>
                  <code class="quiet">{type}</code>
                </td>
                <td>
                  {isSystem ? <span class="quiet">in every table</span> : <code>{path}</code>}
                </td>
                <td>
                  {share === undefined ? (
                    <span class="quiet">–</span>
                  ) : (
                    <span
                      class="meter"
                      role="img"
                      aria-label={`${Math.round(share * 100)} of 100 rows have a value`}
                    >
                      <i style={{ width: `${share * 100}%` }} />
                      <small>{Math.round(share * 100)} %</small>
                    </span>
                  )}
                  {isRequired && <span class="quiet sub">required</span>}
                </td>
                <td class="example">
                  {example === undefined ? (
                    <span class="quiet">–</span>
                  ) : (
                    <Value text={cellText(example) ?? ''} most={48} />
                  )}
                </td>
                <td class="quiet means">{description}</td>
              </tr>
            );
          })}
        </tbody>
      </FactsTable>
      <p class="quiet">
        {rows.length > 0
          ? `"Filled" and "Example" describe the latest ${plural(rows.length, 'row')}.`
          : 'There are no rows yet.'}
      </p>
    </Panel>
  );
}
