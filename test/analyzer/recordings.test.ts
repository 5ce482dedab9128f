import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { judgedCapture } from '../support/judged-capture.ts';

const DIRECTORY = fileURLToPath(new URL('../pcaps/judged/', import.meta.url));

/** Real keepalived 2.2.7 in what it does at the edges of the rules, and two captures made of such recordings. */
const JUDGED: Readonly<
  Record<string, { exitStatus: number; state: string; cause?: string; findings?: readonly string[] }>
> = {
  // B was starved: it answered for the address until 120 ms after it had to yield.
  'preemption_with_slow_loser_and_client_arp.pcap': { exitStatus: 0, state: 'ok' },
  // Each healed within 40 ms; the gratuitous ARP of the first is repeated during the second.
  'two_brief_contentions_with_garp_repeats.pcap': { exitStatus: 1, state: 'ok' },
  // Both held the address to the end.
  'restarted_with_other_version.pcap': { exitStatus: 2, state: 'split-brain', cause: 'version-mismatch' },
  'reloaded_with_other_version.pcap': { exitStatus: 2, state: 'split-brain', cause: 'version-mismatch' },
  // The resignations could not leave, but took IP ids.
  'link_down_and_up.pcap': { exitStatus: 0, state: 'ok', findings: ['paused-master'] },
  'carrier_lost_and_back.pcap': { exitStatus: 0, state: 'ok', findings: ['paused-master'] },
  // One source address and one priority: neither has to yield, ever.
  'same_source_after_heal.pcap': {
    exitStatus: 2,
    state: 'split-brain',
    cause: 'filtered',
    findings: ['duplicate-source'],
  },
  // C with another password had been silenced by A, and is still master when A resigns and B takes over.
  'winner_resigns_while_rejected_claimant_is_silent.pcap': {
    exitStatus: 2,
    state: 'split-brain',
    cause: 'auth-mismatch',
  },
  // The sequence number of B shows that it had accepted A, so the key is right.
  'ah_cut_one_way.pcap': { exitStatus: 2, state: 'ok', cause: 'filtered' },
  'two_hosts_merged_with_clock_skew.pcap': { exitStatus: 0, state: 'ok' },
  'equal_backups_crossing.pcap': { exitStatus: 0, state: 'ok', findings: [] },
  // LINUX_SLL does not tell the interfaces apart.
  'any_of_two_networks_with_one_vrid_SLL.pcap': { exitStatus: 0, state: 'ok' },
};

describe.each(readdirSync(DIRECTORY))('%s', (name) => {
  test('is judged by what the nodes really did', async () => {
    const expected = JUDGED[name];
    expect(expected).toBeDefined();
    const report = await judgedCapture(`${DIRECTORY}${name}`);
    const [router] = report.virtualRouters;
    expect(report.exitStatus).toBe(expected?.exitStatus);
    expect(router?.state).toBe(expected?.state);
    expect(router?.splitBrains.at(-1)?.cause.code).toBe(expected?.cause);
    if (expected?.findings) expect(router?.findings.map(({ code }) => code)).toEqual(expected.findings);
  });
});
