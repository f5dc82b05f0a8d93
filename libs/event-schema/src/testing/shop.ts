// A separate entry point (@sluice/event-schema/testing/shop): a small set of definitions for tests, about a shop,
// which does not ship.
import { Type } from '@sinclair/typebox';
import type { Catalog } from '../catalog/check-catalog';
import { defineEvent } from '../definitions/define-event';
import { defineJoin } from '../definitions/define-join';
import { defineQuery } from '../definitions/define-query';
import { defineReference } from '../definitions/define-reference';
import { days } from '../derived/days';
import { rowsByKey } from '../derived/rows-by-key';

/** An event type whose key is a 64-bit integer, and whose table has the type's name. */
export const sale = defineEvent({
  name: 'sale',
  version: '1.0.0',
  description: 'One line of a receipt.',
  key: 'id',
  identity: 'id',
  schema: Type.Object({
    id: Type.Integer({ description: 'Unique over all shops.' }),
    kind: Type.String({ description: 'Sale, Return and others.' }),
    customerId: Type.Integer({ description: '0 where nobody said who they are.' }),
    shopId: Type.Integer(),
    productId: Type.Integer(),
    voucher: Type.Union([Type.Integer(), Type.String()], {
      description: 'The empty string where there is none.',
    }),
    amount: Type.Number(),
    parts: Type.Array(Type.Object({ sku: Type.String(), count: Type.Integer() })),
    marks: Type.Array(Type.String()),
  }),
});

/** Schema of an integer, a text or null that is kept exactly, as JSON text. */
const looseId = Type.Union([Type.Integer(), Type.String(), Type.Null()]);

const district = Type.Object({
  id: Type.Union([Type.String(), Type.Integer()]),
  name: Type.String(),
});

export const customers = defineReference({
  name: 'customers',
  description: 'Who buys.',
  key: 'id',
  schema: Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    born: Type.String({ format: 'date' }),
    referredBy: looseId,
    homeDistrict: district,
    workDistrict: district,
  }),
});

export const shops = defineReference({
  name: 'shops',
  key: 'id',
  schema: Type.Object({ id: Type.Integer(), name: Type.String(), district }),
});

/** A reference table with a column whose name is a reserved word of SQL. */
export const products = defineReference({
  name: 'products',
  key: 'id',
  schema: Type.Object({
    id: Type.Integer(),
    label: Type.String(),
    order: Type.Integer(),
    suppliers: Type.Array(Type.Object({ id: Type.Integer() })),
  }),
});

/** A right join: a customer who bought nothing that day has one row without a sale. */
export const saleCustomers = defineJoin({
  name: 'sale_customers',
  left: sale,
  right: customers,
  on: { left: 'customerid', right: 'id' },
  type: 'right',
  columns: { right: ['id', 'name', 'born', 'homedistrict_name', 'referredby'] },
  rename: {
    right: {
      id: 'customer_id',
      name: 'customer_name',
      born: 'customer_born',
      homedistrict_name: 'customer_district',
      referredby: 'customer_referredby',
    },
  },
});

/** A left join: each sale is kept, whether or not its shop is known. */
export const saleShops = defineJoin({
  name: 'sale_shops',
  left: sale,
  right: shops,
  on: { left: 'shopid', right: 'id' },
  type: 'left',
  rename: {
    right: {
      id: 'shop_id',
      name: 'shop_name',
      district_id: 'shop_district_id',
      district_name: 'shop_district_name',
    },
  },
});

/** An inner join: only sales of known products. */
export const saleProducts = defineJoin({
  name: 'sale_products',
  left: sale,
  right: products,
  on: { left: 'productid', right: 'id' },
  type: 'inner',
  columns: { right: ['label', 'order'] },
});

export const salesOfCustomer = defineQuery({
  name: 'sales_of_customer',
  description: 'What a customer bought.',
  sql: `SELECT "dt", "kind", "productid", "amount", "id"
FROM "sale"
WHERE "customerid" = :id AND "dt" BETWEEN :from AND :to
ORDER BY "dt", "id"`,
  parameters: { id: { type: 'integer' }, ...days },
});

export const topCustomers = defineQuery({
  name: 'top_customers',
  description: 'The customers with the most lines of one kind.',
  sql: `SELECT "rank", "customer_id", "customer_name", "lines"
FROM (
  SELECT rank() OVER (ORDER BY count(*) DESC) AS "rank", "customer_id", "customer_name", count(*) AS "lines"
  FROM "sale_customers"
  WHERE "dt" BETWEEN :from AND :to AND "kind" = :kind
  GROUP BY "customer_id", "customer_name"
) AS "ranked"
WHERE "rank" <= :top
ORDER BY "rank", "customer_id"`,
  parameters: {
    ...days,
    kind: { type: 'string', maxLength: 100, default: 'Sale' },
    top: { type: 'integer', minimum: 1, maximum: 1000, default: 10 },
  },
});

/** The shop's definitions as one catalogue, in which each event type has the query for its rows by key. */
export const shop: Catalog = {
  eventTypes: [sale],
  references: [customers, shops, products],
  joins: [saleCustomers, saleShops, saleProducts],
  queries: [salesOfCustomer, topCustomers, rowsByKey(sale)],
};
