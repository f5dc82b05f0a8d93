import {
  DuckDBBlobValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTypeId,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

/** A column of a result as Athena describes it. */
export interface ResultColumn {
  readonly name: string;
  readonly type: string;
  readonly precision: number;
  readonly scale: number;
}

// Source: the answers of GetQueryResults for the types of the Athena user guide's "Data types in Amazon Athena".
const types: Readonly<Partial<Record<DuckDBTypeId, readonly [string, number]>>> = {
  [DuckDBTypeId.BOOLEAN]: ['boolean', 0],
  [DuckDBTypeId.TINYINT]: ['tinyint', 3],
  [DuckDBTypeId.SMALLINT]: ['smallint', 5],
  [DuckDBTypeId.INTEGER]: ['integer', 10],
  [DuckDBTypeId.BIGINT]: ['bigint', 19],
  [DuckDBTypeId.HUGEINT]: ['decimal', 38],
  [DuckDBTypeId.FLOAT]: ['float', 17],
  [DuckDBTypeId.DOUBLE]: ['double', 17],
  [DuckDBTypeId.VARCHAR]: ['varchar', 2_147_483_647],
  [DuckDBTypeId.BLOB]: ['varbinary', 1_073_741_824],
  [DuckDBTypeId.DATE]: ['date', 0],
  [DuckDBTypeId.TIMESTAMP]: ['timestamp', 3],
  [DuckDBTypeId.TIMESTAMP_MS]: ['timestamp', 3],
  [DuckDBTypeId.TIMESTAMP_S]: ['timestamp', 3],
  [DuckDBTypeId.TIMESTAMP_NS]: ['timestamp', 3],
  [DuckDBTypeId.TIMESTAMP_TZ]: ['timestamp with time zone', 3],
  [DuckDBTypeId.LIST]: ['array', 0],
  [DuckDBTypeId.MAP]: ['map', 0],
  [DuckDBTypeId.STRUCT]: ['row', 0],
};

export function resultColumn(name: string, type: DuckDBType): ResultColumn {
  if (type.typeId === DuckDBTypeId.DECIMAL) {
    const { width, scale } = type as unknown as { readonly width: number; readonly scale: number };
    return { name, type: 'decimal', precision: width, scale };
  }
  if (type.alias === 'JSON') return { name, type: 'json', precision: 0, scale: 0 };
  const [word, precision] = types[type.typeId] ?? ['varchar', 2_147_483_647];
  return { name, type: word, precision, scale: 0 };
}

/** Returns the text of a value in Athena's results; null for null. */
export function resultText(value: DuckDBValue, type: DuckDBType): string | null {
  if (value === null) return null;
  if (typeof value === 'number') return isFloating(type) ? doubleText(value) : String(value);
  if (typeof value !== 'object') return String(value);
  if (type.typeId === DuckDBTypeId.TIMESTAMP_TZ)
    return `${milliseconds(String(value).replace(/[+-]\d\d(?::\d\d)?$/, ''))} UTC`;
  if (timestamps.has(type.typeId)) return milliseconds(String(value));
  if (value instanceof DuckDBListValue && type instanceof DuckDBListType)
    return `[${value.items.map((item) => nested(item, type.valueType)).join(', ')}]`;
  if (value instanceof DuckDBStructValue && type instanceof DuckDBStructType)
    return `{${type.entryNames
      .map((name, index) => {
        const entryType = type.entryTypes[index];
        return entryType ? `${name}=${nested(value.entries[name] ?? null, entryType)}` : name;
      })
      .join(', ')}}`;
  if (value instanceof DuckDBMapValue && type instanceof DuckDBMapType)
    return `{${value.entries
      .map((entry) => `${nested(entry.key, type.keyType)}=${nested(entry.value, type.valueType)}`)
      .join(', ')}}`;
  if (value instanceof DuckDBBlobValue)
    return [...value.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return String(value);
}

const nested = (value: DuckDBValue, type: DuckDBType): string => resultText(value, type) ?? 'null';

const isFloating = ({ typeId }: DuckDBType): boolean =>
  typeId === DuckDBTypeId.DOUBLE || typeId === DuckDBTypeId.FLOAT;

const timestamps = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_NS,
]);

/** Writes a time with exactly three digits after the point, from `2026-01-02 03:04:05.6`. */
const milliseconds = (text: string): string => {
  const [whole = '', fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(3, '0').slice(0, 3)}`;
};

/** Returns a double as Java writes it: always with a point, and with an exponent from 10^7 on and below 10^-3. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('.') ? text : `${text}.0`;
}
