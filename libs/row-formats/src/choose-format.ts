import type { Format } from './format';
import { csvFormat, spreadsheetCsvFormat } from './format-csv';
import { jsonFormat, ndjsonFormat } from './format-json';

/** Arrow, whose library apache-arrow is loaded with the first answer that needs it. */
const arrowFormat: Format = {
  mediaType: 'application/vnd.apache.arrow.stream',
  schema: { type: 'string', format: 'binary' },
  write: async (rows, columns, maxBytes) =>
    (await import('./format-arrow')).writeArrow(rows, columns, maxBytes),
};

/** All formats. Among equally welcome ones, the first is chosen. */
const formats: readonly Format[] = [jsonFormat, ndjsonFormat, csvFormat, arrowFormat];

interface AcceptedRange {
  readonly type: string;
  readonly quality: number;
  readonly parameters: readonly string[];
}

/** Parameter of the media type that asks for CSV without anything that a spreadsheet takes for a formula. */
const spreadsheetParameter = 'formulas=neutralised';

export const mediaTypes: readonly string[] = formats.map(({ mediaType }) => mediaType);

/** Returns the description, for an OpenAPI document, of an answer that has rows in each of the formats. */
export const rowsAnswer = (description: string) => ({
  description,
  content: Object.fromEntries(formats.map(({ mediaType, schema }) => [mediaType, { schema }])),
});

/**
 * Chooses the format by the Accept header (RFC 9110, 12.5.1); without the header it is the first one, JSON. Returns
 * undefined where none of the accepted types can be made. `text/csv; formulas=neutralised` asks for CSV without anything that a
 * spreadsheet takes for a formula; the default is exact values.
 *
 * @example
 * import { chooseFormat } from '@sluice/row-formats';
 * const format = chooseFormat('text/csv');
 * const columns = [{ name: 'id', type: { kind: 'string' } }] as const;
 * const written = await format?.write([{ cells: ['order-17'] }], columns, 1_000_000);
 *
 * @param among media types to choose from, the default one first; all by default
 */
export function chooseFormat(
  accept: string | undefined,
  among: readonly string[] = mediaTypes,
): Format | undefined {
  const offered = among.flatMap((type) => formats.filter(({ mediaType }) => mediaType === type));
  if (accept === undefined || accept.trim() === '') return offered[0];
  const accepted = accept.split(',').map(parseRange);
  const qualityOf = ({ mediaType }: Format): number => {
    const [main] = mediaType.split('/');
    const best = [mediaType, `${main}/*`, '*/*']
      .map((type) => accepted.find((range) => range.type === type))
      .find((range) => range !== undefined);
    return best?.quality ?? 0;
  };
  const [best] = offered
    .map((format) => ({ format, quality: qualityOf(format) }))
    .sort((a, b) => b.quality - a.quality);
  if (!best || best.quality === 0) return undefined;
  const asksForSpreadsheet = accepted.some(
    ({ type, parameters }) =>
      type === csvFormat.mediaType && parameters.includes(spreadsheetParameter),
  );
  return best.format === csvFormat && asksForSpreadsheet ? spreadsheetCsvFormat : best.format;
}

function parseRange(text: string): AcceptedRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const parsed = quality === undefined ? 1 : Number(quality);
  return { type, quality: Number.isNaN(parsed) ? 0 : parsed, parameters };
}
