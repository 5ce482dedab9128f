// Bundles src/ into dist/: the program needs no installed package to run but `cap`, and starts fast.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licensesOf } from './licenses.mjs';
import { localYoga } from './local-yoga.mjs';
import { modernBuffers } from './modern-buffers.mjs';
import { noDevtools } from './no-devtools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  legalComments: 'linked',
  external: ['cap'],
  metafile: true,
  define: {
    // React's development build keeps a performance entry per render.
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    VRRPWATCH_VERSION: JSON.stringify(version),
  },
  logLevel: 'warning',
};

/** What the command line and the reading of files load only when it is asked for, by name of the file in dist/. */
const parts = {};
const apart = {
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /\.tsx?$/ }, ({ kind, path, importer }) => {
      if (kind !== 'dynamic-import' || path === './modes/offline.ts') return undefined;
      const name = basename(path).replace(/\.tsx?$/, '');
      parts[name] = join(dirname(importer), path);
      return { path: `./${name}.js`, external: true };
    });
  },
};

// A build that fails, or runs beside another, takes no working program away and leaves nothing behind.
const work = await mkdtemp(`${root}dist.`);
try {
  await mkdir(`${work}/fresh`);
  await buildInto(`${work}/fresh`);
  await replaceDist(`${work}/fresh`);
} finally {
  await rm(work, { recursive: true });
}

async function buildInto(directory) {
  // CommonJS, in one file and compiled ahead, starts in half of the time that modules take. What V8 compiles ahead
  // cannot import by itself in Node 20, so bin/load.js does it.
  const program = await build({
    ...common,
    entryPoints: { cli: 'src/cli.ts' },
    outdir: directory,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    plugins: [apart],
    write: false,
  });
  const rest = await build({
    ...common,
    entryPoints: { ...parts, 'cap-process': 'src/capture/cap-process.ts' },
    outdir: directory,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    plugins: [modernBuffers, noDevtools, localYoga],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });

  const [cli] = program.outputFiles.filter(({ path }) => path.endsWith('.cjs'));
  const code = cli.text.replaceAll('import("./', 'loadPart("./');
  await writeFile(`${directory}/cli.cjs`, `(function (require, module, loadPart) {${code}\n})`);

  const inputs = [program, rest].flatMap(({ metafile }) => Object.keys(metafile.inputs));
  await writeFile(`${directory}/LICENSES.txt`, await licensesOf(root, inputs));
  try {
    execFileSync(process.execPath, [`${root}scripts/compile-ahead.cjs`, directory]);
  } catch {
    // It starts a little later, that is all.
  }
}

/** Puts a build in place of the last one, or of the one that another process has put there meanwhile. */
async function replaceDist(fresh) {
  for (let attempt = 1; ; attempt++) {
    await rename(`${root}dist`, `${work}/old${attempt}`).catch(unless('ENOENT'));
    const isDone = await rename(fresh, `${root}dist`).then(() => true, unless('ENOTEMPTY', 'EEXIST'));
    if (isDone) return;
  }
}

/** Handles an error with one of these codes by doing nothing. */
function unless(...codes) {
  return (error) => {
    if (!codes.includes(error.code)) throw error;
  };
}
