// What the dashboard costs.
//   node bench/dashboard.mjs        CPU at rest, and memory over 40 000 different frames (5.5 hours at 2 frames a second)
//   node bench/dashboard.mjs soak   memory over a day's adverts of 255 virtual routers, judged and drawn, time compressed
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = await mkdtemp(join(tmpdir(), 'vrrpwatch-bench-'));
const program = join(directory, 'load.mjs');
const source = process.argv[2] === 'soak' ? 'bench/dashboard-soak.tsx' : 'bench/dashboard-load.tsx';
await build({
  absWorkingDir: root,
  entryPoints: [source],
  outfile: program,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  alias: { 'react-devtools-core': './scripts/empty.mjs' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
const child = spawn(process.execPath, ['--expose-gc', program], { stdio: 'inherit' });
child.on('close', async (status) => {
  await rm(directory, { recursive: true });
  process.exit(status ?? 1);
});
