import { join } from 'node:path';
import { athenaClient } from '@sluice/aws-clients/analytics';
import type { EventDefinition } from '@sluice/event-schema';
import { writeEventType } from '@sluice/event-schema/node';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { lakeCatalog, refusedDefinitions, type Credentials, type DataDir } from '@sluice/lake';
import { localAccount, type TemplateResolver } from '@sluice/local-cloudformation';
import type { LocalServer } from '@sluice/local-http';
import { consoleToken, startConsoleServer } from '../console/console-server';
import type { LiveFeed } from '../console/live-feed';
import type { TraceStore } from '../traces/trace-store';
import type { LastingServers } from './lasting-servers';
import { runSql } from '../console/run-sql';
import { readStaticFiles } from '../console/static-files';
import type { LogFiles } from '../log-files';
import { portFault } from '../ports';

export interface ConsoleOptions {
  readonly resolver: TemplateResolver;
  readonly dataDir: DataDir;
  readonly credentials: Credentials;
  readonly port: number;
  /** Servers whose ports stay open after the stack. @default the port is closed with it */
  readonly servers?: LastingServers | undefined;
  readonly apis: Readonly<Record<string, string>>;
  readonly athenaUrl: string;
  readonly feed: LiveFeed;
  readonly traces: TraceStore;
  readonly logs: LogFiles;
}

export interface StartedConsole {
  /** Address with the token that the page needs. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the console. @returns undefined where it is not built. @throws PortTakenError, PortRefusedError */
export async function startConsole(options: ConsoleOptions): Promise<StartedConsole | undefined> {
  const { resolver, dataDir, credentials, port, servers, apis, athenaUrl, feed, traces, logs } =
    options;
  const files = readStaticFiles(join(workspaceRoot(), 'dist', 'apps', 'console'));
  if (!files) return undefined;
  const token = consoleToken(credentials);
  const client = athenaClient({
    endpoint: athenaUrl,
    region: localAccount.region,
    credentials,
  });
  const engine = {
    client,
    workGroup: resolver.resources('AWS::Athena::WorkGroup')[0]?.ref ?? 'primary',
    database: lakeCatalog(resolver).database,
  };
  const logError = logs.logger('console');
  let server: LocalServer;
  try {
    server = await startConsoleServer({
      port,
      serve: servers?.serve,
      files,
      token,
      apis,
      apiKey: credentials.apiKey,
      subscribe: (listener) => feed.subscribe(listener),
      traces,
      runSql: (sql, signal) => runSql(engine, sql, signal),
      saveEventType: (definition) => {
        writeEventType(dataDir.definitions, definition as EventDefinition);
      },
      refusedDefinitions: () => refusedDefinitions(dataDir),
      reportError: (error) => {
        logError(String(error));
      },
    });
  } catch (error) {
    throw portFault(error as NodeJS.ErrnoException, port, 'console');
  }
  return {
    address: `${server.url}/#token=${token}`,
    close: async () => {
      await server.close();
      client.destroy();
    },
  };
}
