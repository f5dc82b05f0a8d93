import type { LeafType } from './value-type';

/** A leaf of the schema: a primitive column, which each row group stores as one column chunk. */
export interface Leaf {
  /** Position among the leaves, which is also the position among the chunks of a row group. */
  readonly index: number;
  /** The path in one text, for messages. Two leaves may have the same. */
  readonly name: string;
  /** UTF-8 names on the path to the leaf, without the root. */
  readonly pathBytes: readonly Uint8Array[];
  readonly type: LeafType;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** An element of a file's schema, with its descendants. */
export interface SchemaNode {
  readonly name: string;
  readonly repetition: 'REQUIRED' | 'OPTIONAL' | 'REPEATED';
  readonly annotation: 'list' | 'map' | 'variant' | undefined;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  readonly children: readonly SchemaNode[];
  /** Present where the node has no children. */
  readonly leaf?: Leaf;
}

interface Items {
  /** Definition level below which the list has no items. */
  readonly itemDefinition: number;
  /** Repetition level that begins a further item. */
  readonly itemRepetition: number;
}

/** Type of the values of a column. A definition level below `definition` means null. */
export type Shape = { readonly definition: number } & (
  | { readonly kind: 'value'; readonly leaf: Leaf }
  | { readonly kind: 'struct'; readonly members: readonly Member[] }
  | ({ readonly kind: 'list'; readonly item: Shape } & Items)
  | ({ readonly kind: 'map'; readonly key: Shape; readonly value: Shape | undefined } & Items)
  /** A value of any type, in the binary form of Parquet's variant (parquet-format, VariantEncoding.md). */
  | { readonly kind: 'variant'; readonly members: readonly Member[] }
);

export interface Member {
  readonly name: string;
  readonly shape: Shape;
}

/** Returns the shape of a node's values, by the rules of parquet-format's LogicalTypes.md. */
export function shapeOf(node: SchemaNode): Shape {
  // Outside of a LIST or a MAP, it is a required list of required items.
  if (node.repetition === 'REPEATED')
    return {
      kind: 'list',
      definition: node.maxDefinition - 1,
      itemDefinition: node.maxDefinition,
      itemRepetition: node.maxRepetition,
      item: ownShape(node),
    };
  return ownShape(node);
}

/** Returns the shape of one occurrence of a node, even if the node is repeated. */
function ownShape(node: SchemaNode): Shape {
  const { leaf, children, annotation, maxDefinition: definition } = node;
  if (leaf) return { kind: 'value', definition, leaf };
  const [only] = children;
  const repeated = children.length === 1 && only?.repetition === 'REPEATED' ? only : undefined;
  if (annotation === 'list' && repeated)
    return { kind: 'list', definition, ...itemsOf(repeated), item: itemShape(node, repeated) };
  const [key, value, ...more] = repeated?.children ?? [];
  if (annotation === 'map' && repeated && key && more.length === 0)
    return {
      kind: 'map',
      definition,
      ...itemsOf(repeated),
      key: shapeOf(key),
      value: value && shapeOf(value),
    };
  const members = children.map((child) => ({ name: child.name, shape: shapeOf(child) }));
  const kind = annotation === 'variant' || looksLikeVariant(node) ? 'variant' : 'struct';
  return { kind, definition, members };
}

const itemsOf = ({ maxDefinition, maxRepetition }: SchemaNode): Items => ({
  itemDefinition: maxDefinition,
  itemRepetition: maxRepetition,
});

/**
 * Returns the shape of a list's items, by the backward-compatibility rules for lists of LogicalTypes.md: in today's
 * form of three levels the repeated group is only a wrapper, in the two levels of older writers it is the item.
 */
function itemShape(list: SchemaNode, repeated: SchemaNode): Shape {
  const [only, ...more] = repeated.children;
  const isItem =
    !only ||
    more.length > 0 ||
    only.repetition === 'REPEATED' ||
    repeated.annotation !== undefined ||
    repeated.name === 'array' ||
    repeated.name === `${list.name}_tuple`;
  return isItem ? ownShape(repeated) : shapeOf(only);
}

/**
 * Decides whether a group is a variant from its two members of bytes, because writers before the VARIANT annotation
 * (Spark 4.0) leave it unmarked.
 */
function looksLikeVariant({ children }: SchemaNode): boolean {
  const isBytes = (name: string): boolean =>
    children.some((child) => child.name === name && child.leaf?.type.value.kind === 'bytes');
  return children.length === 2 && isBytes('metadata') && isBytes('value');
}
