import { Type } from '@sinclair/typebox';
import { defineEvent, type EventOf } from '@sluice/event-schema';

/** The event type that the tracker sends. `event-types/web_event.event.json` is made from it. */
export const webEventType = defineEvent({
  name: 'web_event',
  version: '1.0.0',
  description:
    'Something that happened in a web page: a view, a click, a form that was sent, an error.',
  key: 'sessionId',
  identity: 'eventId',
  time: 'occurredAt',
  schema: Type.Object({
    eventId: Type.String({
      format: 'uuid',
      description: 'Made in the page, so that an event that is sent twice is one row.',
    }),
    sessionId: Type.String({
      format: 'uuid',
      description: 'One for visits of a browser to a site that lie less than half an hour apart.',
    }),
    occurredAt: Type.String({
      format: 'date-time',
      digits: 3,
      description: 'By the browser’s clock.',
    }),
    kind: Type.Union(
      [
        Type.Literal('page_view'),
        Type.Literal('click'),
        Type.Literal('form_submit'),
        Type.Literal('error'),
        Type.Literal('custom'),
      ],
      { description: 'What happened; the member of this name has more.' },
    ),
    page: Type.Object({
      url: Type.String({
        description: 'Without fragment, and of the query what the tracker is told to keep.',
      }),
      title: Type.Optional(Type.String()),
      referrer: Type.Optional(Type.String({ description: 'The page before, without its query.' })),
    }),
    viewport: Type.Object({ width: Type.Integer(), height: Type.Integer() }),
    language: Type.Optional(Type.String({ description: 'The browser’s, such as de-CH.' })),
    click: Type.Optional(
      Type.Object({
        element: Type.String({ description: 'Tag, such as a or button.' }),
        id: Type.Optional(Type.String()),
        name: Type.Optional(Type.String({ description: 'The element’s data-track.' })),
        href: Type.Optional(Type.String({ description: 'Without query.' })),
      }),
    ),
    form: Type.Optional(
      Type.Object({
        id: Type.Optional(Type.String()),
        name: Type.Optional(Type.String()),
        action: Type.String({ description: 'Without query.' }),
        fields: Type.Array(Type.String(), { description: 'Names of the fields.' }),
        values: Type.Optional(
          Type.Record(Type.String(), Type.Unknown(), {
            description: 'Values of those fields alone that the tracker is told to send.',
          }),
        ),
      }),
    ),
    error: Type.Optional(
      Type.Object({
        message: Type.String(),
        source: Type.Optional(Type.String()),
        line: Type.Optional(Type.Integer()),
        column: Type.Optional(Type.Integer()),
        stack: Type.Optional(Type.String()),
      }),
    ),
    custom: Type.Optional(
      Type.Object({
        name: Type.String(),
        properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      }),
    ),
  }),
});

export type WebEvent = EventOf<typeof webEventType>;
