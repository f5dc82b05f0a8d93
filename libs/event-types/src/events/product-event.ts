import { Type } from '@sinclair/typebox';
import { defineEvent } from '@sluice/event-schema';

/** An action of a user in an app, in the nested form that product-analytics tools such as Amplitude collect. */
export const productEvent = defineEvent({
  name: 'product_event',
  version: '1.0.0',
  description: 'Something that a user did in an app or on a site.',
  key: 'user.id',
  identity: 'insertId',
  time: 'occurredAt',
  indexes: ['sessionId', 'device.id'],
  schema: Type.Object({
    insertId: Type.String({
      format: 'uuid',
      description: 'Made by the client for each event, so that one sent twice counts once.',
    }),
    eventType: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'What happened, as the product team calls it: checkout_completed.',
    }),
    occurredAt: Type.String({
      format: 'date-time',
      digits: 3,
      description: "When it happened, by the client's clock.",
    }),
    sessionId: Type.Integer({
      description: 'When the session began, in ms since 1970; -1 outside a session.',
    }),
    user: Type.Object({
      id: Type.String({
        minLength: 1,
        description: "The account; the device's id before anyone has signed in.",
      }),
      signedIn: Type.Boolean(),
      plan: Type.Optional(
        Type.Union([Type.Literal('free'), Type.Literal('team'), Type.Literal('enterprise')], {
          description: 'What the account pays for.',
        }),
      ),
      createdAt: Type.Optional(
        Type.String({ format: 'date', description: 'The day on which the account was made.' }),
      ),
      properties: Type.Record(Type.String(), Type.Unknown(), {
        description: 'Whatever else is known of the user.',
      }),
    }),
    device: Type.Object({
      id: Type.String({ description: 'Stays the same on one device until the app is removed.' }),
      platform: Type.Union([Type.Literal('iOS'), Type.Literal('Android'), Type.Literal('Web')]),
      brand: Type.Union([Type.String(), Type.Null()]),
      model: Type.Union([Type.String(), Type.Null()]),
      language: Type.String({ description: 'BCP 47: en-GB.' }),
      os: Type.Object({ name: Type.String(), version: Type.String() }),
      screen: Type.Optional(
        Type.Object({
          width: Type.Integer({ minimum: 1, description: 'CSS pixels.' }),
          height: Type.Integer({ minimum: 1, description: 'CSS pixels.' }),
          density: Type.Number({ description: 'Device pixels in a CSS pixel.' }),
        }),
      ),
    }),
    app: Type.Object({
      name: Type.String(),
      version: Type.String(),
      build: Type.Optional(Type.Integer()),
      experiments: Type.Optional(
        Type.Array(Type.String(), { description: 'Experiments that the user is part of.' }),
      ),
    }),
    location: Type.Union(
      [
        Type.Object({
          country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1.' }),
          region: Type.Union([Type.String(), Type.Null()]),
          city: Type.Union([Type.String(), Type.Null()]),
          latitude: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
          longitude: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
        }),
        Type.Null(),
      ],
      { description: 'Where the network says the device is; null where it does not say.' },
    ),
    revenue: Type.Optional(
      Type.Object({
        amount: Type.String({
          format: 'decimal',
          precision: 18,
          scale: 4,
          description: 'Price times quantity, as text, so that every digit is kept.',
        }),
        currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.' }),
        quantity: Type.Integer({ minimum: 1 }),
      }),
    ),
    properties: Type.Record(Type.String(), Type.Unknown(), {
      description: 'What belongs to this kind of event.',
    }),
    tags: Type.Array(Type.String(), { description: 'Free labels.' }),
  }),
});
