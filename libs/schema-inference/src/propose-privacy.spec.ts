import { createInference } from './infer-event';
import { renderInferenceReport } from './inference-report';

test('fields that tell of people are proposed with a rule, by their values or their names', () => {
  const inference = createInference({ name: 'visit' });
  for (let index = 0; index < 40; index++)
    inference.add({
      id: `v-${index}`,
      contact: `person${index}@example.org`,
      remote: index % 10 === 0 ? 'unknown' : `203.0.113.${index}`,
      payment: { digits: luhn(411111111111000 + index), order: 4_111_111_111_111_112 + index },
      phone: `+44 20 7946 00${String(index).padStart(2, '0')}`,
      phoneModel: 'X',
      person: { firstName: 'Ada', dateOfBirth: '1815-12-10', shipping_address: 'Main Street' },
      tip: '10.5',
      version: '1.2.3.4',
      email: 'no address at all',
    });
  const { definition, report } = inference.finish();
  expect(definition.privacy).toBeUndefined();
  expect(
    report.privacyProposals.map(({ path, rule, reason }) => `${path}: ${rule}, ${reason}`),
  ).toEqual([
    'contact: hash, e-mail addresses (its values)',
    'remote: truncate-ip, IP addresses (its values)',
    'payment.digits: mask, card numbers (its values)',
    'phone: hash, phone numbers (its values)',
    'person.firstName: drop, names of people (its name)',
    'person.dateOfBirth: drop, dates of birth (its name)',
    'person.shipping_address: drop, postal addresses (its name)',
    'version: truncate-ip, IP addresses (its values)',
  ]);
  expect(renderInferenceReport(report)).toContain('contact: hash, e-mail addresses');
});

/** Returns a number with its Luhn check digit. */
function luhn(number: number): string {
  const body = String(number);
  const sum = Array.from(body)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}
