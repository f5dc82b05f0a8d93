// Runs a definition's `pattern` in time that is linear in the text, whatever the pattern and the text are
// (docs/adr/patterns-in-linear-time.md).
import { patternTokens, UnsupportedPatternError, type PatternToken } from './pattern-tokens';
import { re2Text } from './re2-text';

/** Decides whether a pattern matches somewhere in a text. */
export interface PatternMatcher {
  test(text: string): boolean;
}

const matchers = new Map<string, PatternMatcher>();

/**
 * Compiles a pattern: a regular expression of ECMAScript with the flag `u`, which has to match somewhere in the text,
 * as in JSON Schema.
 *
 * @throws Error naming the fault: the pattern is not a regular expression, or can't be run in linear time
 */
export function patternMatcher(pattern: string): PatternMatcher {
  const known = matchers.get(pattern);
  if (known) return known;
  const matcher = compile(pattern);
  matchers.set(pattern, matcher);
  return matcher;
}

/** Returns a sentence about the fault of a pattern; undefined where there is none. */
export function patternComplaint(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string') return 'must be a text';
  try {
    patternMatcher(pattern);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const notLinear = (why: string): Error =>
  new Error(
    `can't be run in time linear in the text: ${why}; write it without, so that no text can hold up an event's neighbours`,
  );

function compile(pattern: string): PatternMatcher {
  const expression = new RegExp(pattern, 'u');
  try {
    if (isLinearByBacktracking(patternTokens(pattern))) return expression;
    return re2Matcher(re2Text(pattern));
  } catch (error) {
    if (error instanceof UnsupportedPatternError) throw notLinear(error.message);
    throw notLinear((error as Error).message);
  }
}

function re2Matcher(text: string): PatternMatcher {
  // Most definitions need no second engine, and evaluating it takes longer than all the rest of a function's start.
  // oxlint-disable-next-line typescript/no-require-imports
  const { RE2JS } = require('re2js') as typeof import('re2js');
  const compiled = RE2JS.compile(text);
  return { test: (subject) => compiled.test(subject) };
}

/** Base-2 logarithm of the largest number of alternatives at one position of the text. */
const maxChoices = 6;
/** Number of repetitions up to which a repeated character counts as that many characters. */
const maxFixedRepeats = 64;

/**
 * Decides whether V8's backtracking always takes linear time for a pattern: it has at most one repetition of variable
 * length, of a single character, and begins at the text's start; no group is repeated; and there are few
 * alternatives.
 */
function isLinearByBacktracking(tokens: readonly PatternToken[]): boolean {
  let choices = 0;
  let repetitions = 0;
  let depth = 0;
  let startsAtStart = tokens[0]?.kind === 'start';
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'group') depth++;
    else if (token.kind === 'close') depth--;
    else if (token.kind === 'or') {
      choices++;
      if (depth === 0) startsAtStart = false;
    } else if (token.kind === 'quantifier') {
      const { min, max } = token;
      if (min === 0 && max === 1) choices++;
      else if (tokens[index - 1]?.kind === 'close') return false;
      else if (min < max || max > maxFixedRepeats) repetitions++;
    }
  }
  if (choices > maxChoices || repetitions > 1) return false;
  return repetitions === 0 || startsAtStart;
}
