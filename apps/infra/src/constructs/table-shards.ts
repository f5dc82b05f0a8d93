import { NestedStack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { createHash } from 'node:crypto';

/**
 * How many nested stacks the things of all tables are spread over. It can't be changed without moving things between
 * stacks, which CloudFormation does not do. A nested stack takes 500 resources, delivery some 14 for a table: with 16,
 * room for some 400 tables.
 */
const shardCount = 16;

/**
 * The nested stacks of a stack that hold what there is once for each table. A table's place follows from its name
 * alone, so that another table does not move it. Shards without a table are not made.
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
