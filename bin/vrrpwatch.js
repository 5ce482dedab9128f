#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli.js', import.meta.url);
// A checkout installed with --ignore-scripts has not been built yet.
if (!existsSync(program)) await build();
await import(program.href);

async function build() {
  try {
    await import('../scripts/build.mjs');
  } catch {
    process.stderr.write(
      'vrrpwatch: it is not built and cannot be built here\nin the checkout, as its owner: npm ci\n',
    );
    process.exit(3);
  }
}
