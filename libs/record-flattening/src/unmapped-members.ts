import type { ByteSink } from './byte-sink';
import { closeBrace, colon, comma, openBrace, quote } from './json-scanner';
import { sourceOf, stringOf, textOf } from './json-scanner';
import type { PlanNode } from './plan';
import type { PrivateValues } from './private-values';

interface Entry {
  readonly parent: PlanNode;
  /** Id of the member's node in the schema; -1 where the schema does not name the member. */
  readonly nodeId: number;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Replacement for the value in the source, with its end. */
  readonly kept?: { readonly bytes: Uint8Array; readonly end: number };
}

/**
 * The members of one event that no column holds, or not completely, in the order of the source. They are written as
 * JSON text that nests them at their original places: `{"a":{"extra":1}}`.
 */
export class UnmappedMembers {
  readonly #root: PlanNode;
  #entries: Entry[] = [];

  constructor(
    root: PlanNode,
    private readonly rules?: PrivateValues,
  ) {
    this.#root = root;
  }

  /** Decides whether any member at or below a node is here. */
  holdsBelow(node: PlanNode): boolean {
    return this.#entries.some(({ parent }) => parent.id >= node.id && parent.id <= node.lastId);
  }

  clear(): void {
    if (this.#entries.length > 0) this.#entries = [];
  }

  add(
    parent: PlanNode,
    nodeId: number,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    this.#entries.push({ parent, nodeId, keyStart, keyEnd, valueStart, valueEnd });
  }

  /** Removes all members at or below a node. */
  forget(node: PlanNode): void {
    const below = (id: number): boolean => id >= node.id && id <= node.lastId;
    this.#entries = this.#entries.filter(
      ({ parent, nodeId }) => !below(parent.id) && !below(nodeId),
    );
  }

  /** Replaces values by what the event type's privacy rules leave of them, and reserves room where that is longer. */
  makePrivate(source: Uint8Array, sink: ByteSink): void {
    const { rules } = this;
    if (!rules || this.#entries.length === 0) return;
    let addedBytes = 0;
    this.#entries = this.#entries.flatMap((entry) => {
      if (rules.dropsUnmapped) return [];
      const { parent, keyStart, keyEnd, valueStart, valueEnd } = entry;
      const name = stringOf(source, keyStart, keyEnd);
      const text = rules.member([...parent.steps, name], textOf(source, valueStart, valueEnd));
      if (text === undefined) return [];
      const kept = sourceOf(text);
      addedBytes += 2 * kept.end;
      return [{ ...entry, kept }];
    });
    sink.reserve(addedBytes + 2 * source.length);
  }

  /**
   * Writes `"…"` after the member name, or nothing where there are no members. Entries come depth first, so that an
   * object is opened at most once, and the text is at most as long as its source and the plan's keys, escaped.
   *
   * @param name with its colon, and a comma before it where one is needed
   * @returns whether anything was written
   */
  write(source: Uint8Array, sink: ByteSink, name: string): boolean {
    if (this.#entries.length === 0) return false;
    sink.text(name);
    sink.put(quote);
    sink.put(openBrace);
    let open = this.#root;
    let separate = false;
    for (const entry of this.#entries) {
      const { parent } = entry;
      while (parent.id < open.id || parent.id > open.lastId) {
        sink.put(closeBrace);
        separate = true;
        open = open.parent ?? this.#root;
      }
      for (const node of between(open, parent)) {
        if (separate) sink.put(comma);
        sink.escaped(node.key, 0, node.key.length);
        sink.put(colon);
        sink.put(openBrace);
        separate = false;
      }
      open = parent;
      if (separate) sink.put(comma);
      sink.escaped(source, entry.keyStart, entry.keyEnd);
      sink.put(colon);
      if (entry.kept) sink.escaped(entry.kept.bytes, 0, entry.kept.end);
      else sink.escaped(source, entry.valueStart, entry.valueEnd);
      separate = true;
    }
    for (let node: PlanNode | undefined = open; node; node = node.parent) sink.put(closeBrace);
    sink.put(quote);
    return true;
  }
}

/** Returns the nodes below `ancestor` on the path to `node`. */
function between(ancestor: PlanNode, node: PlanNode): readonly PlanNode[] {
  const nodes: PlanNode[] = [];
  for (let at: PlanNode | undefined = node; at && at !== ancestor; at = at.parent)
    nodes.unshift(at);
  return nodes;
}
