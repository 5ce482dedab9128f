import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { CAP_ENGINE } from '../../src/capture/cap-engine.ts';
import { describeEnd } from '../../src/capture/capture-child.ts';
import { enginesFor, noEngineError } from '../../src/capture/engine.ts';
import { createPcapWriter } from '../../src/capture/pcap-writer.ts';
import { frame } from '../support/build.ts';
import { pcapFile } from '../support/capture-files.ts';
import { type FakeTcpdump, fakeTcpdump } from '../support/fake-tcpdump.ts';

const DIST = new URL('../../dist', import.meta.url).pathname;

let tcpdump: FakeTcpdump | undefined;

afterEach(() => {
  tcpdump?.remove();
  tcpdump = undefined;
});

test('auto prefers cap and falls back to tcpdump; a named engine stands alone', () => {
  tcpdump = fakeTcpdump('exit 1');
  expect(enginesFor('auto').map(({ name }) => name)).toEqual(['cap', 'tcpdump']);
  expect(enginesFor('cap').map(({ name }) => name)).toEqual(['cap']);
  expect(enginesFor('tcpdump').map(({ name }) => name)).toEqual(['tcpdump']);
});

test.each(['auto', 'cap', 'tcpdump'] as const)('without an engine (%s) one line names the packages', (choice) => {
  const { message } = noEngineError(choice, 'cap cannot be loaded: it is not installed, or not built', false);
  for (const wanted of ['apt install tcpdump', 'dnf install tcpdump', 'libpcap-dev', 'libpcap-devel', 'npm ci']) {
    expect(message).toContain(wanted);
  }
  expect(message).not.toContain('\n');
});

test('who asked for cap alone is told of the tcpdump that is here', () => {
  const { message } = noEngineError('cap', 'cap cannot be loaded: it is not installed, or not built', true);
  expect(message).toMatch(/^cap cannot be loaded: it is not installed, or not built; build cap .*--engine tcpdump$/);
  expect(message).not.toContain('apt install tcpdump');
});

describe('where cap cannot be loaded', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-engine-'));
  const addon = join(directory, 'node_modules/cap');

  afterAll(() => rmSync(directory, { recursive: true }));

  /** What the cap process says, with this as the addon. */
  function said(script: string | null): string {
    cpSync(DIST, join(directory, 'dist'), { recursive: true });
    if (script !== null) {
      mkdirSync(addon, { recursive: true });
      writeFileSync(join(addon, 'index.js'), script);
    }
    const { status, stderr } = spawnSync(process.execPath, [
      join(directory, 'dist/cap-process.js'),
      'lo',
      '',
      '1',
      '1',
    ]);
    expect(status).toBe(69);
    return stderr.toString();
  }

  test.each([
    ['it is not there', null, 'it is not installed, or not built'],
    ['it was not built', "require('../build/Release/cap.node')", 'it is not installed, or not built'],
    [
      'it is built for another Node',
      `throw new Error("The module 'cap.node'\\nwas compiled against a different Node.js version using\\nNODE_MODULE_VERSION 1. This version\\nrequires 2.")`,
      "The module 'cap.node' was compiled against a different Node.js version using NODE_MODULE_VERSION 1",
    ],
  ])('one line says why: %s', (_, script, reason) => {
    expect(said(script)).toBe(`cap: cap cannot be loaded: ${reason}\n`);
  });
});

test('the cap process gets what it shall capture as arguments and leaves no core file', () => {
  const { file, args } = CAP_ENGINE.command({
    interface: 'eth0',
    filter: 'arp',
    snapLength: 8000,
    bufferSizeKib: 1024,
  });
  expect(file).toBe('/bin/sh');
  expect(args[1]).toContain('ulimit -c 0');
  expect(args.slice(-4)).toEqual(['eth0', 'arp', '1024', '8000']);
});

test('the abort of the cap process is told as what it means', () => {
  const end = { status: 'SIGABRT', stderr: 'Assertion failed', damage: null } as const;
  expect(describeEnd(CAP_ENGINE, end, 'eth0')).toBe('eth0 went down');
});

test('the cap process writes a classic pcap stream, and its header before any frame', () => {
  const written: Buffer[] = [];
  const writer = createPcapWriter(1, 8000, (bytes) => written.push(Buffer.from(bytes)));
  expect(written).toHaveLength(1);
  const bytes = frame({ from: '10.0.0.1' });
  const timeUs = 1_700_000_000_999_999;
  writer.add(bytes, bytes.length, timeUs);
  expect(written).toHaveLength(1);
  writer.flush();
  expect(Buffer.concat(written)).toEqual(Buffer.from(pcapFile([{ bytes, timeUs }], { snapLength: 8000 })));
});

test('a frame longer than the snapshot length is cut and keeps its length on the wire', () => {
  const written: Buffer[] = [];
  const writer = createPcapWriter(1, 20, (bytes) => written.push(Buffer.from(bytes)));
  const bytes = frame({ from: '10.0.0.1' });
  writer.add(bytes, bytes.length, 0);
  writer.flush();
  const expected = pcapFile([{ bytes: bytes.subarray(0, 20), timeUs: 0, originalLength: bytes.length }], {
    snapLength: 20,
  });
  expect(Buffer.concat(written)).toEqual(Buffer.from(expected));
});

test('a full batch is written without waiting for the event loop, in whole records', () => {
  const written: number[] = [];
  const writer = createPcapWriter(1, 8000, (bytes) => written.push(bytes.length));
  const bytes = new Uint8Array(1008);
  for (let i = 0; i < 1000; i++) writer.add(bytes, bytes.length, 0);
  writer.flush();
  expect(written.slice(1).every((length) => length % 1024 === 0)).toBe(true);
  expect(written.slice(1).reduce((sum, length) => sum + length)).toBe(1000 * 1024);
  expect(written.length).toBeLessThan(10);
});
