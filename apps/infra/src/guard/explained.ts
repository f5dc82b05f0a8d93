export interface Explanation {
  /** Matches `<template> <rule> <pointer>`. */
  readonly finds: RegExp;
  readonly reason: string;
}

/**
 * Findings of the guard that are accepted, each with its reason. An explanation that matches no finding fails the
 * test.
 */
export const explanations: readonly Explanation[] = [
  {
    finds: / model-keywords \S*\/(?:minItems|maxItems)$/,
    reason:
      'Clients read them in the published document. Where the import passes over them, the stream refuses a batch of none or of more than 500, and an event is checked by the transformer.',
  },
];
