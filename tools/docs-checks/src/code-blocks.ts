/** A fenced block of a Markdown file. */
export interface CodeBlock {
  /** The first word after the fence, such as `sh` or `ts`. */
  readonly language: string;
  /** What else stands behind the language; GitHub shows nothing of it. */
  readonly note: string;
  /** Number of the block's first line, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Reads the fenced blocks of a Markdown text in their order. Fences are of three backticks at the start of a line. */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  const found: CodeBlock[] = [];
  let open: { language: string; note: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const [fence, language = '', note = ''] = /^```(\S*)\s*(.*)$/.exec(line) ?? [];
    if (fence === undefined) open?.lines.push(line);
    else if (open === undefined) open = { language, note, line: index + 2, lines: [] };
    else {
      const { lines, ...block } = open;
      found.push({ ...block, text: `${lines.join('\n')}\n` });
      open = undefined;
    }
  }
  return found;
}
