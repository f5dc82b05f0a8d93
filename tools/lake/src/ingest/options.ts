import { readCommandLine, type Terminal } from '@sluice/terminal/command-line';
import { Command, Option } from 'commander';
import { defaultDataDir } from '../data-dir';
import { apiKeyOption, stageApi, urlOption, type StageApi } from '../stage-api';
import { collectType, typeOption, type AskedTypes } from './type-option';

/** Options of the command line. */
export interface Options extends StageApi {
  readonly file: string;
  readonly event: string;
  /** Key of an event type that is inferred from the file. */
  readonly key: string | undefined;
  readonly identity: string | undefined;
  /** Types that fields are asked to have, for an event type that is inferred. */
  readonly types: AskedTypes;
  /** True to make the identity of each event from its line. */
  readonly identityFromLine: boolean;
  /** True to create the event type even if its name resembles that of another one. */
  readonly isNew: boolean;
  /** Data directory of the local stack, in which the progress of files is noted as well. */
  readonly dataDir: string;
  /** Treatment of events that the published schema refuses. */
  readonly invalid: 'send' | 'skip';
  /** True to take the whole file again, although an earlier run was interrupted. */
  readonly restart: boolean;
  /** True where failed events are reported, but don't make the command fail. */
  readonly allowFailed: boolean;
  /** True where the last line of standard output is JSON. */
  readonly json: boolean;
}

/** Reads the command line. @throws CommandLineExit where it is wrong or asks for help */
export function parseOptions(line: Terminal): Options {
  const command = new Command('npm run ingest --')
    .description('Ingests a file of events into the running local stack, or into a deployed stage.')
    .argument('<file>', '.json, .ndjson or .jsonl, each also .gz')
    .requiredOption(
      '--event <name>',
      'event type; inferred from the file if it is not defined (local stack)',
    )
    .option('--key <field>', 'field for look-ups, for an inferred event type')
    .option('--identity <field>', 'field that identifies an event, for an inferred event type')
    .option(
      '--identity-from-line',
      'derive the identity from file name, line and text, so that posting a file again adds no rows',
      false,
    )
    .option(typeOption.flags, typeOption.description, collectType)
    .option('--new', 'create a new event type even if its name resembles an existing one', false)
    .option('--data-dir <dir>', 'data directory of the local stack', defaultDataDir)
    .addOption(urlOption('ingest API'))
    .addOption(apiKeyOption())
    .addOption(
      new Option(
        '--invalid <what>',
        'events that the published schema refuses: send them, to fail and be replayed later, or skip them',
      )
        .choices(['send', 'skip'])
        .default('send'),
    )
    .option('--restart', 'start from the beginning, even if an earlier run was interrupted', false)
    .option('--allow-failed', 'exit with 0 even if events failed', false)
    .option('--json', 'write the result as JSON in the last line', false)
    .addHelpText(
      'after',
      `
To resume an interrupted run, give the same command again. Ctrl-C waits for
events that are on their way.

Examples:
  npm run ingest -- orders.ndjson.gz --event order --key orderId
  npm run ingest -- orders.json --event order --invalid skip
  SLUICE_API_KEY=… npm run ingest -- orders.json --event order --url https://…`,
    );
  return readCommandLine(command, line, () => {
    const parsed = command.opts<
      Omit<Options, 'file' | 'isNew' | 'types'> & {
        readonly new: boolean;
        readonly type?: AskedTypes;
      }
    >();
    const [file = ''] = command.args;
    return {
      ...stageApi(command, parsed, line),
      file,
      event: parsed.event,
      key: parsed.key,
      identity: parsed.identity,
      types: parsed.type ?? {},
      identityFromLine: parsed.identityFromLine,
      isNew: parsed.new,
      dataDir: parsed.dataDir,
      invalid: parsed.invalid,
      restart: parsed.restart,
      allowFailed: parsed.allowFailed,
      json: parsed.json,
    };
  });
}
