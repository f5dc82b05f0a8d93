import { jsonSafe } from './template-parts';
import { maxPartitionKeyLength } from './partition-key';

export interface PutTemplateOptions {
  readonly streamName: string;
  /** Path from the event to its key, as `keyPathSteps` gives it; undefined spreads events by request id. */
  readonly keySteps: string | undefined;
}

/**
 * Sets `$key` to the text of the value at a JSON path, or to the fallback where there is none that Kinesis
 * takes. An interpolated string is never null, which `#set` treats differently in Velocity 1.7 and 2.
 */
export const setPartitionKey = (jsonPath: string | undefined, fallback: string): string =>
  jsonPath === undefined
    ? `#set($key = "${fallback}")`
    : `
#set($path = "${jsonPath}")
#set($key = "$!input.path($path)")
#if($key == "" || $key.length() > ${maxPartitionKeyLength})
#set($key = "${fallback}")
#end`.trimStart();

/** Sets `$newline`. Decoded, not written, because engines differ in which line ends of a template they keep. */
export const setNewline = '#set($newline = $util.base64Decode("Cg=="))';

/**
 * One event → Kinesis PutRecord. The body goes on byte for byte, with a line feed after it, so that records
 * that are joined in one object stay lines.
 */
export const putRecordRequest = ({ streamName, keySteps }: PutTemplateOptions): string =>
  `
${setNewline}
${setPartitionKey(keySteps && `$${keySteps}`, '${context.requestId}')}
{
  "StreamName": "${streamName}",
  "Data": "$util.base64Encode("$input.body$newline")",
  "PartitionKey": "${jsonSafe('$key')}"
}`.trimStart();

/** What PutRecord answers → what the client gets. */
export const putRecordResponse = `{"sequenceNumber":$input.json('$.SequenceNumber'),"shardId":$input.json('$.ShardId')}`;
