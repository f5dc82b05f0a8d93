/** Yields what is read for each item, in order. While the caller works on one result, the next item is being read. */
export async function* readAhead<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  let next: Promise<Result> | undefined;
  for (const [index, item] of items.entries()) {
    const current = next ?? read(item);
    const following = items[index + 1];
    next = following === undefined ? undefined : current.then(() => read(following));
    // Its error is thrown when its turn comes, and ignored if the caller stops before that.
    next?.catch(() => undefined);
    yield await current;
  }
}
