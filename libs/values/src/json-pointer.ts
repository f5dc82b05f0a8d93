// JSON pointers (RFC 6901). A separate entry point (@sluice/values/json-pointer), because it also runs in browsers.

/** Writes one step of a pointer, escaped: `a/b` → `/a~1b`. */
export const pointerStep = (name: string): string =>
  `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Returns the steps of a pointer, as they are meant: `/a~1b/0` → `a/b`, `0`. The whole value has none. */
export const pointerSteps = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Returns a pointer in which `*` stands for every position in an array: values at such places have the same fault. */
export const anyPosition = (pointer: string): string => pointer.replace(/\/\d+(?=\/|$)/g, '/*');
