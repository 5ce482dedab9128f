// Mutates recorded captures and renders all that is said of them, for as long as wanted: npm run fuzz [seconds] [seed]
//
// What it finds goes to test/fuzz/found/, by seed; make a named test of it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { modernBuffers } from './modern-buffers.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [seconds = 60, first = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
if (!(seconds > 0 && Number.isInteger(first))) {
  console.error('npm run fuzz -- [SECONDS] [SEED]');
  process.exit(2);
}
// Beside the sources, because the corpus is found from there.
const bundle = `${root}test/fuzz/.bundle-${process.pid}.mjs`;

await build({
  entryPoints: [`${root}test/fuzz/fuzz.ts`],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  sourcemap: 'inline',
  plugins: [modernBuffers],
  banner: { js: "import { createRequire as c } from 'node:module'; const require = c(import.meta.url);" },
});
const { corpus, fuzzOnce } = await import(pathToFileURL(bundle).href).finally(() => rmSync(bundle));

const captures = corpus();
const end = performance.now() + seconds * 1000;
let rounds = 0;
let found = 0;
for (let seed = first; performance.now() < end; seed++, rounds++) {
  const find = await fuzzOnce(seed, captures);
  if (find === null) continue;
  found++;
  mkdirSync(`${root}test/fuzz/found`, { recursive: true });
  writeFileSync(`${root}test/fuzz/found/${seed}.pcap`, find.bytes);
  console.log(`seed ${seed}: ${find.fault.slice(0, 600)}`);
}
console.log(`${rounds} captures in ${seconds} s from seed ${first}, ${found} found`);
process.exitCode = found > 0 ? 1 : 0;
