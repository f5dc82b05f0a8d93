import { pointerStep } from '@sluice/values';
import {
  columnNameOf,
  maxRecordTextBytes,
  nodeShape,
  pathText,
  systemColumns,
  type ColumnType,
  type EventType,
  type JsonSchema,
  type ScalarType,
} from '@sluice/event-schema';
import type { TimestampDigits } from '@sluice/values';
import { packedText, type ByteSource, type PackedText } from './byte-sink';
import { MemberIndex } from './member-index';
import { PackedKey } from './packed-key';
import { Privacy, privacyOf } from './private-values';
import { itemsCheck, valueCheck, type ValueCheck } from './value-check';
import { decimalRule, valueRule, type ValueRule } from './value-rule';

/** Ways to write a value, as numbers because the flattener branches on them for every value. */
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

/** Type and rules of a scalar: of a column, or of an array's elements. */
export interface ScalarPlan {
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly rule: ValueRule | undefined;
  /** True for a string that is a UUID. Columns hold UUIDs in one spelling, lower case (RFC 9562, section 4). */
  readonly isUuid: boolean;
  readonly digits: TimestampDigits;
  readonly precision: number;
  readonly scale: number;
  /** Name of the type in a fault's detail. */
  readonly typeName: string;
}

/** Plan of a column: that of its scalar, and what only columns have. */
export interface ColumnPlan extends Omit<ScalarPlan, 'nullable'> {
  /** Plan of an array's elements. */
  readonly items: ScalarPlan | undefined;
  /**
   * Checks the whole value of a column of JSON text; for an array, checks the rules that are not about single
   * elements.
   */
  readonly check: ValueCheck | undefined;
}

interface NodeInit {
  readonly id: number;
  readonly name: string;
  readonly path: readonly string[];
  readonly parent: PlanNode | undefined;
  readonly schema: JsonSchema;
  readonly required: boolean;
  readonly nullable: boolean;
  readonly privacy: Privacy;
}

/**
 * A node of the compiled schema: an object to descend into, or a column. Nodes are numbered depth first, so that `id`
 * to `lastId` (inclusive) is a node and all its descendants.
 *
 * It is a class so that all nodes have one hidden class in V8, whatever their kind.
 */
export class PlanNode implements ScalarPlan, ColumnPlan {
  readonly id: number;
  lastId: number;
  readonly parent: PlanNode | undefined;
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly required: boolean;
  readonly rule: ValueRule | undefined;
  readonly isUuid: boolean;
  /** Privacy rule that is applied to the column's values before they are stored. */
  readonly privacy: Privacy;
  /** Member that followed this one in the last event. Guessing that it follows again saves a look-up. */
  follower: PlanNode | undefined = undefined;
  /** The member name, with its quotes. */
  readonly packedKey: PackedKey;
  /** A column's `"name":`; empty for an object. */
  readonly prefix: PackedText;
  /** Members of an object; empty for a column. */
  readonly members: PlanNode[] = [];
  readonly index = new MemberIndex();
  readonly items: ScalarPlan | undefined;
  readonly check: ValueCheck | undefined;
  readonly digits: TimestampDigits;
  readonly precision: number;
  readonly scale: number;
  readonly typeName: string;
  /** Text to write where the value is missing; set once the plan can write. */
  defaultText: ByteSource | undefined = undefined;
  /** Length of `defaultText` in bytes. */
  defaultLength = 0;
  /** A column's name; empty for an object. */
  readonly column: string;
  /** Member names from the root, joined by `.`, as definitions name a value. */
  readonly path: string;
  /** The same path as an array of names. */
  readonly steps: readonly string[];
  /** JSON pointer of the value; the event's root is ''. */
  readonly pointer: string;
  /** The member name as JSON text in UTF-8, quotes included. */
  readonly key: Uint8Array;
  readonly schema: JsonSchema;

  constructor(init: NodeInit, plan: ColumnPlan) {
    const { name, path, parent } = init;
    this.id = this.lastId = init.id;
    this.parent = parent;
    this.kind = plan.kind;
    this.nullable = init.nullable;
    this.required = init.required;
    this.rule = plan.rule;
    this.isUuid = plan.isUuid;
    this.privacy = init.privacy;
    this.key = encoder.encode(JSON.stringify(name));
    this.packedKey = new PackedKey(this.key);
    this.column = plan.kind === Kind.object ? '' : columnNameOf(path, init.schema);
    this.prefix = packedText(this.column && `"${this.column}":`);
    this.items = plan.items;
    this.check = plan.check;
    this.digits = plan.digits;
    this.precision = plan.precision;
    this.scale = plan.scale;
    this.typeName = plan.typeName;
    this.path = pathText(path);
    this.steps = path;
    this.pointer = parent ? parent.pointer + pointerStep(name) : '';
    this.schema = init.schema;
  }
}

export interface FlattenPlan {
  readonly eventName: string;
  readonly root: PlanNode;
  readonly nodes: readonly PlanNode[];
  /** Column whose text becomes the `event_id`. */
  readonly identity: PlanNode | undefined;
  /** Column by which look-ups find rows; undefined where the key is a system column. */
  readonly key: PlanNode | undefined;
  /** Largest number of bytes of a row beyond twice its source text: names, system columns, nesting of `unmapped`. */
  rowOverheadBytes: number;
}

const encoder = new TextEncoder();

/** Room for the system columns: their names, and the parts of their texts that do not come from the source. */
const systemBytes = systemColumns.reduce(
  (sum, { name }) => sum + name.length + maxRecordTextBytes,
  0,
);
/**
 * Largest number of bytes that a value adds besides its name: comma, quotes, and digits that a time or an integer may
 * gain.
 */
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
    const shape = nodeShape(schema);
    const { nullable } = shape;
    const name = path.at(-1) ?? '';
    const privacy = shape.shape === 'column' ? privacyOf(eventType, path) : Privacy.none;
    const node = new PlanNode(
      { id: nodes.length, name, path, parent, schema, required, nullable, privacy },
      shape.shape === 'column' ? columnPlan(shape.type, shape.schema) : objectPlan,
    );
    nodes.push(node);
    rowOverheadBytes += node.prefix.byteLength + 2 * node.key.length + valueBytes;
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
  const columnAt = (wanted: string | undefined): PlanNode | undefined =>
    nodes.find(({ kind, path }) => kind !== Kind.object && path === wanted);
  const identity = columnAt(eventType.identity);
  const key = columnAt(eventType.key) ?? identity;
  return { eventName: eventType.name, root, nodes, identity, key, rowOverheadBytes };
}

const noScalar = {
  rule: undefined,
  isUuid: false,
  digits: 0,
  precision: 0,
  scale: 0,
} as const;

const objectPlan = {
  ...noScalar,
  kind: Kind.object,
  typeName: 'an object',
  items: undefined,
  check: undefined,
} as const;

function columnPlan(type: ColumnType, schema: JsonSchema): ColumnPlan {
  if (type.kind === 'array') {
    const { items = {}, ...array } = schema;
    const shape = nodeShape(items);
    const itemSchema = shape.shape === 'column' ? shape.schema : items;
    return {
      ...noScalar,
      kind: Kind.array,
      typeName: typeNames.array,
      items: { ...scalarPlan(type.items, itemSchema), nullable: shape.nullable },
      check: itemsCheck(array),
    };
  }
  if (type.kind === 'json')
    return {
      ...noScalar,
      kind: Kind.json,
      typeName: typeNames.json,
      items: undefined,
      check: valueCheck(schema),
    };
  return { ...scalarPlan(type, schema), items: undefined, check: undefined };
}

function scalarPlan(type: ScalarType, schema: JsonSchema): Omit<ScalarPlan, 'nullable'> {
  return {
    ...noScalar,
    kind: Kind[type.kind],
    rule: scalarRule(type, schema),
    isUuid: type.kind === 'string' && schema.format === 'uuid',
    typeName: typeNames[type.kind],
    ...(type.kind === 'timestamp' && { digits: type.digits }),
    ...(type.kind === 'decimal' && {
      precision: type.precision,
      scale: type.scale,
    }),
  };
}

function scalarRule(type: ScalarType, schema: JsonSchema): ValueRule | undefined {
  switch (type.kind) {
    case 'bigint':
    case 'double':
      return valueRule(schema, 'number');
    case 'boolean':
      return valueRule(schema, 'boolean');
    case 'decimal':
      return decimalRule(schema);
    default:
      return valueRule(schema, 'string');
  }
}
