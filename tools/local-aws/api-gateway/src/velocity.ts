import { LosslessNumber } from 'lossless-json';
import { Compile, Helper, parse } from 'velocityjs';

/** Methods of Java strings that templates may call. `replaceAll` and similar methods take regular expressions. */
const stringMethods: Readonly<
  Record<string, (text: string, ...args: readonly never[]) => unknown>
> = {
  length: (text) => text.length,
  isEmpty: (text) => text === '',
  replaceAll: (text, pattern: string, replacement: string) =>
    text.replace(javaPattern(pattern), replacement),
  replaceFirst: (text, pattern: string, replacement: string) =>
    text.replace(new RegExp(pattern, 'u'), replacement),
  replace: (text, from: string, to: string) => text.split(from).join(to),
  matches: (text, pattern: string) => new RegExp(`^(?:${pattern})$`, 'u').test(text),
  contains: (text, part: string) => text.includes(part),
  equals: (text, other: unknown) => text === other,
  equalsIgnoreCase: (text, other: string) => text.toLowerCase() === other.toLowerCase(),
  split: (text, pattern: string) => text.split(new RegExp(pattern, 'u')),
};

const patterns = new Map<string, RegExp>();

function javaPattern(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  if (!compiled) patterns.set(pattern, (compiled = new RegExp(pattern, 'g')));
  return compiled;
}

const javaMethods = [
  {
    uid: 'java string',
    match: ({ property, context }: { property: string; context: unknown }): boolean =>
      typeof context === 'string' && Object.hasOwn(stringMethods, property),
    resolve: ({ property, params, context }: Call): unknown =>
      stringMethods[property]?.(context as string, ...(params as readonly never[])),
  },
  {
    uid: 'java map',
    match: ({ property, context }: { property: string; context: unknown }): boolean =>
      property === 'containsKey' && typeof context === 'object',
    resolve: ({ params, context }: Call): unknown =>
      Object.hasOwn(context as object, String(params[0])),
  },
];

interface Call {
  readonly property: string;
  readonly params: readonly unknown[];
  readonly context: unknown;
}

/**
 * Version of Velocity. AWS does not say which one it runs, so templates are tested under both: in 1.7 `#set` of null
 * keeps the old value and an empty string is true; in 2 null is assigned and an empty string is false.
 */
export type VelocityVersion = '1.7' | '2';

type Ast = ReturnType<typeof parse>;
type Node = Ast[number];

interface MathNode {
  readonly type: string;
  readonly operator: string;
  readonly expression: readonly [Node, Node];
}

interface ReferenceNode {
  readonly id: string;
  /** Beginning of the reference: `$` or `$!`. */
  readonly leader: string;
  readonly path?: readonly unknown[];
  /** Arguments of a reference that is called: `$id(…)`. */
  readonly args?: unknown;
}

/** Methods of the npm engine that its types leave out. */
interface Engine {
  getLocal(ast: Node): { readonly isLocal: boolean; readonly value: unknown };
  getAttributes(property: unknown, base: unknown, ast: Node): unknown;
}

const engine = (velocity: Compile): Engine => velocity as unknown as Engine;

const literals = new Map<string, Ast>();

/** An expression node whose value is already known. */
class Evaluated {
  readonly type = 'evaluated';
  constructor(readonly value: unknown) {}
}

/** The npm engine, changed to follow the Java engine's rules where our templates would notice a difference. */
class JavaVelocity extends Compile {
  constructor(
    asts: Ast,
    readonly version: VelocityVersion,
  ) {
    super(asts, { customMethodHandlers: javaMethods });
  }

  /** Evaluates a string in double quotes, which is a template. Each is parsed once, not at every evaluation. */
  protected override evalStr(text: string): string {
    let asts = literals.get(text);
    if (!asts) literals.set(text, (asts = parse(text)));
    return this.renderAstList(asts, this.contextId);
  }

  /**
   * Prints a reference. One to null is printed like one to an undefined variable: as it is written, or as nothing
   * with `$!`.
   */
  protected override getReferences(ast: Node, isPrinted?: boolean): string {
    const { id, path, leader, args } = ast as unknown as ReferenceNode;
    const isPlain = args === undefined && !Object.hasOwn(this.defines, id);
    let value: unknown = isPlain ? this.#variable(ast, id) : super.getReferences(ast, false);
    if (isPlain && path)
      for (const property of path) value = engine(this).getAttributes(property, value, ast);
    if (!isPrinted) return value as string;
    if (value === null || value === undefined)
      return leader === '$!' ? '' : Helper.getRefText(ast as never);
    return javaText(value);
  }

  #variable(ast: Node, id: string): unknown {
    const local = engine(this).getLocal(ast);
    if (local.isLocal) return local.value;
    return Object.hasOwn(this.context, id) ? (this.context[id] as unknown) : undefined;
  }

  protected override getExpression(ast: Node): string {
    const { type, operator, expression } = ast as unknown as MathNode;
    if (type !== 'math') return super.getExpression(ast);
    const value = (index: 0 | 1): unknown => this.getExpression(expression[index]);
    switch (operator) {
      case '&&':
        return (this.#isTrue(value(0)) && this.#isTrue(value(1))) as never;
      case '||':
        return (this.#isTrue(value(0)) || this.#isTrue(value(1))) as never;
      case 'not':
        return !this.#isTrue(value(0)) as never;
      case '==':
        return areEqual(value(0), value(1)) as never;
      case '!=':
        return !areEqual(value(0), value(1)) as never;
      default:
        return super.getExpression(ast);
    }
  }

  protected override getBlock(block: Node[]): string {
    if (block[0]?.type !== 'if') return super.getBlock(block);
    const body: Node[] = [];
    let isTaken = false;
    for (const node of block) {
      const isBranch = node.type === 'if' || node.type === 'elseif' || node.type === 'else';
      if (!isBranch) {
        if (isTaken) body.push(node);
        continue;
      }
      if (isTaken) break;
      isTaken =
        node.type === 'else' ||
        this.#isTrue(this.getExpression((node as unknown as { condition: Node }).condition));
    }
    return this.renderAstList(body, this.contextId);
  }

  protected override setValue(ast: Parameters<Compile['setValue']>[0]): void {
    const [left, right] = ast.equal;
    const value: unknown =
      right.type === ('math' as string) ? this.getExpression(right) : this.getLiteral(right);
    if (this.version === '1.7' && (value === null || value === undefined)) return;
    super.setValue({ ...ast, equal: [left, new Evaluated(value) as unknown as Node] });
  }

  protected override getLiteral(ast: Node): string {
    return (
      (ast as unknown) instanceof Evaluated
        ? (ast as unknown as Evaluated).value
        : super.getLiteral(ast)
    ) as string;
  }

  #isTrue(value: unknown): boolean {
    if (value === null || value === undefined || value === false) return false;
    return this.version === '1.7' || (value !== '' && value !== 0);
  }
}

/** Compares values; values of different types are compared by their text, as both versions do. */
function areEqual(left: unknown, right: unknown): boolean {
  if (left === null || left === undefined || right === null || right === undefined)
    return (left ?? undefined) === (right ?? undefined);
  return typeof left === typeof right && typeof left !== 'object'
    ? left === right
    : javaText(left) === javaText(right);
}

/** Largest depth to which a value is printed. Clients may nest values as deeply as they like. */
const maxPrintedDepth = 1_000;

/** Returns a value as Java's `toString` of maps and lists prints it: `{a=1, b=[x, y]}`, which is not JSON. */
export function javaText(value: unknown, depth = 0): string {
  if (depth > maxPrintedDepth) return '…';
  if (Array.isArray(value))
    return `[${value.map((element) => javaText(element, depth + 1)).join(', ')}]`;
  if (typeof value !== 'object' || value === null || value instanceof LosslessNumber)
    return String(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}=${javaText(member, depth + 1)}`)
    .join(', ')}}`;
}

/** A template, parsed once. @throws SyntaxError where the text is not VTL */
export class VelocityTemplate {
  readonly #asts: Ast;

  constructor(
    readonly text: string,
    readonly version: VelocityVersion = '1.7',
  ) {
    this.#asts = parse(text);
  }

  render(context: Readonly<Record<string, unknown>>): string {
    return new JavaVelocity(this.#asts, this.version).render({ ...context });
  }
}
