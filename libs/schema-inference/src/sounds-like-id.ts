const idName = /(?:^|[^a-z])(?:id|uuid|guid|sku|ref)$|(?:Id|ID|Uuid|UUID|Ref|Sku)$/;

/** Decides whether a member's name sounds like that of an id: `sessionId`, `device_id`, `order_ref`. */
export const soundsLikeId = (name: string): boolean => idName.test(name);
