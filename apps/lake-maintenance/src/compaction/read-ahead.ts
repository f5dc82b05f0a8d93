/** What is read for each item, in their order; while one is worked on, the next is being read. */
export async function* readAhead<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  let next: Promise<Result> | undefined;
  for (const [index, item] of items.entries()) {
    const current = next ?? read(item);
    const following = items[index + 1];
    next = following === undefined ? undefined : current.then(() => read(following));
    // Its fault is thrown in its turn; where nobody gets that far, it is of no interest.
    next?.catch(() => undefined);
    yield await current;
  }
}
