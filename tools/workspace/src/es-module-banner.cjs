// Bundled CommonJS code asks for these, which an ES module does not have.
const esModuleBanner = [
  "import{createRequire as __createRequire}from'node:module';",
  "import{dirname as __dirnameOf}from'node:path';",
  "import{fileURLToPath as __toPath}from'node:url';",
  'const require=__createRequire(import.meta.url);',
  'const __filename=__toPath(import.meta.url);',
  'const __dirname=__dirnameOf(__filename);',
].join('');

module.exports = { esModuleBanner };
