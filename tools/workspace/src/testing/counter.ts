// A module with a state, for the test that says whose it is.
let count = 0;

/** Returns how often it was called since the module was loaded. */
export const next = (): number => ++count;
