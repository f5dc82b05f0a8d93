/**
 * Returns a text that a regular expression matches: the first of alternatives, the fewest repetitions, and digits of
 * `seed` in turn, so that texts differ. Undefined where this gives no match.
 */
export function patternText(pattern: string, seed: string): string | undefined {
  let matcher: RegExp;
  try {
    matcher = new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
  const digits = seed.match(/\d/g) ?? [];
  let taken = 0;
  const digit = (): string => digits[taken++ % digits.length] ?? '0';
  const text = sequenceText(Array.from(pattern), digit);
  return matcher.test(text) ? text : undefined;
}

/**
 * Consumes the rest of an alternative, up to the end or the closing parenthesis of its group, and writes a text for
 * it.
 */
function sequenceText(left: string[], digit: () => string): string {
  let text = '';
  let isFirst = true;
  for (let next = left.shift(); next !== undefined && next !== ')'; next = left.shift()) {
    if (next === '|') {
      isFirst = false;
      continue;
    }
    if (next === '^' || next === '$') continue;
    // Each repetition is written separately, with its own digits.
    const before = [...left];
    let atom = atomText(next, left, digit);
    const times = takeQuantifier(left);
    const behind = [...left];
    const parts = times === 0 ? [] : [atom];
    for (let count = 1; count < times; count++) {
      atom = atomText(next, [...before], digit);
      parts.push(atom);
    }
    left.splice(0, left.length, ...behind);
    if (isFirst) text += parts.join('');
  }
  return text;
}

function atomText(next: string, left: string[], digit: () => string): string {
  if (next === '(') {
    if (left[0] === '?') {
      const name = /^\?(?::|<[^>]*>)/.exec(left.join(''))?.[0] ?? '';
      left.splice(0, name.length);
    }
    return sequenceText(left, digit);
  }
  if (next === '[') {
    const members = left.splice(0, classEnd(left) + 1).slice(0, -1);
    if (members[0] === '^') return 'x';
    return members[0] === '\\' ? escapeText(members[1] ?? '', digit) : memberText(members, digit);
  }
  if (next === '\\') return escapeText(left.shift() ?? '', digit);
  return next === '.' ? 'x' : next;
}

const memberText = ([first = '', to]: readonly string[], digit: () => string): string =>
  first === '0' && to === '-' ? digit() : first;

const escapeText = (letter: string, digit: () => string): string =>
  ({ d: digit(), w: 'a', s: ' ', D: 'x', W: '-', S: 'x' })[letter] ?? letter;

/** Returns the index of the bracket that ends a class. */
function classEnd(left: readonly string[]): number {
  for (let at = 0; at < left.length; at++)
    if (left[at] === '\\') at++;
    else if (left[at] === ']') return at;
  return left.length;
}

/** Consumes a quantifier, if there is one, and returns its smallest number of repetitions. */
function takeQuantifier(left: string[]): number {
  const [whole, least] =
    /^(?:[*?]|\+|\{(\d+)(?:,\d*)?\})\??/.exec(left.slice(0, 24).join('')) ?? [];
  if (whole === undefined) return 1;
  left.splice(0, whole.length);
  if (least !== undefined) return Math.min(Number(least), 1_000);
  return whole.startsWith('+') ? 1 : 0;
}
