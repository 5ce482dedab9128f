#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { load } = require('./load.js');

const directory = join(__dirname, '..', 'dist');
// A checkout installed with --ignore-scripts has not been built yet.
if (existsSync(join(directory, 'cli.cjs'))) load(directory);
else build().then(() => load(directory));

async function build() {
  try {
    await import('../scripts/build.mjs');
  } catch (error) {
    const reason = String(error.message).replace(/\s+/g, ' ');
    process.stderr.write(
      `vrrpwatch: it is not built and cannot be built here: ${reason}\nin the checkout, as its owner: npm ci\n`,
    );
    process.exit(3);
  }
}
