import { localAccount, TemplateResolver } from '@sluice/local-cloudformation';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts, portsFrom } from '../ports';
import { Closers } from './closers';
import { LastingKinesis } from './lasting-kinesis';
import { LastingServers } from './lasting-servers';
import { readRoles } from './roles';
import { startStorage } from './storage';

const folder = mkdtempSync(join(tmpdir(), 'sluice-storage-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('S3 is closed where Kinesis can not start, as on a damaged checkpoint, so that the process ends', async () => {
  const ports = portsFrom(await freePorts());
  const closers = new Closers();
  const servers = new LastingServers();
  const resolver = new TemplateResolver({ folder, stacks: [] }, localAccount);
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b', apiKey: 'c' };
  const starting = startStorage({
    resolver,
    roles: readRoles(resolver, credentials),
    dataDir: { objects: join(folder, 's3'), kinesis: join(folder, 'kinesis') },
    credentials,
    ports,
    allowedOrigins: [],
    s3LatencyMs: 0,
    hasStreamLimits: false,
    delivered: () => new Map(),
    onCreated: () => undefined,
    warn: () => undefined,
    servers,
    lastingKinesis: Object.assign(new LastingKinesis(), {
      use: () => Promise.reject(new Error('the checkpoint is damaged')),
    }),
    closers,
  });
  await expect(starting).rejects.toThrow('the checkpoint is damaged');
  expect(await closers.close()).toEqual([]);
  await servers.close();
  // A start that goes on behind would have opened the port by then.
  await delay(200);
  await expect(fetch(`http://127.0.0.1:${ports.s3}`)).rejects.toThrow();
});
