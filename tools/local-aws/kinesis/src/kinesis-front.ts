import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { startLocalServer } from '@sluice/local-http';
import { KinesisError } from './kinesis-call';
import type { LocalKinesis } from './start-kinesis';

export interface KinesisAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** A request to a front, with functions to pass it on. */
export interface FrontRequest {
  readonly message: IncomingMessage;
  readonly body: Buffer;
  /** Operation, such as `PutRecords`; empty where the request names none. */
  readonly operation: string;
  /** Passes the request on unchanged. */
  readonly forward: () => Promise<KinesisAnswer>;
  /**
   * Passes on the accepted records of a PutRecords; the answer reports the others as refused for exceeding a shard's
   * throughput.
   */
  readonly forwardSome: (
    input: { readonly Records: readonly unknown[] },
    isTaken: readonly boolean[],
  ) => Promise<KinesisAnswer>;
}

const amazonJson = 'application/x-amz-json-1.1';

const json = (status: number, value: unknown): KinesisAnswer => ({
  status,
  contentType: amazonJson,
  body: Buffer.from(JSON.stringify(value)),
});

/** Returns the refusal of a whole request, with one of Kinesis' own codes. */
export const kinesisRefusal = (code: string, message: string, status = 400): KinesisAnswer =>
  json(status, { __type: code, message });

const refusedRecord = {
  ErrorCode: 'ProvisionedThroughputExceededException',
  ErrorMessage: 'Rate exceeded for shard.',
};

/** Returns the refusal of a request that exceeds its shard's throughput. */
export const throughputExceeded = (): KinesisAnswer =>
  kinesisRefusal(refusedRecord.ErrorCode, refusedRecord.ErrorMessage);

/**
 * Starts a server in front of Kinesis.
 *
 * @param answer decides about each request; undefined closes the connection without an answer
 */
export async function kinesisFront(
  kinesis: LocalKinesis,
  answer: (request: FrontRequest) => Promise<KinesisAnswer | undefined>,
): Promise<LocalKinesis> {
  const agent = new Agent({ keepAlive: true });

  const forward = async (message: IncomingMessage, body: Buffer): Promise<KinesisAnswer> => {
    const outgoing = request(kinesis.url, {
      method: message.method,
      agent,
      headers: { ...message.headers, 'content-length': body.length },
    });
    outgoing.end(body);
    const [given] = (await once(outgoing, 'response')) as [IncomingMessage];
    return {
      status: given.statusCode ?? 500,
      contentType: given.headers['content-type'] ?? amazonJson,
      body: await buffer(given),
    };
  };

  const forwardSome: FrontRequest['forwardSome'] = async (input, isTaken) => {
    const left = input.Records.filter((_, index) => isTaken[index]);
    let output: { readonly FailedRecordCount: number; readonly Records: readonly unknown[] };
    try {
      output =
        left.length === 0
          ? { FailedRecordCount: 0, Records: [] }
          : // Signed anew: the signature that came is one of the whole request.
            await kinesis.call('PutRecords', { ...input, Records: left });
    } catch (error) {
      if (!(error instanceof KinesisError)) throw error;
      return kinesisRefusal(error.code, error.message);
    }
    const stored = [...output.Records];
    return json(200, {
      ...output,
      FailedRecordCount: output.FailedRecordCount + input.Records.length - left.length,
      Records: isTaken.map((is) => (is ? stored.shift() : refusedRecord)),
    });
  };

  const decide = async (message: IncomingMessage): Promise<KinesisAnswer | undefined> => {
    const body = await buffer(message);
    const operation = String(message.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    return answer({
      message,
      body,
      operation,
      forward: () => forward(message, body),
      forwardSome,
    });
  };

  const { url, close } = await startLocalServer((message, response) => {
    decide(message)
      .then((given) => {
        if (!given) return void message.socket.destroy();
        response.writeHead(given.status, {
          'content-type': given.contentType,
          'content-length': given.body.length,
        });
        response.end(given.body);
      })
      .catch(() => message.socket.destroy());
  }, 0);
  return {
    ...kinesis,
    url,
    close: async () => {
      await close();
      agent.destroy();
      await kinesis.close();
    },
  };
}
