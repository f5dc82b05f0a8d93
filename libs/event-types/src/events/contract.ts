import { Type } from '@sinclair/typebox';
import { defineEvent } from '@sluice/event-schema';

/** A row of a contract as the policy system writes it: one for each position, again whenever one changes. */
export const contract = defineEvent({
  name: 'contract',
  version: '1.0.0',
  description: 'One position of an insurance contract, as it stands after a change.',
  key: 'contractNumber',
  identity: 'changeId',
  time: 'changedAt',
  schema: Type.Object({
    changeId: Type.String({ format: 'uuid', description: 'One for each change of a position.' }),
    contractNumber: Type.String({
      pattern: '^[A-Z]{2}-[0-9]{8}$',
      description: 'Two letters of the branch, then the running number: MU-00412345.',
    }),
    position: Type.Integer({ minimum: 1, description: 'Counts the parts of a contract from 1.' }),
    status: Type.Union(
      [
        Type.Literal('offered'),
        Type.Literal('active'),
        Type.Literal('suspended'),
        Type.Literal('ended'),
      ],
      { description: 'Where the position is in its life.' },
    ),
    product: Type.Object({
      code: Type.String({ description: 'Tariff, as in the product catalogue.' }),
      name: Type.String(),
    }),
    holder: Type.Object({
      customerNumber: Type.Integer({ minimum: 1 }),
      name: Type.String(),
      birthDate: Type.Union([Type.String({ format: 'date' }), Type.Null()], {
        description: 'Null for companies.',
      }),
    }),
    premium: Type.Object({
      amount: Type.String({
        format: 'decimal',
        precision: 12,
        scale: 2,
        description: 'For one interval, as text, so that every digit is kept.',
      }),
      currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.' }),
      interval: Type.Union([
        Type.Literal('monthly'),
        Type.Literal('quarterly'),
        Type.Literal('yearly'),
      ]),
    }),
    validFrom: Type.String({ format: 'date', description: 'First day of cover.' }),
    validTo: Type.Union([Type.String({ format: 'date' }), Type.Null()], {
      description: 'Last day of cover; null while open-ended.',
    }),
    renewals: Type.Integer({ minimum: 0, default: 0, description: 'Times it was renewed.' }),
    changedAt: Type.String({ format: 'date-time', digits: 6, description: 'When it was written.' }),
    changedBy: Type.Optional(Type.String({ description: 'User or job that made the change.' })),
  }),
});
