const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');

/** The node that runs this. V8 tells its own versions apart, but not the builds of one of them: those crash. */
const NODE = Buffer.from(`${process.version} ${process.arch} ${process.execPath}\n`);

/** Runs the program in a directory, with what V8 compiled of it when it was built by this same node. */
exports.load = (directory) => {
  const filename = join(directory, 'cli.cjs');
  const script = new Script(readFileSync(filename, 'utf8'), { filename, cachedData: readCompiled(directory) });
  const loadPart = (path) => import(pathToFileURL(join(directory, path)).href);
  script.runInThisContext()(createRequire(filename), { exports: {} }, loadPart);
  return script;
};

/** What V8 compiled, as a file; `script` has run, so that it is what runs need. */
exports.compiledFile = (script) => Buffer.concat([NODE, script.createCachedData()]);

function readCompiled(directory) {
  try {
    const compiled = readFileSync(join(directory, 'cli.cache'));
    return compiled.subarray(0, NODE.length).equals(NODE) ? compiled.subarray(NODE.length) : undefined;
  } catch {
    return undefined;
  }
}
