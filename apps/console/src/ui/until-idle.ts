/** Resolves after the page has handled pending events. */
export const untilIdle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
