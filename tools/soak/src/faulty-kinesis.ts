import { KinesisError, type LocalKinesis } from '@sluice/local-kinesis';
import type { SeededRandom } from '@sluice/event-types/samples';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { FaultDice } from './fault-dice';

/** What can happen to each operation. */
const kinds = {
  PutRecords: [
    'kinesis throttles',
    'kinesis 500',
    'kinesis disconnect',
    'kinesis answer lost',
    'kinesis refuses some',
  ],
  PutRecord: ['kinesis throttles', 'kinesis 500', 'kinesis disconnect', 'kinesis answer lost'],
  GetRecords: ['kinesis throttles', 'kinesis 500', 'kinesis disconnect'],
} as const;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface PutRecordsRequest {
  readonly Records: readonly unknown[];
}

interface PutRecordsAnswer {
  readonly FailedRecordCount: number;
  readonly Records: readonly unknown[];
}

/** Stands before Kinesis as a server of its own, and fails as Kinesis fails. */
export async function faultyKinesis(
  kinesis: LocalKinesis,
  dice: FaultDice,
  random: SeededRandom,
): Promise<LocalKinesis> {
  const agent = new Agent({ keepAlive: true });

  const forward = async (message: IncomingMessage, body: Buffer): Promise<Answer> => {
    const outgoing = request(kinesis.url, {
      method: 'POST',
      agent,
      headers: { ...message.headers, 'content-length': body.length },
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return {
      status: answer.statusCode ?? 500,
      headers: answer.headers,
      body: await buffer(answer),
    };
  };

  /** Kinesis sees only some of the records; the answer counts the others as refused. */
  const forwardSome = async (body: Buffer): Promise<Answer> => {
    const whole = JSON.parse(body.toString()) as PutRecordsRequest;
    const isTaken = whole.Records.map(() => random.chance(0.5));
    const taken = whole.Records.filter((_, index) => isTaken[index]);
    const refused = {
      ErrorCode: 'ProvisionedThroughputExceededException',
      ErrorMessage: 'Rate exceeded for shard shardId-000000000000.',
    };
    if (taken.length === 0) return refusal(refused.ErrorCode, refused.ErrorMessage);
    // Signed anew: the signature that came is one of the whole request.
    const answer = await kinesis
      .call<PutRecordsAnswer>('PutRecords', { ...whole, Records: taken })
      .catch((error: unknown) => {
        if (error instanceof KinesisError) return refusal(error.code, error.message);
        throw error;
      });
    if ('status' in answer) return answer;
    const { FailedRecordCount, Records } = answer;
    const left = [...Records];
    const merged = {
      FailedRecordCount: FailedRecordCount + whole.Records.length - taken.length,
      Records: isTaken.map((is) => (is ? left.shift() : refused)),
    };
    return {
      status: 200,
      headers: { 'content-type': amazonJson },
      body: Buffer.from(JSON.stringify(merged)),
    };
  };

  const answer = async (message: IncomingMessage): Promise<Answer | undefined> => {
    const body = await buffer(message);
    const operation = String(message.headers['x-amz-target']).split('.')[1] ?? '';
    const possible = Object.hasOwn(kinds, operation)
      ? kinds[operation as keyof typeof kinds]
      : undefined;
    switch (possible && dice.roll<string>(possible)) {
      case 'kinesis throttles':
        return refusal('ProvisionedThroughputExceededException', 'Rate exceeded for shard.');
      case 'kinesis 500':
        return { ...refusal('InternalFailure', 'A fault was asked for.'), status: 500 };
      case 'kinesis disconnect':
        return undefined;
      case 'kinesis answer lost':
        await forward(message, body);
        return undefined;
      case 'kinesis refuses some':
        return forwardSome(body);
      default:
        return forward(message, body);
    }
  };

  const server = createServer((message: IncomingMessage, response: ServerResponse) => {
    answer(message)
      .then((given) => {
        if (!given) return void message.socket.destroy();
        response.writeHead(given.status, {
          'content-type': given.headers['content-type'] ?? amazonJson,
          'content-length': given.body.length,
        });
        response.end(given.body);
      })
      .catch(() => message.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...kinesis,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await kinesis.close();
    },
  };
}

const amazonJson = 'application/x-amz-json-1.1';

const refusal = (code: string, message: string): Answer => ({
  status: 400,
  headers: { 'content-type': amazonJson },
  body: Buffer.from(JSON.stringify({ __type: code, message })),
});
