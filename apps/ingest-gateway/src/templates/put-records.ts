import { setNewline, setPartitionKey, type PutTemplateOptions } from './put-record';
import { jsonSafe, retryAfter } from './template-parts';
import { lineReference, setLineInBatch, setTraceOfBatch, type GatewayTraces } from './trace-line';

/**
 * Returns what Kinesis PutRecords gets of `{"events":[…]}`: one record for each event. An element of a `#foreach` prints as a
 * Java map, so each event is read again by its path.
 *
 * @param stream its name, or the reference to it
 * @param setKey returns the directives that set `$key` of the event at `$at`, or else to a text
 */
export const recordsOfBatch = (
  stream: string,
  setKey: (fallback: string) => string,
  traces: GatewayTraces | undefined,
): string =>
  `{
  "StreamName": "${stream}",
  "Records": [
#foreach($event in $input.path("$.events"))
#set($at = "$.events[$foreach.index]")
${setKey('${context.requestId}-$foreach.index')}
#set($json = $input.json($at))${setLineInBatch(traces)}
    {
      "Data": "$util.base64Encode("${lineReference(traces)}$json$newline")",
      "PartitionKey": "${jsonSafe('$key')}"
    }#if($foreach.hasNext),#end

#end
  ]
}`;

/**
 * Returns the template from `{"events":[…]}` to Kinesis PutRecords. An event without a usable key gets a partition key
 * of its own, which distributes a batch over the shards.
 */
export const putRecordsRequest = ({ streamName, keySteps, traces }: PutTemplateOptions): string => {
  const setKey = (fallback: string): string =>
    setPartitionKey(keySteps && `\${at}${keySteps}`, fallback);
  return `${setNewline}${setTraceOfBatch(traces)}\n${recordsOfBatch(streamName, setKey, traces)}`;
};

/**
 * Template from the result of PutRecords to the client's answer. Kinesis answers 200 even where it refused records
 * (docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html), and the client must resend exactly those.
 * Kinesis' own messages are not passed on, because they name the account and the stream.
 */
export const putRecordsResponse = `
#set($accepted = 0)
#set($comma = "")
#if($input.path("$.FailedRecordCount") > 0)
#set($context.responseOverride.status = 207)
${retryAfter('1')}
#end
{"failed":[
#foreach($record in $input.path("$.Records"))
#set($error = "$!record.ErrorCode")
#if($error == "")
#set($accepted = $accepted + 1)
#else
#if($error.contains("Throughput") || $error.contains("Throttl"))
#set($code = "THROTTLED")
#set($message = "The stream is at its limit; send this event again.")
#else
#set($code = "UNAVAILABLE")
#set($message = "The stream did not take this event; send it again.")
#end
\${comma}{"index":$foreach.index,"code":"$code","message":"$message"}
#set($comma = ",")
#end
#end
],"accepted":$accepted}`.trimStart();
