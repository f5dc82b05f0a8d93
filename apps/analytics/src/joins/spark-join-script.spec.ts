import { glueType, joinQuery, rowsView } from '@sluice/event-schema';
import { matchEventPlayers } from '@sluice/event-types';
import { execFileSync } from 'node:child_process';
import { sparkJoinScript } from './spark-join-script';

const script = sparkJoinScript(matchEventPlayers);

it('carries the SQL that Athena runs, with the names of Spark for types', () => {
  const [, literal = ''] = /^plan = json\.loads\((.*)\)$/m.exec(script) ?? [];
  expect(JSON.parse(JSON.parse(literal) as string)).toMatchObject({
    list: 'match_event/symlinks/dt={date}/symlink.txt',
    files: 'match_event_files',
    rows: 'match_event',
    rowsQuery: rowsView(matchEventPlayers.left),
    reference: 'players',
    referenceFolder: 'reference/players/',
    joinQuery: joinQuery(matchEventPlayers, glueType),
    target: 'results/match_event_players/dt={date}/run={run}/',
  });
});

const python = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// Python is nothing that tests may need.
(python ? it : it.skip)('is Python', () => {
  execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
    input: script,
  });
});
