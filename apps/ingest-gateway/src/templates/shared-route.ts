import type { EventType } from '@sluice/event-schema';
import { kinesisErrorResponse } from './kinesis-error';
import { keyPathSteps, maxPartitionKeyLength } from './partition-key';
import { setNewline } from './put-record';
import { jsonSafe, unknownEventTypeResponse } from './template-parts';

/** What a route that several event types share has to know of each of them. */
export interface SharedEventType {
  readonly eventType: EventType;
  readonly streamName: string;
}

/** A map literal in single quotes, which VTL does not read. */
const mapOf = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([name, value]) => `'${name}': '${value}'`).join(', ')}}`;

/** Text in single quotes that may hold single quotes: JsonPath takes double ones as well. */
const steps = (eventType: EventType): string =>
  (keyPathSteps(eventType) ?? '').replaceAll("'", '"');

/**
 * Sets `$stream`, and `$steps` from an event to its key. An event type that does not exist has neither: Kinesis refuses
 * the empty name, and the response template says why.
 */
const setStream = (types: readonly SharedEventType[]): string =>
  `
#set($eventType = $input.params('event_type'))
#set($streams = ${mapOf(types.map(({ eventType, streamName }) => [eventType.name, streamName]))})
#set($keys = ${mapOf(types.map(({ eventType }) => [eventType.name, steps(eventType)]))})
#set($stream = "$!streams.get($eventType)")
#set($steps = "$!keys.get($eventType)")
${setNewline}`.trim();

/** Sets `$key` as the templates of a single event type do, but by a path that is only known when a request comes. */
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

/** One event of any of several types → Kinesis PutRecord. */
export const sharedPutRecordRequest = (types: readonly SharedEventType[]): string =>
  `
${setStream(types)}
#set($at = '$')
${setKey('${context.requestId}')}
{
  "StreamName": "$stream",
  "Data": "$util.base64Encode("$input.body$newline")",
  "PartitionKey": "${jsonSafe('$key')}"
}`.trimStart();

/** `{"events":[…]}` of any of several types → Kinesis PutRecords. */
export const sharedPutRecordsRequest = (types: readonly SharedEventType[]): string =>
  `
${setStream(types)}
{
  "StreamName": "$stream",
  "Records": [
#foreach($event in $input.path("$.events"))
#set($at = "$.events[$foreach.index]")
${setKey('${context.requestId}-$foreach.index')}
#set($json = $input.json($at))
    {
      "Data": "$util.base64Encode("$json$newline")",
      "PartitionKey": "${jsonSafe('$key')}"
    }#if($foreach.hasNext),#end

#end
  ]
}`.trimStart();

/**
 * An error of Kinesis → what the client gets: 404 where the route was asked for an event type that is none of these.
 *
 * @param names of all event types, also those with a route of their own
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
