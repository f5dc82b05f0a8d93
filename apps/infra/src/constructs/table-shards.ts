import { NestedStack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { createHash } from 'node:crypto';

/**
 * Number of nested stacks over which the resources of all tables are distributed. It can't be changed without moving
 * resources between stacks, which CloudFormation can't do. A nested stack takes 500 resources, and delivery needs
 * some 14 for a table, so 16 stacks have room for some 400 tables.
 */
const shardCount = 16;

/**
 * The nested stacks of a stack that hold the resources of single tables. The name alone decides in which stack a
 * table is, so that adding a table does not move another. Shards without a table are not created.
 */
export class TableShards {
  private readonly made = new Map<number, NestedStack>();

  constructor(private readonly scope: Construct) {}

  /** Returns the nested stack of a table, or of anything else that has a name. */
  of(table: string): NestedStack {
    const shard = shardOf(table);
    const made =
      this.made.get(shard) ??
      new NestedStack(this.scope, `Tables${String(shard).padStart(2, '0')}`, {
        description: `Tables of shard ${shard} of ${shardCount}`,
      });
    this.made.set(shard, made);
    return made;
  }
}

const shardOf = (table: string): number =>
  createHash('sha256').update(table).digest().readUInt32BE(0) % shardCount;
