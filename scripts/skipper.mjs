// Writes src/capture/skipper-code.ts: what src/capture/skipper.wat compiles to. With --stdout it prints it.
import { readFileSync, writeFileSync } from 'node:fs';
import loadWabt from 'wabt';

const directory = new URL('../src/capture/', import.meta.url);
const wabt = await loadWabt();
const source = wabt.parseWat('skipper.wat', readFileSync(new URL('skipper.wat', directory), 'utf8'));
const code = Buffer.from(source.toBinary({}).buffer).toString('base64');
const written = `/** WebAssembly in base64, written by scripts/skipper.mjs from skipper.wat. */
export const SKIPPER_CODE =
  '${code}';
`;
if (process.argv.includes('--stdout')) process.stdout.write(written);
else writeFileSync(new URL('skipper-code.ts', directory), written);
