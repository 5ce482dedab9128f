// Loads the option table from src/, so that what is made from it cannot fall behind.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** The program as commander knows it, the names of the events, and the version of the package. */
export async function loadOptionTable() {
  const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
  const directory = await mkdtemp(join(tmpdir(), 'vrrpwatch-options-'));
  try {
    const outfile = join(directory, 'options.mjs');
    await build({
      stdin: {
        contents: `export { createProgram } from './src/options.ts'; export { EVENT_NAMES } from './src/notify/event-names.ts';`,
        resolveDir: root,
      },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      define: { VRRPWATCH_VERSION: JSON.stringify(version) },
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    });
    const { createProgram, EVENT_NAMES } = await import(pathToFileURL(outfile).href);
    return { program: createProgram(), eventNames: EVENT_NAMES, version };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** All options by groups, help and version last, as plain data. */
export function optionsOf(program) {
  const options = program
    .createHelp()
    .visibleOptions(program)
    .map((option) => ({
      short: option.short ?? null,
      long: option.long,
      // `<FILE>` and `[SPEED]` of the flags.
      argument: option.flags.match(/[<[].*[>\]]/)?.[0] ?? null,
      // commander takes a bracket within <VRID[=IP]> for one around it.
      isOptional: option.optional && !option.required,
      isRepeatable: Array.isArray(option.defaultValue),
      choices: option.argChoices ?? null,
      defaultValue: typeof option.defaultValue === 'string' ? option.defaultValue : null,
      description: option.description,
      group: option.helpGroupHeading?.replace(/:$/, '') ?? null,
    }));
  return [...options.filter(({ group }) => group !== null), ...options.filter(({ group }) => group === null)];
}

/** The text under a heading of the help that comes after the options. */
export function helpSection(program, heading) {
  let text = '';
  program.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  const lines = text.split('\n');
  const from = lines.indexOf(`${heading}:`) + 1;
  const length = lines.slice(from).indexOf('');
  return lines.slice(from, from + length).map((line) => line.trim());
}
