import { askableType, askableTypes, type AskableType } from '@sluice/schema-inference';
import { InvalidArgumentError } from 'commander';

/** Types that fields of an inferred event type are asked to have, by the fields' paths. */
export type AskedTypes = Readonly<Record<string, AskableType>>;

/** Flags and help of the option that asks for a field's type. */
export const typeOption = {
  flags: '--type <field=type>',
  description: `type of a field of an inferred event type (${askableTypes.join(', ')}), where events with other values may fail; can be repeated`,
};

/**
 * Adds the types of one `--type` option to those of earlier ones.
 *
 * @throws InvalidArgumentError where it is no `field=type`
 */
export function collectType(text: string, before: AskedTypes = {}): AskedTypes {
  const at = text.lastIndexOf('=');
  const type = askableType(text.slice(at + 1));
  if (at < 1 || type === undefined)
    throw new InvalidArgumentError(
      `It is a field and one of ${askableTypes.join(', ')}, such as price=double.`,
    );
  return { ...before, [text.slice(0, at)]: type };
}
