#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli.js', import.meta.url);
// A checkout installed with --ignore-scripts has not been built yet.
if (!existsSync(program)) await import('../scripts/build.mjs');
await import(program.href);
