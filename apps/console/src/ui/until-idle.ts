/** Resolves once the page has had its turn. */
export const untilIdle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
