import { DefinitionError } from '@sluice/event-schema';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { wrapText } from '@sluice/terminal';
import { readCommandLine, runCommand, type Terminal } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import { resolve } from 'node:path';
import { DataDirError, defaultDataDir, openDataDir, type DataDir } from '../data-dir';
import {
  deleteEventType,
  EditEventTypeError,
  listEventTypes,
  renameEventType,
} from './edit-event-types';

/** Changes the event types of a data directory. @returns sentences about the result */
type Edit = (dataDir: string) => Promise<readonly string[]> | readonly string[];

/** Opens a data directory, which no stack may use, for the duration of `work`. */
const whileOpen =
  (work: (dataDir: DataDir) => Promise<readonly string[]>): Edit =>
  async (folder) => {
    const dataDir = openDataDir(folder);
    try {
      return await work(dataDir);
    } finally {
      dataDir.release();
    }
  };

function parse(terminal: Terminal): { readonly dataDir: string; readonly edit: Edit } {
  let edit: Edit = () => [];
  const command = new Command('npm run lake -- event-types')
    .description(
      'Lists the event types of a data directory; renames and deletes those that were inferred, while no stack runs on it.',
    )
    .option('--data-dir <dir>', 'data directory of the local stack', defaultDataDir)
    .showHelpAfterError();
  command
    .command('list')
    .description('lists all event types, and the files that define them')
    .action(() => {
      edit = (dataDir) => listEventTypes(dataDirectory(resolve(dataDir)));
    });
  command
    .command('rename <name> <new-name>')
    .description('renames an inferred event type, together with its rows')
    .action((name: string, newName: string) => {
      edit = whileOpen((dataDir) => renameEventType(dataDir, name, newName));
    });
  command
    .command('delete <name>')
    .description('deletes the definition of an inferred event type')
    .option('--with-rows', 'also delete everything that the lake holds of it', false)
    .action((name: string, options: { withRows: boolean }) => {
      edit = whileOpen((dataDir) => deleteEventType(dataDir, name, options));
    });
  return readCommandLine(command, terminal, () => ({
    dataDir: command.opts<{ dataDir: string }>().dataDir,
    edit,
  }));
}

/** Lists or changes the event types of a data directory, and reports the result to the user. @returns the exit code */
export const runEventTypes = (terminal: Terminal): Promise<number> =>
  runCommand(terminal, [DataDirError, DefinitionError, EditEventTypeError], async () => {
    const { dataDir, edit } = parse(terminal);
    for (const line of await edit(dataDir))
      terminal.stdout.write(`${wrapText(line, { rest: '  ' })}\n`);
    return 0;
  });
