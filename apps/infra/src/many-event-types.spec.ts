import { defineEvent, type EventType } from '@sluice/event-schema';
import { shippedEventTypes } from '@sluice/event-types';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardTemplates } from './guard/guard';
import { readTemplates, resourcesOf, type GuardedTemplate } from './guard/template';
import { sluiceApp } from './sluice-app';
import { deployment } from './testing/synthesised';

/** An event type of some thirty columns, with members that may be null. */
const eventType = (_: unknown, index: number): EventType =>
  defineEvent({
    name: `some_event_type_${index}`,
    version: '1.0.0',
    key: 'id',
    schema: {
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'string' },
        at: { type: 'string', format: 'date-time' },
        ...Object.fromEntries(
          Array.from({ length: 24 }, (__, field) => [
            `field_${field}`,
            { type: [['string', 'integer', 'number', 'boolean'][field % 4]!, 'null'] },
          ]),
        ),
        actor: {
          type: 'object',
          properties: { name: { type: 'string' }, age: { type: 'integer' } },
        },
      },
    },
  });

let templates: readonly GuardedTemplate[];
beforeAll(() => {
  const outdir = mkdtempSync(join(tmpdir(), 'sluice-many-'));
  const eventTypes = [
    ...shippedEventTypes,
    ...Array.from({ length: 300 - shippedEventTypes.length }, eventType),
  ];
  // CDK takes a stack trace for each property, whatever the settings of an app say.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  sluiceApp(deployment({ eventTypes }), { outdir }).synth();
  Error.stackTraceLimit = stackTraceLimit;
  templates = readTemplates(outdir);
  rmSync(outdir, { recursive: true });
}, 120_000);

it('300 event types are within all that AWS takes', () => {
  expect(
    guardTemplates(templates)
      .filter(({ explained }) => explained === undefined)
      .map(({ template, rule, at, says }) => `${template} ${rule} ${at}: ${says}`),
  ).toEqual([]);
});

it('each of the 300 has its stream, function, delivery stream, table and schedule', () => {
  const count = (type: string): number =>
    templates.flatMap((template) => resourcesOf(template, type)).length;
  expect(count('AWS::Kinesis::Stream')).toBe(300);
  expect(count('AWS::KinesisFirehose::DeliveryStream')).toBe(300);
  // Two are for all tables: results are swept, and files that are dropped into the lake are taken.
  expect(count('AWS::Scheduler::Schedule')).toBe(302);
  expect(count('AWS::Glue::Table')).toBeGreaterThanOrEqual(600);
});
