import { jsonSafe } from './template-parts';
import { maxPartitionKeyLength } from './partition-key';
import { lineReference, setLineOfOne, type GatewayTraces } from './trace-line';

export interface PutTemplateOptions {
  readonly streamName: string;
  /** Path from the event to its key, from `keyPathSteps`; undefined distributes events by request id. */
  readonly keySteps: string | undefined;
  /** Recording of requests. @default none, and the templates say nothing of traces */
  readonly traces?: GatewayTraces | undefined;
}

/**
 * Returns directives that set `$key` to the text of the value at a JSON path, or to the fallback where the value is
 * missing or too long for Kinesis. The value is interpolated into a string, which is never null, because Velocity 1.7
 * and 2 treat `#set` of null differently.
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

/**
 * Directive that sets `$newline`. The line feed is decoded rather than written, because engines differ in which line
 * ends of a template they keep.
 */
export const setNewline = '#set($newline = $util.base64Decode("Cg=="))';

/**
 * Returns what Kinesis PutRecord gets of one event. `$key`, `$newline` and, where requests are recorded, the line of
 * the trace are set before it.
 *
 * @param stream its name, or the reference to it
 */
export const recordOfBody = (stream: string, traces: GatewayTraces | undefined): string =>
  `{
  "StreamName": "${stream}",
  "Data": "$util.base64Encode("${lineReference(traces)}$input.body$newline")",
  "PartitionKey": "${jsonSafe('$key')}"
}`;

/**
 * Returns the template from one event to Kinesis PutRecord. The body is passed on byte for byte, followed by a line
 * feed, so that records joined in one object stay separate lines. Where the request is recorded, its trace stands in a
 * line before it.
 */
export const putRecordRequest = ({ streamName, keySteps, traces }: PutTemplateOptions): string =>
  `
${setNewline}
${setPartitionKey(keySteps && `$${keySteps}`, '${context.requestId}')}${setLineOfOne(traces)}
${recordOfBody(streamName, traces)}`.trimStart();

/** Template from the result of PutRecord to the client's answer. */
export const putRecordResponse = `{"sequenceNumber":$input.json('$.SequenceNumber'),"shardId":$input.json('$.ShardId')}`;
