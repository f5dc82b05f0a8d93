import type { SeededRandom } from '@sluice/values/seeded-random';

const givenNames = [
  'Ada',
  'Ben',
  'Chiara',
  'Dalia',
  'Emil',
  'Femi',
  'Goran',
  'Hana',
  'Ines',
  'Jonas',
  'Kai',
];
const familyNames = [
  'Abel',
  'Brandt',
  'Costa',
  'Duarte',
  'Eriksen',
  'Fonseca',
  'Grau',
  'Horvat',
  'Ito',
  'Jansen',
  'Kaya',
];
const roles = [
  { code2: 'GK', code3: 'GKP', name: 'Goalkeeper' },
  { code2: 'DF', code3: 'DEF', name: 'Defender' },
  { code2: 'MD', code3: 'MID', name: 'Midfielder' },
  { code2: 'FW', code3: 'FWD', name: 'Forward' },
] as const;
const areas = [
  { name: 'Portugal', id: '620', alpha3code: 'PRT', alpha2code: 'PT' },
  { name: 'Croatia', id: '191', alpha3code: 'HRV', alpha2code: 'HR' },
  { name: 'Japan', id: '392', alpha3code: 'JPN', alpha2code: 'JP' },
] as const;

/** Ids of the teams in the first match of the made-up events. */
const teams = [4_000, 4_001];
const playersInTeam = 11;

/** Returns made-up players: those who act in the made-up events of a match. */
export function samplePlayers(random: SeededRandom): readonly object[] {
  return teams.flatMap((teamId) =>
    Array.from({ length: playersInTeam }, (_, index) => {
      const firstName = random.pick(givenNames);
      const lastName = random.pick(familyNames);
      return {
        wyId: teamId * 20 + index + 1,
        shortName: `${firstName.charAt(0)}. ${lastName}`,
        firstName,
        middleName: '',
        lastName,
        birthDate: `${random.integer(1990, 2005)}-0${random.integer(1, 9)}-${random.integer(10, 28)}`,
        birthArea: random.pick(areas),
        passportArea: random.pick(areas),
        foot: random.pick(['left', 'right']),
        height: random.integer(165, 200),
        weight: random.integer(60, 95),
        role: index === 0 ? roles[0] : roles[1 + (index % 3)],
        currentTeamId: teamId,
        currentNationalTeamId: 'null',
      };
    }),
  );
}
