import { metadataFileName, versionHintName } from '@sluice/iceberg-metadata';
import { admitCaller, callerCheck, startLocalServer, type LocalServer } from '@sluice/local-http';
import {
  compactedTablePrefix,
  findObject,
  icebergMetadataPrefix,
  icebergPrefix,
  objectPath,
  type ObjectStore,
} from '@sluice/lake-layout';
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { LastingServers } from './lasting-servers';

export interface IcebergCatalogOptions {
  readonly port: number;
  /** Servers whose ports stay open after the stack. @default the port is closed with it */
  readonly servers?: LastingServers | undefined;
  /** Store of the lake's objects. */
  readonly lake: Pick<ObjectStore, 'get'>;
  readonly bucket: string;
  /** Name of the only namespace, which is that of the Glue database. */
  readonly namespace: string;
  /** Returns the names of the tables that may exist. */
  readonly tables: () => readonly string[];
  /** Bearer token that clients have to send. */
  readonly token: string;
  /**
   * Settings that tell engines where the objects are, and with which credentials to read them; part of the answer
   * about each table.
   */
  readonly storage: Readonly<Record<string, string>>;
  /** Origins whose pages may call. */
  readonly allowedOrigins: readonly string[];
}

/** An answer of the protocol: a status, and a JSON body if it has one. */
interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const fault = (status: number, type: string, message: string): Answer => ({
  status,
  body: { error: { message, type, code: status } },
});

/**
 * Endpoints of the protocol that the catalogue supports, as it reports them (Iceberg REST catalog OpenAPI,
 * `getConfig`).
 */
const endpoints = [
  'GET /v1/{prefix}/namespaces',
  'GET /v1/{prefix}/namespaces/{namespace}',
  'HEAD /v1/{prefix}/namespaces/{namespace}',
  'GET /v1/{prefix}/namespaces/{namespace}/tables',
  'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  'HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}',
];

/**
 * Serves the published tables as a read-only Iceberg REST catalogue below `/iceberg`. Engines attach by its URL, with
 * the API key as their token.
 */
export function startIcebergCatalog(options: IcebergCatalogOptions): Promise<LocalServer> {
  const check = callerCheck({ allowedOrigins: options.allowedOrigins, allowsLocalPages: false });
  const listener: RequestListener = (request, response) => {
    if (!admitCaller(check, request, response)) return;
    request.resume();
    void answer(request, options)
      .catch((error: unknown) =>
        fault(500, 'InternalServerError', error instanceof Error ? error.message : String(error)),
      )
      .then((found) => send(response, found));
  };
  const { servers, port } = options;
  return servers?.serve(listener, port) ?? startLocalServer(listener, port);
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, body === undefined ? {} : { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function answer(
  { method = 'GET', url = '/', headers }: IncomingMessage,
  options: IcebergCatalogOptions,
): Promise<Answer> {
  if (!isToken(headers.authorization, options.token))
    return fault(401, 'NotAuthorizedException', 'send the API key as a bearer token');
  const [pathname = '', query = ''] = url.split('?', 2);
  const steps = decodedSteps(pathname);
  if (!steps) return fault(400, 'BadRequestException', 'the path is not UTF-8, percent-encoded');
  const [root, version, ...path] = steps;
  if (root !== 'iceberg' || version !== 'v1') return noSuchPath(pathname);
  const [first, namespace, kind, table, ...rest] = path;
  // Engines report the cost of their scans; the reports are discarded.
  if (method === 'POST' && rest.join() === 'metrics') return { status: 204 };
  if (method !== 'GET' && method !== 'HEAD')
    return fault(
      403,
      'ForbiddenException',
      'this catalog is read-only: Sluice alone writes its tables',
    );
  if (first === 'config' && namespace === undefined)
    return { status: 200, body: { defaults: {}, overrides: {}, endpoints } };
  if (first !== 'namespaces' || rest.length > 0) return noSuchPath(pathname);

  const found = { namespace: [options.namespace] };
  if (namespace === undefined) {
    const namespaces = new URLSearchParams(query).get('parent') ? [] : [found.namespace];
    return { status: 200, body: { namespaces } };
  }
  const noSuchTable = (): Answer =>
    fault(404, 'NoSuchTableException', `there is no table ${namespace}.${table ?? ''}`);
  // Spark asks for `namespace.table` as a namespace where a query names a table's metadata table, and goes on where
  // there is no such table.
  if (namespace !== options.namespace && kind === 'tables' && table !== undefined)
    return noSuchTable();
  if (namespace !== options.namespace)
    return fault(404, 'NoSuchNamespaceException', `there is no namespace ${namespace}`);
  if (kind === undefined)
    return method === 'HEAD'
      ? { status: 204 }
      : { status: 200, body: { ...found, properties: {} } };
  if (kind === 'views') return { status: 200, body: { identifiers: [] } };
  if (kind !== 'tables') return noSuchPath(pathname);
  if (table === undefined) {
    const known = await Promise.all(
      options.tables().map(async (name) => ((await newestVersion(name, options)) ? [name] : [])),
    );
    return {
      status: 200,
      body: { identifiers: known.flat().map((name) => ({ ...found, name })) },
    };
  }
  const body = options.tables().includes(table) ? await loadTable(table, options) : undefined;
  if (!body) return noSuchTable();
  return method === 'HEAD' ? { status: 204 } : { status: 200, body };
}

/** Returns the decoded parts of a path; undefined where one is not valid UTF-8. */
function decodedSteps(pathname: string): readonly string[] | undefined {
  try {
    return pathname.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const noSuchPath = (path: string): Answer =>
  fault(404, 'NotFoundException', `this catalog has no ${path}`);

function isToken(header: string | undefined, token: string): boolean {
  const sent = Buffer.from(/^Bearer (.*)$/i.exec(header ?? '')?.[1] ?? '');
  const wanted = Buffer.from(token);
  return sent.length === wanted.length && timingSafeEqual(sent, wanted);
}

async function newestVersion(
  table: string,
  { lake }: Pick<IcebergCatalogOptions, 'lake'>,
): Promise<string | undefined> {
  const found = await findObject(lake, icebergMetadataPrefix(table) + versionHintName);
  return found && new TextDecoder().decode(found.bytes).trim();
}

async function loadTable(table: string, options: IcebergCatalogOptions): Promise<unknown> {
  const version = await newestVersion(table, options);
  if (version === undefined) return undefined;
  const key = icebergMetadataPrefix(table) + metadataFileName(Number(version));
  const { bytes } = await options.lake.get(key);
  return {
    'metadata-location': objectPath(options.bucket, key),
    metadata: JSON.parse(new TextDecoder().decode(bytes)) as unknown,
    config: options.storage,
    // DuckDB applies `config`, and a single prefix, only to files below the table's location. The data files are
    // beside it.
    'storage-credentials': [icebergPrefix(table), compactedTablePrefix(table)].map((prefix) => ({
      prefix: objectPath(options.bucket, prefix),
      config: options.storage,
    })),
  };
}
