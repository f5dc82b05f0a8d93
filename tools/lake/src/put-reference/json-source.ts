import { openSourceFile, SourceFileError, type SourceFile } from '@sluice/event-files';
import type { JsonSchema } from '@sluice/event-schema';
import { createInference, InferenceError, type InferenceReport } from '@sluice/schema-inference';
import { maxInferredColumns } from './column-names';
import { quoted } from './problem-list';
import type { OpenOptions, ReferenceSource } from './reference-source';

/**
 * Opens a file of JSON objects: one in each line (.ndjson, .jsonl), or one after another or in one array (.json).
 * Without a definition, the whole file is read to find its columns.
 *
 * @throws SourceFileError where a member of the rows can't be a column
 */
export async function openJson({
  path,
  name,
  definition,
  onBytesRead,
}: OpenOptions): Promise<ReferenceSource> {
  const file = await openSourceFile(path, { mayBeEmpty: definition !== undefined });
  const inferred = definition ? undefined : await inferColumns(file, name, onBytesRead);
  return {
    schema: definition?.schema ?? inferred?.schema ?? {},
    reasons: inferred?.reasons ?? new Map<string, string>(),
    leftOut: [],
    rows: async function* ({ onBytesRead: onBytes }) {
      for await (const { text, line, column } of file.texts({ onBytesRead: onBytes }))
        yield [{ place: { unit: 'line', number: line }, json: text, start: { line, column } }];
    },
  };
}

async function inferColumns(
  file: SourceFile,
  name: string,
  onBytesRead: (bytes: number) => void,
): Promise<{ readonly schema: JsonSchema; readonly reasons: ReadonlyMap<string, string> }> {
  const inference = createInference({ name, maxColumns: maxInferredColumns, systemColumns: false });
  let texts = 0;
  for await (const { text, line } of file.texts({ onBytesRead })) {
    inference.addText(text, line);
    texts++;
  }
  try {
    const { definition, report } = inference.finish();
    refuseLostMembers(file.path, report);
    return {
      schema: definition.schema,
      reasons: new Map(report.columns.map(({ path, reason }) => [path, reason])),
    };
  } catch (error) {
    if (error instanceof InferenceError)
      throw new SourceFileError(
        texts > 0
          ? `${file.path}: ${error.message}`
          : `${file.path} has no rows, so that its columns are not known; give the table a definition`,
      );
    throw error;
  }
}

/**
 * Refuses values without a column: an event keeps these in `unmapped`, but a row of a reference table would lose
 * them.
 */
function refuseLostMembers(path: string, { leftOut, untracked }: InferenceReport): void {
  const [first, ...more] = [
    ...leftOut.map(({ path: member, reason }) => `${quoted(member)} can't be a column: ${reason}`),
    ...untracked.map(
      ({ path: member, occurrences }) =>
        `${occurrences} members of ${member ? quoted(member) : 'the rows'} can't be columns: too many, or their names too long`,
    ),
  ];
  if (first !== undefined)
    throw new SourceFileError(
      `${path}: ${first}${more.length > 0 ? ` (and ${more.length} more of that kind)` : ''}; ` +
        'rename it, or write a definition that names the columns you want',
    );
}
