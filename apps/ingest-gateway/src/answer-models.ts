import type { JsonObject } from './open-api';

/**
 * Models of answers. Their names begin in lower case and those of event types in upper case, so that they never
 * collide.
 */
export const answerModels = {
  putResult: {
    type: 'object',
    required: ['sequenceNumber', 'shardId'],
    properties: { sequenceNumber: { type: 'string' }, shardId: { type: 'string' } },
  },
  batchResult: {
    type: 'object',
    required: ['accepted', 'failed'],
    properties: {
      accepted: { type: 'integer', description: 'Events that the stream has.' },
      failed: {
        type: 'array',
        description: 'Events to send again.',
        items: {
          type: 'object',
          required: ['index', 'code', 'message'],
          properties: {
            index: { type: 'integer', description: 'Position in the request, from 0.' },
            code: { type: 'string', enum: ['THROTTLED', 'UNAVAILABLE'] },
            message: { type: 'string' },
          },
        },
      },
    },
  },
  fault: {
    type: 'object',
    required: ['message'],
    properties: { message: { type: 'string' }, requestId: { type: 'string' } },
  },
} satisfies JsonObject;

export type AnswerModel = keyof typeof answerModels;
