import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { frame } from '../support/build.ts';
import { pcapFile } from '../support/capture-files.ts';
import { runCli } from '../support/run-cli.ts';

const SECOND = 1_000_000;
const START_US = 1_700_000_000 * SECOND;
const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-forgery-'));

afterAll(() => rmSync(directory, { recursive: true }));

/** A healthy master for ten seconds, and one advertisement of a forger in the middle. */
function captureWithForgery(priority: number): string {
  const advert = (from: string, itsPriority: number, atS: number) => ({
    bytes: frame({ from, priority: itsPriority, vrid: 51 }),
    timeUs: START_US + atS * SECOND,
  });
  const packets = Array.from({ length: 10 }, (_, second) => advert('10.0.0.1', 150, second));
  packets.splice(6, 0, advert('10.66.66.66', priority, 5.5));
  const path = join(directory, `${priority}.pcap`);
  writeFileSync(path, pcapFile(packets));
  return path;
}

describe.each([255, 0])('a single forged advertisement of priority %i', (priority) => {
  test('is named as an unexpected advertiser where --expect says who may advertise', async () => {
    const args = ['--pcap', captureWithForgery(priority), '--expect', '51=10.0.0.1,10.0.0.2', '--json'];
    const { status, stdout } = await runCli(args);
    const [router] = JSON.parse(stdout).virtualRouters;
    expect(status).toBe(2);
    expect(router.findings).toContainEqual(
      expect.objectContaining({
        code: 'unexpected-advertiser',
        severity: 'critical',
        summary: expect.stringContaining('10.66.66.66'),
      }),
    );
  });

  test('is no split brain by itself', async () => {
    const { stdout } = await runCli(['--pcap', captureWithForgery(priority), '--json']);
    expect(JSON.parse(stdout).virtualRouters[0].splitBrains).toEqual([]);
  });
});
