// Remembers what a program was built from, so that a command starts without asking Nx where nothing has changed since.
const {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { dirname, join } = require('node:path');

/** Folders and files of a checkout that a program may be made from. */
const sources = [
  'libs',
  'apps',
  'tools',
  'nx.json',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  // npm writes it with each installation.
  'node_modules/.package-lock.json',
];

/** Variables that change the templates. What the folder of definitions holds is Nx's to compare. */
const variables = ['SLUICE_EVENTS_DIR', 'SLUICE_BROKEN_DEFINITIONS', 'SLUICE_DESTROY_DATA'];

const skipped = new Set(['node_modules', 'dist', '.nx', 'coverage']);

/** Files that a program needs, and that builds write. */
const outputsOf = (project) => [`dist/tools/${project}/main.mjs`, 'dist/cdk.out/dev/manifest.json'];

/** Milliseconds by which the time of a file may lag behind the clock: kernels note it by their ticks, of at most 10 ms. */
const clockTickMs = 20;

const noteOf = (root, project) => join(root, 'dist', 'built', `${project}.json`);

/** Returns when a file or folder was changed last, by its content, its name or its place, in milliseconds. */
const changedMs = (path) => statSync(path).ctimeMs;

/** Decides whether nothing at a path has been changed at a time or after it, in milliseconds. */
function isOlder(path, ms) {
  if (!existsSync(path)) return true;
  if (changedMs(path) >= ms) return false;
  if (!statSync(path).isDirectory()) return true;
  return readdirSync(path, { withFileTypes: true }).every((entry) => {
    if (skipped.has(entry.name)) return true;
    const inside = join(path, entry.name);
    return entry.isDirectory() ? isOlder(inside, ms) : changedMs(inside) < ms;
  });
}

const isPlain = () => variables.every((name) => process.env[name] === undefined);

/** Returns when each output was written, or undefined where one is missing. */
function outputTimes(root, project) {
  const files = outputsOf(project).map((file) => join(root, file));
  return files.every((file) => existsSync(file))
    ? files.map((file) => statSync(file).mtimeMs)
    : undefined;
}

/**
 * Decides whether a program is what a build would make: it is there as that build left it, and no source has changed
 * since the build began.
 *
 * @param {string} root of the checkout
 * @param {string} project
 * @returns {boolean}
 */
exports.isBuilt = (root, project) => {
  try {
    return isUnchanged(root, project);
  } catch {
    // A file of an editor may be a link to nothing, or be gone before it is looked at, and the note may be cut short.
    return false;
  }
};

/** Does what {@link isBuilt} does, and throws where a file can't be read. */
function isUnchanged(root, project) {
  const note = noteOf(root, project);
  const times = outputTimes(root, project);
  if (!isPlain() || times === undefined || !existsSync(note)) return false;
  const { begunMs, written } = JSON.parse(readFileSync(note, 'utf8'));
  return (
    JSON.stringify(written) === JSON.stringify(times) &&
    sources.every((source) => isOlder(join(root, source), begunMs - clockTickMs))
  );
}

/**
 * Notes a build that succeeded.
 *
 * @param {string} root of the checkout
 * @param {string} project
 * @param {number} begunMs when it began, in milliseconds since 1970
 */
exports.noteBuilt = (root, project, begunMs) => {
  const written = outputTimes(root, project);
  if (!isPlain() || written === undefined) return;
  const note = noteOf(root, project);
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, `${JSON.stringify({ begunMs, written })}\n`);
};
