/** A fenced block of a Markdown file. */
export interface CodeBlock {
  /** First word after the fence, such as `sh` or `ts`. */
  readonly language: string;
  /** Text after the language, which GitHub does not show. */
  readonly note: string;
  /** Line number of the block's first line, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Returns the fenced blocks of a Markdown text in their order. A fence is three backticks at the start of a line. */
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
