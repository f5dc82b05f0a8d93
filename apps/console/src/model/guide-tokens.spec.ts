import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexer, walkTokens } from 'marked';
import { headingId, plainText, shownKinds } from './guide-tokens';

const docs = join(__dirname, '..', '..', '..', '..', 'docs');
const guides = [
  'privacy.md',
  ...readdirSync(join(docs, 'runbooks')).map((name) => join('runbooks', name)),
];

test.each(guides)('the page shows all of %s', (file) => {
  const tokens = lexer(readFileSync(join(docs, file), 'utf8'));
  expect(tokens[0]).toMatchObject({ type: 'heading', depth: 1 });
  const kinds = new Set<string>();
  void walkTokens(tokens, ({ type }) => void kinds.add(type));
  expect([...kinds].filter((kind) => !shownKinds.some((shown) => shown === kind))).toEqual([]);
});

test('a heading has the anchor that GitHub gives it, and its text without marks', () => {
  const [heading] = lexer('## Look-ups are **slow** (`p99`, [late](late.md)) ![x](y.png)');
  const text = plainText(heading?.type === 'heading' ? heading.tokens : []).trim();
  expect(text).toBe('Look-ups are slow (p99, late)');
  expect(headingId(text)).toBe('look-ups-are-slow-p99-late');
});
