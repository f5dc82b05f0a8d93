import type { MarkedToken, Token } from 'marked';
import { useEffect, useRef } from 'preact/hooks';
import type { PageProps } from './page-props';
import { pageUrl } from '../model/address';
import { guideFile, guideLink } from '../model/guides';
import { headingId, plainText } from '../model/guide-tokens';
import { useLoaded } from '../ui/hooks';
import { FactsTable, Notice, PageHead, Panel } from '../ui/parts';

/** Shows a guide of the repository, such as a runbook. */
export function GuidePage({ query }: PageProps) {
  const guide = query.get('page') ?? 'README';
  const at = query.get('at');
  const { value, error } = useLoaded(() => readGuide(guide), [guide]);
  const [first, ...rest] = value ?? [];
  const title = first?.type === 'heading' ? plainText(first.tokens) : undefined;
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (at !== null && value !== undefined)
      body.current?.querySelector(`[id="${CSS.escape(at)}"]`)?.scrollIntoView();
  }, [at, value]);
  return (
    <>
      <PageHead
        title={title ?? 'Guide'}
        about={`docs/${guide === 'privacy' ? '' : 'runbooks/'}${guide}.md`}
      >
        {guide !== 'README' && (
          <a class="button" href={pageUrl('guide')}>
            All runbooks
          </a>
        )}
      </PageHead>
      <Notice message={error} />
      {value !== undefined && (
        <Panel className="guide">
          <div ref={body}>
            <Parts tokens={title === undefined ? value : rest} guide={guide} />
          </div>
        </Panel>
      )}
    </>
  );
}

/**
 * Reads a guide beside the page, by a package that no other page loads.
 *
 * @throws Error where there is none
 */
async function readGuide(guide: string): Promise<readonly Token[]> {
  const file = guideFile(guide);
  const [answer, { lexer }] = await Promise.all([file && fetch(file), import('marked')]);
  if (!answer || !answer.ok) throw new Error(`There is no guide “${guide}”.`);
  return lexer(await answer.text());
}

interface PartProps {
  readonly tokens: readonly Token[] | undefined;
  /** Name of the guide, from which links lead. */
  readonly guide: string;
}

function Parts({ tokens = [], guide }: PartProps) {
  return (
    <>
      {tokens.map((token, index) => (
        // The package has no token of its own for an extension, and there are no extensions here.
        <Part key={index} token={token as MarkedToken} guide={guide} />
      ))}
    </>
  );
}

/** Renders a block or a part of a line; unknown tokens are shown as they are written. */
function Part({ token, guide }: { readonly token: MarkedToken; readonly guide: string }) {
  switch (token.type) {
    case 'heading': {
      // The page itself has the first level.
      const Heading = token.depth <= 2 ? 'h2' : 'h3';
      return (
        <Heading id={headingId(plainText(token.tokens))}>
          <Parts tokens={token.tokens} guide={guide} />
        </Heading>
      );
    }
    case 'paragraph':
      return (
        <p>
          <Parts tokens={token.tokens} guide={guide} />
        </p>
      );
    case 'code':
      return (
        <pre class="body" tabIndex={0} role="region" aria-label="Commands">
          {token.text}
        </pre>
      );
    case 'list': {
      const List = token.ordered ? 'ol' : 'ul';
      return (
        <List>
          {token.items.map((item, index) => (
            <li key={index}>
              <Parts tokens={item.tokens} guide={guide} />
            </li>
          ))}
        </List>
      );
    }
    case 'table':
      return (
        <FactsTable label="Table">
          <thead>
            <tr>
              {token.header.map((cell, index) => (
                <th scope="col" key={index}>
                  <Parts tokens={cell.tokens} guide={guide} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {token.rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={column}>
                    <Parts tokens={cell.tokens} guide={guide} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </FactsTable>
      );
    case 'text':
      return token.tokens ? <Parts tokens={token.tokens} guide={guide} /> : <>{token.text}</>;
    case 'escape':
      return <>{token.text}</>;
    case 'codespan':
      return <code>{token.text}</code>;
    case 'strong':
      return (
        <b>
          <Parts tokens={token.tokens} guide={guide} />
        </b>
      );
    case 'em':
      return (
        <em>
          <Parts tokens={token.tokens} guide={guide} />
        </em>
      );
    case 'link':
      return <LinkOf to={token.href} tokens={token.tokens} guide={guide} />;
    case 'image':
    case 'space':
      return null;
    default:
      return <>{token.raw}</>;
  }
}

function LinkOf({ to, tokens, guide }: PartProps & { readonly to: string }) {
  const link = guideLink(to, guide);
  const text = <Parts tokens={tokens} guide={guide} />;
  if ('href' in link) return <a href={link.href}>{text}</a>;
  return (
    <>
      {text} (<code>{link.path}</code>)
    </>
  );
}
