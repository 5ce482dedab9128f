import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FakeTcpdump, fakeTcpdump } from '../support/fake-tcpdump.ts';
import { oneMaster } from '../support/played-capture.ts';
import { PtyProgram } from '../support/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/vrrpwatch.js', import.meta.url));

let directory: string;
let tcpdump: FakeTcpdump;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-hang-up-'));
  tcpdump = fakeTcpdump('cat "$DIR/capture"; exec sleep 60');
  tcpdump.put('capture', oneMaster());
});

afterEach(() => {
  tcpdump.remove();
  rmSync(directory, { recursive: true });
});

const file = (name: string): string => join(directory, name);

test.each([
  ['by SIGHUP', ''],
  ['by a write that fails, where it is not the controlling terminal', 'setsid -w'],
])('a dashboard that is told %s that its terminal is closed ends in order', async (_, prefix) => {
  const watch = `node ${PROGRAM} -i any --engine tcpdump --textfile ${file('x.prom')} 2> ${file('stderr')}`;
  // The shell outlives its terminal, to tell how the program ended.
  const program = new PtyProgram(`trap '' HUP; ${prefix} ${watch}; echo $? > ${file('status')}`);
  await program.screen.waitFor('10.0.0.1');
  await program.close();
  const status = () => (existsSync(file('status')) ? readFileSync(file('status'), 'utf8') : '');
  await vi.waitFor(() => expect(status()).toMatch(/\n/), 10_000);
  expect(readFileSync(file('stderr'), 'utf8')).not.toMatch(/Assertion|cannot write/);
  // OK, or WARNING once nobody advertises any more.
  expect(['0\n', '1\n']).toContain(status());
  expect(readFileSync(file('x.prom'), 'utf8')).toContain('vrrpwatch_exit_status');
});
