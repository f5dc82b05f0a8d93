import { Fragment } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { PageProps } from '../app';
import { pageUrl } from '../model/address';
import { guideFile, guideLink } from '../model/guides';
import { readMarkdown, textOf, type Block, type Inline } from '../model/markdown';
import { useLoaded } from '../ui/hooks';
import { Notice, PageHead, Panel } from '../ui/parts';

/** Shows a guide of the repository, such as a runbook. */
export function GuidePage({ query }: PageProps) {
  const guide = query.get('page') ?? 'README';
  const at = query.get('at');
  const { value, error } = useLoaded(() => readGuide(guide), [guide]);
  const blocks = useMemo(() => readMarkdown(value ?? ''), [value]);
  const [first, ...rest] = blocks;
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (at !== null && value !== undefined)
      body.current?.querySelector(`[id="${CSS.escape(at)}"]`)?.scrollIntoView();
  }, [at, value]);
  return (
    <>
      <PageHead
        title={first?.kind === 'heading' ? textOf(first.parts) : 'Guide'}
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
            <Blocks blocks={first?.kind === 'heading' ? rest : blocks} guide={guide} />
          </div>
        </Panel>
      )}
    </>
  );
}

/** Reads a guide beside the page. @throws Error where there is none */
async function readGuide(guide: string): Promise<string> {
  const file = guideFile(guide);
  const answer = file === undefined ? undefined : await fetch(file);
  if (!answer?.ok) throw new Error(`There is no guide “${guide}”.`);
  return answer.text();
}

interface PartProps {
  /** Name of the guide, from which links lead. */
  readonly guide: string;
}

function Blocks({ blocks, guide }: PartProps & { readonly blocks: readonly Block[] }) {
  return (
    <>
      {blocks.map((block, index) => (
        <BlockOf key={index} block={block} guide={guide} />
      ))}
    </>
  );
}

function BlockOf({ block, guide }: PartProps & { readonly block: Block }) {
  switch (block.kind) {
    case 'heading': {
      // The page itself has the first level.
      const Heading = block.level <= 2 ? 'h2' : 'h3';
      return (
        <Heading id={block.id}>
          <Line parts={block.parts} guide={guide} />
        </Heading>
      );
    }
    case 'paragraph':
      return (
        <p>
          <Line parts={block.parts} guide={guide} />
        </p>
      );
    case 'code':
      return (
        <pre class="body" tabIndex={0} role="region" aria-label="Commands">
          {block.text}
        </pre>
      );
    case 'list': {
      const List = block.isOrdered ? 'ol' : 'ul';
      return (
        <List>
          {block.items.map((blocks, index) => (
            <li key={index}>
              <Blocks blocks={blocks} guide={guide} />
            </li>
          ))}
        </List>
      );
    }
    case 'table':
      return (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Table">
          <table class="facts">
            <thead>
              <tr>
                {block.head.map((cell, index) => (
                  <th scope="col" key={index}>
                    <Line parts={cell} guide={guide} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, column) => (
                    <td key={column}>
                      <Line parts={cell} guide={guide} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

function Line({ parts, guide }: PartProps & { readonly parts: readonly Inline[] }) {
  return (
    <>
      {parts.map((part, index) => (
        <Fragment key={index}>
          {part.kind === 'text' ? (
            part.text
          ) : part.kind === 'code' ? (
            <code>{part.text}</code>
          ) : part.kind === 'bold' ? (
            <b>
              <Line parts={part.parts} guide={guide} />
            </b>
          ) : (
            <LinkOf to={part.to} parts={part.parts} guide={guide} />
          )}
        </Fragment>
      ))}
    </>
  );
}

function LinkOf({
  to,
  parts,
  guide,
}: PartProps & { readonly to: string; readonly parts: readonly Inline[] }) {
  const link = guideLink(to, guide);
  const text = <Line parts={parts} guide={guide} />;
  if ('href' in link) return <a href={link.href}>{text}</a>;
  return (
    <>
      {text} (<code>{link.path}</code>)
    </>
  );
}
