import {
  columnName,
  nodeShape,
  pointerStep,
  type ColumnType,
  type EventType,
  type JsonSchema,
  type ScalarType,
  type TimestampDigits,
} from '@sluice/event-schema';
import { MemberIndex } from './member-index';
import { valueRule, type ValueRule } from './value-rule';

/** How a value is written; a number, as the flattener branches on it for every value. */
export const Kind = {
  object: 0,
  string: 1,
  bigint: 2,
  double: 3,
  boolean: 4,
  timestamp: 5,
  date: 6,
  decimal: 7,
  json: 8,
  array: 9,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** A scalar's type and rules: of a column, or of an array's elements. */
export interface ScalarPlan {
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly rule: ValueRule | undefined;
  readonly digits: TimestampDigits;
  readonly precision: number;
  readonly scale: number;
  /** The word for the type in a fault's detail. */
  readonly typeName: string;
}

/**
 * A node of the compiled schema: an object to descend into, or a column. Nodes are numbered depth first,
 * so `id` to `lastId` (inclusive) is a node with all below it.
 */
export interface PlanNode extends ScalarPlan {
  readonly id: number;
  lastId: number;
  readonly parent: PlanNode | undefined;
  /** JSON pointer of the value, the event's root being ''. */
  readonly pointer: string;
  /** The member name as JSON text in UTF-8, quotes included. */
  readonly key: Uint8Array;
  /** A column's name, quotes and colon included; empty for an object. */
  readonly prefix: Uint8Array;
  readonly required: boolean;
  readonly schema: JsonSchema;
  /** Members of an object; those of a column are none. */
  readonly members: PlanNode[];
  readonly index: MemberIndex;
  readonly items: ScalarPlan | undefined;
  /** Member that came after this one in the last event: a guess that saves the look-up. */
  follower: PlanNode | undefined;
  /** What to write where the value is missing; set once the plan can write. */
  defaultText: Uint8Array | undefined;
}

export interface FlattenPlan {
  readonly root: PlanNode;
  readonly nodes: readonly PlanNode[];
  /** Column whose text is the `event_id`. */
  readonly identity: PlanNode | undefined;
  /** Bytes that a row can have beyond twice its source text: names, system columns, nesting of `unmapped`. */
  rowOverheadBytes: number;
}

const encoder = new TextEncoder();

/** System columns with their texts. */
const systemBytes = 512;
/** Beyond the name: comma, added quotes and the digits that a time or an integer may gain. */
const valueBytes = 40;

const typeNames: Record<ColumnType['kind'], string> = {
  bigint: 'an integer',
  double: 'a number',
  boolean: 'a boolean',
  string: 'a string',
  date: 'a date',
  timestamp: 'a date-time',
  decimal: 'a decimal',
  array: 'an array',
  json: 'a value',
};

export function flattenPlan(eventType: EventType): FlattenPlan {
  const nodes: PlanNode[] = [];
  let rowOverheadBytes = systemBytes;

  const visit = (
    schema: JsonSchema,
    path: readonly string[],
    parent: PlanNode | undefined,
    required: boolean,
  ): PlanNode => {
    const name = path.at(-1);
    const shape = nodeShape(schema);
    const key = encoder.encode(name === undefined ? '' : JSON.stringify(name));
    const column = shape.shape === 'column';
    const prefix = encoder.encode(column ? `${JSON.stringify(columnName(path))}:` : '');
    const node: PlanNode = {
      ...(column ? columnPlan(shape.type, shape.schema) : objectPlan),
      nullable: shape.nullable,
      id: nodes.length,
      lastId: nodes.length,
      parent,
      pointer: parent && name !== undefined ? parent.pointer + pointerStep(name) : '',
      key,
      prefix,
      required,
      schema,
      members: [],
      index: new MemberIndex(),
      follower: undefined,
      defaultText: undefined,
    };
    nodes.push(node);
    rowOverheadBytes += prefix.length + 2 * key.length + valueBytes;
    if (shape.shape === 'object')
      for (const [member, child] of Object.entries(shape.schema.properties ?? {})) {
        const isRequired = shape.schema.required?.includes(member) ?? false;
        const childNode = visit(child, [...path, member], node, isRequired);
        node.members.push(childNode);
        node.index.add(childNode.key, node.members.length - 1);
      }
    node.lastId = nodes.length - 1;
    return node;
  };

  const root = visit(eventType.schema, [], undefined, true);
  const identityName = eventType.identity;
  const identity =
    identityName === undefined
      ? undefined
      : nodes.find((node) => node.kind !== Kind.object && pathOf(node) === identityName);
  return { root, nodes, identity, rowOverheadBytes };
}

const pathOf = (node: PlanNode): string => {
  const name = JSON.parse(new TextDecoder().decode(node.key)) as string;
  return node.parent?.parent ? `${pathOf(node.parent)}.${name}` : name;
};

const noScalar = { rule: undefined, digits: 0, precision: 0, scale: 0 } as const;

const objectPlan = {
  ...noScalar,
  kind: Kind.object,
  typeName: 'an object',
  items: undefined,
} as const;

function columnPlan(
  type: ColumnType,
  schema: JsonSchema,
): Omit<ScalarPlan, 'nullable'> & Pick<PlanNode, 'items'> {
  if (type.kind === 'array') {
    const items = schema.items ?? {};
    const shape = nodeShape(items);
    const itemSchema = shape.shape === 'column' ? shape.schema : items;
    return {
      ...noScalar,
      kind: Kind.array,
      typeName: typeNames.array,
      items: { ...scalarPlan(type.items, itemSchema), nullable: shape.nullable },
    };
  }
  if (type.kind === 'json')
    return { ...noScalar, kind: Kind.json, typeName: typeNames.json, items: undefined };
  return { ...scalarPlan(type, schema), items: undefined };
}

function scalarPlan(type: ScalarType, schema: JsonSchema): Omit<ScalarPlan, 'nullable'> {
  const token = type.kind === 'bigint' || type.kind === 'double' ? 'number' : 'string';
  return {
    kind: Kind[type.kind],
    rule: type.kind === 'boolean' ? undefined : valueRule(schema, token),
    digits: type.kind === 'timestamp' ? type.digits : 0,
    precision: type.kind === 'decimal' ? type.precision : 0,
    scale: type.kind === 'decimal' ? type.scale : 0,
    typeName: typeNames[type.kind],
  };
}
