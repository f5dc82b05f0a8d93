import { pathText, type PrivacyRule } from '@sluice/event-schema';
import { truncatedIp } from '@sluice/privacy';
import type { ChosenField } from './choose-columns';
import type { ObservedField } from './observed-field';
import { columnKind } from './propose-fields';

/**
 * A field that seems to hold personal data, and the rule that suits it. No rule is set: that decision is for a person
 * who has seen the values.
 */
export interface PrivacyProposal {
  readonly path: string;
  readonly rule: PrivacyRule;
  /** The kind of data that it seems to hold, and what suggests it: `e-mail addresses (its values)`. */
  readonly reason: string;
}

interface Kind {
  readonly what: string;
  readonly rule: PrivacyRule;
  /** Matches the last name of the path, written as words: `remote addr`. */
  readonly name: RegExp;
  /** Decides whether one value is of this kind. Without it, only the name is examined. */
  readonly holds?: (text: string) => boolean;
}

/** Share of the sampled values that must be of a kind; a few may be `unknown` or empty. */
const minShare = 0.8;

const kinds: readonly Kind[] = [
  {
    what: 'e-mail addresses',
    rule: 'hash',
    name: /\be ?mail\b/,
    holds: (text) => /^[^\s@"<>]+@[^\s@"<>]+\.[a-z]{2,}$/i.test(text),
  },
  {
    what: 'IP addresses',
    rule: 'truncate-ip',
    name: /\bip\b|\bip ?(?:address|addr)\b|\bremote ?addr(?:ess)?\b/,
    // `::` and other short addresses can't be told from other text.
    holds: (text) => text.length >= 7 && truncatedIp(text) !== undefined,
  },
  {
    what: 'card numbers',
    rule: 'mask',
    name: /\bcard (?:number|no|nr)\b|\bpan\b/,
    holds: isCardNumber,
  },
  {
    what: 'phone numbers',
    rule: 'hash',
    name: /\b(?:phone|mobile|msisdn|telephone)\b/,
    holds: (text) => /^\+\d[\d ()./-]{6,18}\d$/.test(text),
  },
  {
    what: 'names of people',
    rule: 'drop',
    name: /\b(?:first|last|full|given|family|user|person|customer|birth) ?name\b|\bsurname\b/,
  },
  {
    what: 'postal addresses',
    rule: 'drop',
    name: /\bstreet\b|\b(?:postal|home|billing|shipping) ?address\b/,
  },
  {
    what: 'dates of birth',
    rule: 'drop',
    name: /\bbirth ?(?:day|date)\b|\bdate of birth\b|\bdob\b/,
  },
  {
    what: 'numbers of a person',
    rule: 'hash',
    name: /\b(?:ssn|social security(?: number)?|passport(?: number| no)?|iban|tax id|national id)\b/,
  },
];

const ruledKinds: ReadonlySet<string> = new Set(['string', 'bigint', 'date']);

/** Proposes privacy rules for fields whose values or names suggest personal data. */
export const proposePrivacy = (chosen: readonly ChosenField[]): readonly PrivacyProposal[] =>
  chosen.flatMap((candidate) => {
    const type = columnKind(candidate);
    if (!ruledKinds.has(type)) return [];
    const words = wordsOf(candidate.path.at(-1) ?? '');
    const values = sampledTexts(candidate.field);
    for (const { what, rule, name, holds } of kinds) {
      const byValues = holds !== undefined && mostly(values, holds);
      // A matching name does not count where the values are of another kind.
      const byName = name.test(words) && (holds === undefined || values.length === 0 || byValues);
      if (!byValues && !byName) continue;
      const fits =
        rule === 'drop' || type === 'string' || (rule !== 'truncate-ip' && type === 'bigint');
      const path = pathText(candidate.path);
      return [
        {
          path,
          rule: fits ? rule : 'drop',
          reason: `${what} (its ${byValues ? 'values' : 'name'})`,
        },
      ];
    }
    return [];
  });

/** Writes a name as lower-case words: `remoteAddr` → `remote addr`. */
const wordsOf = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase();

const sampledTexts = ({ firstTexts, examples }: ObservedField): readonly string[] =>
  (firstTexts ?? [...(examples?.values() ?? [])].map(({ text }) => text))
    .map((text) => (text.startsWith('"') ? String(JSON.parse(text)) : text))
    .filter((text) => text !== '');

const mostly = (values: readonly string[], holds: (text: string) => boolean): boolean =>
  values.length > 0 && values.filter(holds).length >= values.length * minShare;

/**
 * Decides whether a text looks like a card number: 13 to 19 digits with the check digit of ISO/IEC 7812-1, annex B
 * (Luhn).
 */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (!/^[2-6]\d{12,18}$/.test(digits)) return false;
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}
