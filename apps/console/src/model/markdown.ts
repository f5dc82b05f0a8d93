// Reads the part of Markdown that the guides of this repository use (CommonMark, and GitHub's tables), as plain data.

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'bold'; readonly parts: readonly Inline[] }
  | { readonly kind: 'link'; readonly to: string; readonly parts: readonly Inline[] };

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly id: string; readonly parts: Line }
  | { readonly kind: 'paragraph'; readonly parts: Line }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'table'; readonly head: readonly Line[]; readonly rows: readonly Line[][] }
  | {
      readonly kind: 'list';
      readonly isOrdered: boolean;
      readonly items: readonly (readonly Block[])[];
    };

type Line = readonly Inline[];

const fence = '```';
const heading = /^(#{1,6}) +(.*)$/;
const item = /^(?:-|(\d+)\.) +/;
const startsBlock = (line: string): boolean =>
  line === '' ||
  line.startsWith(fence) ||
  heading.test(line) ||
  item.test(line) ||
  line.startsWith('|');

/** Reads the blocks of a text in Markdown. Pictures are left out. */
export function readMarkdown(text: string): readonly Block[] {
  return blocksOf(text.replaceAll('\r\n', '\n').split('\n'));
}

function blocksOf(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  let at = 0;
  /** Takes lines for as long as they fit. */
  const take = (fits: (line: string) => boolean): readonly string[] => {
    const from = at;
    while (at < lines.length && fits(lines[at] ?? '')) at++;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const [, hashes, title = ''] = heading.exec(line) ?? [];
    if (line.trim() === '') at++;
    else if (hashes !== undefined) {
      at++;
      const parts = inlineOf(title);
      blocks.push({ kind: 'heading', level: hashes.length, id: headingId(textOf(parts)), parts });
    } else if (line.startsWith(fence)) {
      at++;
      blocks.push({ kind: 'code', text: take((one) => !one.startsWith(fence)).join('\n') });
      at++;
    } else if (line.startsWith('|')) {
      const [head = '', , ...rows] = take((one) => one.startsWith('|'));
      blocks.push({ kind: 'table', head: cellsOf(head), rows: rows.map(cellsOf) });
    } else if (item.test(line)) {
      const isOrdered = item.exec(line)?.[1] !== undefined;
      const items: (readonly Block[])[] = [];
      for (;;) {
        const [mark] = item.exec(lines[at] ?? '') ?? [];
        if (mark === undefined) break;
        const first = (lines[at] ?? '').slice(mark.length);
        at++;
        // What belongs to an item is indented, and so is a blank line followed by such a line.
        const rest = take(
          (one) => /^ {2,}/.test(one) || (!startsBlock(one) && one.trim() !== ''),
        ).map((one) => one.slice(Math.min(mark.length, one.length - one.trimStart().length)));
        items.push(blocksOf([first, ...rest]));
      }
      blocks.push({ kind: 'list', isOrdered, items });
    } else {
      at++;
      const text = [line, ...take((one) => one.trim() !== '' && !startsBlock(one))].join(' ');
      const parts = inlineOf(text);
      if (parts.length > 0) blocks.push({ kind: 'paragraph', parts });
    }
  }
  return blocks;
}

const cellsOf = (row: string): Line[] =>
  row
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => inlineOf(cell.replaceAll('\\|', '|').trim()));

const inline = /(`+)(.+?)\1|\*\*(.+?)\*\*|!\[[^\]]*\]\([^)]*\)|\[((?:`[^`]*`|[^\]])*)\]\(([^)]*)\)/;

function inlineOf(text: string): readonly Inline[] {
  const found = inline.exec(text);
  if (!found) return text === '' ? [] : [{ kind: 'text', text }];
  const [whole, , code, bold, label, to] = found;
  const before = text.slice(0, found.index);
  return [
    ...(before === '' ? [] : [{ kind: 'text', text: before } as const]),
    ...(code !== undefined
      ? [{ kind: 'code', text: code } as const]
      : bold !== undefined
        ? [{ kind: 'bold', parts: inlineOf(bold) } as const]
        : to !== undefined
          ? [{ kind: 'link', to, parts: inlineOf(label ?? '') } as const]
          : []),
    ...inlineOf(text.slice(found.index + whole.length)),
  ];
}

/** Returns the text of a line without its marks. */
export const textOf = (parts: Line): string =>
  parts.map((part) => ('text' in part ? part.text : textOf(part.parts))).join('');

/** Returns the anchor of a heading, as GitHub makes it. */
const headingId = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
