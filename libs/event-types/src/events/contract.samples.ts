import type { EventOf } from '@sluice/event-schema';
import type { SampleMaker } from './sample-maker';
import type { contract } from './contract';

const products = [
  { code: 'LIAB-2', name: 'Private liability' },
  { code: 'HOME-1', name: 'Household' },
  { code: 'LEGAL-4', name: 'Legal costs' },
  { code: 'BIKE-1', name: 'Bicycle' },
] as const;
const names = [
  'Ana Sousa',
  'Ben Okafor',
  'Chiara Conti',
  'Dmitri Löwe',
  'Müller & Söhne GmbH',
] as const;

/** Number of rows of each contract. They are far apart in the stream, as real changes are. */
const rowsPerContract = 4;
/** Time between two rows of the stream, in microseconds. */
const stepMicros = 215_000;

export const sampleContract: SampleMaker<EventOf<typeof contract>> = (random, index, startAt) => {
  // Walks through the numbers so that each of them comes rowsPerContract times.
  const number = (index * 7_919) % contracts;
  const name = random.pick(names);
  const company = name.endsWith('GmbH');
  const micros = index * stepMicros;
  const millis = new Date(startAt.getTime() + Math.floor(micros / 1_000)).toISOString();
  return {
    changeId: random.uuid(),
    contractNumber: `MU-${String(number).padStart(8, '0')}`,
    position: (Math.floor(index / contracts) % rowsPerContract) + 1,
    status: random.pick(['active', 'active', 'active', 'offered', 'suspended', 'ended']),
    product: random.pick(products),
    holder: {
      customerNumber: 10_000_000 + number,
      name,
      birthDate: company
        ? null
        : `19${random.integer(40, 99)}-0${random.integer(1, 9)}-${random.integer(10, 28)}`,
    },
    premium: {
      amount: `${random.integer(3, 900)}.${random.integer(10, 99)}`,
      currency: 'EUR',
      interval: random.pick(['monthly', 'quarterly', 'yearly']),
    },
    validFrom: `20${random.integer(10, 26)}-01-01`,
    validTo: random.chance(0.2) ? '2027-12-31' : null,
    renewals: random.integer(0, 12),
    changedAt: `${millis.slice(0, -1)}${String(micros % 1_000).padStart(3, '0')}Z`,
    ...(random.chance(0.6) && { changedBy: 'nightly-renewal' }),
  };
};

/** Number of contracts in a day of 400,000 rows. It has no common divisor with the step of the walk above. */
const contracts = 400_000 / rowsPerContract;
