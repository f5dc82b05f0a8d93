/** Metadata of a template whose stack is to be protected from deletion once it has been complete. */
export const protectedOnceComplete = { 'sluice:protected': 'once-complete' } as const;

/** Decides whether a template asks for the protection of its stack. */
export const asksForProtection = (template: unknown): boolean => {
  const { Metadata } = template as { readonly Metadata?: Readonly<Record<string, unknown>> };
  return Metadata?.['sluice:protected'] === protectedOnceComplete['sluice:protected'];
};
