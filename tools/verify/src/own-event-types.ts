import type { EventDefinition, NamedKeyScopes } from '@sluice/event-schema';

const text = { type: 'string' } as const;

/**
 * Event types that a local stack of the run's own serves beside the shipped ones, which have no rules of privacy:
 * every rule, retentions, a key that is a hash and one that is not, a restricted column.
 */
export const ownEventTypes: readonly EventDefinition[] = [
  {
    name: 'verify_visit',
    version: '1.0.0',
    key: 'visitor',
    identity: 'id',
    privacy: {
      visitor: 'hash',
      'contact.email': 'hash',
      'contact.phone': 'mask',
      address: 'truncate-ip',
      note: 'drop',
      friends: 'hash',
    },
    retentionDays: 30,
    errorRetentionDays: 3,
    schema: {
      type: 'object',
      required: ['id', 'visitor'],
      properties: {
        id: { type: 'string', format: 'uuid' },
        visitor: text,
        contact: {
          type: 'object',
          properties: { email: text, phone: { ...text, access: 'restricted' } },
        },
        address: text,
        note: text,
        friends: { type: 'array', items: text },
      },
    },
  },
  {
    name: 'verify_letter',
    version: '1.0.0',
    key: 'id',
    privacy: { sender: 'hash', unmapped: 'drop' },
    schema: { type: 'object', required: ['id'], properties: { id: text, sender: text } },
  },
];

/** API keys that a local stack of the run's own has: one that does not see the restricted column. */
export const ownApiKeys: NamedKeyScopes = { narrow: { actions: ['look-up'] } };
