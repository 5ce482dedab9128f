// Bundles src/ into dist/: the program needs no installed package to run but `cap`, and starts fast.
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { licensesOf } from './licenses.mjs';
import { localYoga } from './local-yoga.mjs';
import { modernBuffers } from './modern-buffers.mjs';
import { noDevtools } from './no-devtools.mjs';

const root = new URL('..', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

// A build that fails, or runs beside another, must not take a working program away.
const fresh = `dist.${process.pid}`;
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/cli.ts', 'cap-process': 'src/capture/cap-process.ts' },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  jsx: 'automatic',
  minifySyntax: true,
  legalComments: 'linked',
  external: ['cap'],
  plugins: [modernBuffers, noDevtools, localYoga],
  metafile: true,
  // React's development build keeps a performance entry per render.
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    VRRPWATCH_VERSION: JSON.stringify(version),
  },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

await writeFile(`${root}${fresh}/LICENSES.txt`, await licensesOf(root, Object.keys(metafile.inputs)));
await rm(`${root}dist`, { recursive: true, force: true });
await rename(`${root}${fresh}`, `${root}dist`);
