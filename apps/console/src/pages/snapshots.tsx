import { count, dayAndTime } from '../model/text';
import { useClient, useLoaded } from '../ui/hooks';
import { Empty, FactsTable, Fault, Panel } from '../ui/parts';

interface TableSnapshot {
  readonly id: string;
  readonly atMs: number;
  readonly operation: string;
  /** Numbers of the whole table at that time. */
  readonly rows?: number;
  readonly files?: number;
}

/** Lists the states of a table that SQL and other engines can still ask for. */
export function Snapshots({ table }: { readonly table: string }) {
  const client = useClient();
  const { value, error } = useLoaded(
    () =>
      client.get<{ readonly snapshots: readonly TableSnapshot[] }>(
        'operations',
        `/v1/lake/${table}/snapshots`,
      ),
    [client, table],
    client.config.mode === 'laptop' ? 8_000 : 60_000,
  );
  return (
    <Panel title="Snapshots">
      <Fault message={error} />
      {value?.snapshots.length === 0 && (
        <Empty>There are none yet; the first compaction makes one.</Empty>
      )}
      {value && value.snapshots.length > 0 && (
        <FactsTable label={`Snapshots of ${table}`}>
          <thead>
            <tr>
              <th scope="col">Made</th>
              <th scope="col">By</th>
              <th scope="col" class="number">
                Rows
              </th>
              <th scope="col" class="number">
                Files
              </th>
              <th scope="col" class="number">
                Id
              </th>
            </tr>
          </thead>
          <tbody>
            {value.snapshots.map(({ id, atMs, operation, rows, files }) => (
              <tr key={id}>
                <th scope="row">{dayAndTime(atMs)} UTC</th>
                <td>{operation}</td>
                <td class="number">{rows === undefined ? '–' : count(rows)}</td>
                <td class="number">{files === undefined ? '–' : count(files)}</td>
                <td class="number">
                  <code class="quiet">{id}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </FactsTable>
      )}
    </Panel>
  );
}
