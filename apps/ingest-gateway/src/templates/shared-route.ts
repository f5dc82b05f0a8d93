import type { EventType } from '@sluice/event-schema';
import { kinesisErrorResponse } from './kinesis-error';
import { keyPathSteps, maxPartitionKeyLength } from './partition-key';
import { recordOfBody, setNewline } from './put-record';
import { recordsOfBatch } from './put-records';
import { unknownEventTypeResponse } from './template-parts';
import { setLineOfOne, setTraceOfBatch, type GatewayTraces } from './trace-line';

/** An event type as a shared route needs it. */
export interface SharedEventType {
  readonly eventType: EventType;
  readonly streamName: string;
}

/** Returns a map literal of VTL. Its texts are in single quotes, in which VTL replaces nothing. */
const mapOf = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([name, value]) => `'${name}': '${value}'`).join(', ')}}`;

/**
 * Returns the steps to an event type's key without single quotes, to be put in a single-quoted text; JsonPath accepts
 * double quotes as well.
 */
const steps = (eventType: EventType): string =>
  (keyPathSteps(eventType) ?? '').replaceAll("'", '"');

/**
 * Returns directives that set `$stream`, and `$steps` from an event to its key. For an event type that does not exist
 * both are empty: Kinesis then refuses the empty name, and the response template says why.
 */
const setStream = (types: readonly SharedEventType[]): string =>
  `
#set($eventType = $input.params('event_type'))
#set($streams = ${mapOf(types.map(({ eventType, streamName }) => [eventType.name, streamName]))})
#set($keys = ${mapOf(types.map(({ eventType }) => [eventType.name, steps(eventType)]))})
#set($stream = "$!streams.get($eventType)")
#set($steps = "$!keys.get($eventType)")
${setNewline}`.trim();

/**
 * Returns directives that set `$key` as the templates of a single event type do, but from a path that is only known
 * when a request arrives.
 */
const setKey = (fallback: string): string =>
  `
#set($key = "")
#if($steps != "")
#set($path = "\${at}\${steps}")
#set($key = "$!input.path($path)")
#end
#if($key == "" || $key.length() > ${maxPartitionKeyLength})
#set($key = "${fallback}")
#end`.trimStart();

/** Returns the template from one event, of any of several types, to Kinesis PutRecord. */
export const sharedPutRecordRequest = (
  types: readonly SharedEventType[],
  traces?: GatewayTraces,
): string =>
  `
${setStream(types)}
#set($at = '$')
${setKey('${context.requestId}')}${setLineOfOne(traces)}
${recordOfBody('$stream', traces)}`.trimStart();

/** Returns the template from `{"events":[…]}`, of any of several types, to Kinesis PutRecords. */
export const sharedPutRecordsRequest = (
  types: readonly SharedEventType[],
  traces?: GatewayTraces,
): string =>
  `${setStream(types)}${setTraceOfBatch(traces)}\n${recordsOfBatch('$stream', setKey, traces)}`;

/**
 * Returns the template of the answer to an error of Kinesis: 404 where the requested event type is none of these.
 *
 * @param names of all event types, including those with routes of their own
 */
export const sharedKinesisErrorResponse = (
  types: readonly SharedEventType[],
  names: readonly string[],
): string =>
  `
#set($known = "${types.map(({ eventType: { name } }) => ` ${name} `).join('')}")
#set($asked = $input.params('event_type'))
#if(!$known.contains(" $asked "))
#set($context.responseOverride.status = 404)
${unknownEventTypeResponse(names)}
#else
${kinesisErrorResponse}
#end`.trimStart();
