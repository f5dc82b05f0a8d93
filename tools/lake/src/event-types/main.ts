// npx nx run lake:event-types -- --help
import { resolve } from 'node:path';
import { DefinitionError } from '@sluice/event-schema';
import { wrapText } from '@sluice/terminal';
import { Command } from 'commander';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { DataDirError, openDataDir, type DataDir } from '../data-dir';
import {
  deleteEventType,
  EditEventTypeError,
  listEventTypes,
  renameEventType,
} from './edit-event-types';

const command = new Command('npx nx run lake:event-types --')
  .description(
    'Lists the event types of a data directory; renames and deletes those that were inferred, while no stack runs on it.',
  )
  .option('--data-dir <dir>', 'of the local stack', '.sluice')
  .showHelpAfterError();

/** Does one thing to the data directory, and says in a sentence what became of it. */
async function edit(
  work: (dataDir: DataDir) => Promise<readonly string[]> | readonly string[],
): Promise<void> {
  let dataDir: DataDir | undefined;
  try {
    dataDir = openDataDir(command.opts<{ dataDir: string }>().dataDir);
    for (const line of await work(dataDir)) console.log(wrapText(line));
  } catch (error) {
    const isForPeople = [DataDirError, DefinitionError, EditEventTypeError].some(
      (known) => error instanceof known,
    );
    console.error(isForPeople ? wrapText(`error: ${(error as Error).message}`) : error);
    process.exitCode = 1;
  } finally {
    dataDir?.release();
  }
}

command
  .command('list')
  .description('all event types, and the files that define them')
  .action(() => {
    const { definitions } = dataDirectory(resolve(command.opts<{ dataDir: string }>().dataDir));
    for (const line of listEventTypes({ definitions })) console.log(wrapText(line, { rest: '  ' }));
  });
command
  .command('rename <name> <new-name>')
  .description('gives an inferred event type another name, with its rows')
  .action((name: string, newName: string) =>
    edit((dataDir) => renameEventType(dataDir, name, newName)),
  );
command
  .command('delete <name>')
  .description('deletes the definition of an inferred event type')
  .option('--with-rows', 'and all that the lake holds of it', false)
  .action((name: string, options: { withRows: boolean }) =>
    edit((dataDir) => deleteEventType(dataDir, name, options)),
  );

await command.parseAsync();
