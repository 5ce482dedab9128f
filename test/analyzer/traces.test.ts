import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Report, SplitBrainReport, TakeoverReport } from '../../src/analyzer/report.ts';
import { judgedCapture } from '../support/judged-capture.ts';

const RECORDED = fileURLToPath(new URL('../pcaps/', import.meta.url));

/* The nodes of the recordings: A has priority 150 and B 100 unless the name says otherwise. */
const A = '10.9.0.1';
const B = '10.9.0.2';
const A6 = 'fe80::ff:fe00:1';
const B6 = 'fe80::ff:fe00:2';

/** From, to, kind, measured gap in milliseconds, and the gap that the timers of the RFC give. */
type Takeover = readonly [from: string, to: string, kind: string, gapMs: number, expectedMs: number | null];

interface Split {
  readonly winner?: string;
  readonly deaf?: string;
  readonly code: string;
  readonly confidence?: string;
  readonly differs?: string;
  /** At least these. */
  readonly evidence: readonly string[];
  /** Onset and proof, seconds after the first frame of the capture. */
  readonly startS: number;
  readonly confirmedS: number;
  /** Null: still going on at the end of the capture. */
  readonly endS: number | null;
}

interface Expected {
  readonly verdict: 'ok' | 'warning' | 'split-brain';
  readonly exitStatus: number;
  /** At the end; default ok. */
  readonly state?: string;
  readonly master: string;
  /** Advertisers, with the number of advertisements of each, copies not counted. */
  readonly adverts: Readonly<Record<string, number>>;
  readonly split?: Split;
  /** Null: no rule says what it was. */
  readonly takeovers?: readonly Takeover[] | null;
  readonly findings?: readonly string[];
}

const OK = { verdict: 'ok', exitStatus: 0 } as const;
const WARNING = { verdict: 'warning', exitStatus: 1 } as const;
const SPLIT = { verdict: 'split-brain', exitStatus: 2 } as const;

const RECORDINGS: Readonly<Record<string, Expected>> = {
  '01_start_sigterm_return_kill9_return.pcap': {
    ...OK,
    master: A,
    adverts: { [A]: 16, [B]: 16 },
    takeovers: [
      [A, B, 'resigned', 612, 609.375],
      [B, A, 'preempted', 841, null],
      [A, B, 'timed-out', 3610, 3609.375],
      [B, A, 'preempted', 420, null],
    ],
  },
  '02_drop_in_backup_oneway_heal.pcap': {
    ...SPLIT,
    master: A,
    adverts: { [A]: 17, [B]: 7 },
    split: {
      code: 'filtered',
      confidence: 'likely',
      evidence: ['adverts', 'arp'],
      startS: 5.611,
      confirmedS: 6.614,
      endS: 11.62,
    },
  },
  '04_drop_both_twoway_heal.pcap': {
    ...SPLIT,
    master: A,
    adverts: { [A]: 16, [B]: 6 },
    split: { code: 'filtered', evidence: ['adverts'], startS: 5.621, confirmedS: 6.622, endS: 11.02 },
    // A never had to answer, so B's announcement is the last.
    findings: ['stale-arp'],
  },
  '05_wrong_password.pcap': {
    ...SPLIT,
    state: 'split-brain',
    master: A,
    adverts: { [A]: 5, [B]: 16 },
    split: {
      code: 'auth-mismatch',
      confidence: 'certain',
      differs: 'password',
      evidence: ['mismatch', 'arp'],
      startS: 0.245,
      confirmedS: 0.245,
      endS: null,
    },
  },
  '09_viplist_mismatch.pcap': {
    ...SPLIT,
    state: 'split-brain',
    master: A,
    adverts: { [A]: 16, [B]: 1 },
    split: {
      code: 'address-mismatch',
      differs: 'addresses',
      evidence: ['mismatch', 'arp'],
      startS: 0.2,
      confirmedS: 0.2,
      endS: null,
    },
  },
  '10_viplist_mismatch_late_preempt_LOOKS_HEALTHY.pcap': {
    ...SPLIT,
    state: 'split-brain',
    master: A,
    adverts: { [A]: 9, [B]: 6 },
    split: {
      code: 'address-mismatch',
      confidence: 'likely',
      differs: 'addresses',
      evidence: ['mismatch'],
      startS: 5.842,
      confirmedS: 5.842,
      endS: null,
    },
  },
  '12_wrong_password_10min.pcap': {
    ...SPLIT,
    state: 'split-brain',
    master: A,
    adverts: { [A]: 299, [B]: 332 },
    split: {
      code: 'auth-mismatch',
      differs: 'password',
      evidence: ['mismatch'],
      startS: 0.196,
      confirmedS: 0.196,
      endS: null,
    },
  },
  // Here A has priority 100 and B 150.
  '16_preempt_higher_prio_send_advert.pcap': {
    ...OK,
    master: B,
    adverts: { [A]: 7, [B]: 8 },
    takeovers: [[A, B, 'preempted', 788, null]],
  },
  // Both have priority 100; B wins by its address.
  '19_equal_prio_simultaneous_start.pcap': {
    ...OK,
    master: B,
    adverts: { [A]: 1, [B]: 8 },
    takeovers: [[A, B, 'preempted', 8.5, null]],
  },
  // B lowers itself to 254 as soon as it hears the other owner; the wire does not show it.
  '24_both_prio255.pcap': {
    ...WARNING,
    master: A,
    adverts: { [A]: 10, [B]: 1 },
    takeovers: null,
    findings: ['config-mismatch'],
  },
  '25_sigstop_high_prio_master.pcap': {
    ...OK,
    master: A,
    // Four of them within 21 ms, the answers to what waited in the queue.
    adverts: { [A]: 12, [B]: 4 },
    takeovers: [
      [A, B, 'timed-out', 3610, 3609.375],
      [B, A, 'preempted', 205, null],
    ],
    findings: ['paused-master'],
  },
  '27_sigstop_during_preemption.pcap': {
    ...OK,
    master: A,
    adverts: { [A]: 7, [B]: 4 },
    takeovers: [[B, A, 'preempted', 1305, null]],
  },
  '29_v3_100ms_all_phases.pcap': {
    ...SPLIT,
    master: A,
    adverts: { [A]: 44, [B]: 37 },
    split: {
      code: 'filtered',
      confidence: 'likely',
      evidence: ['adverts'],
      startS: 4.891,
      confirmedS: 4.991,
      endS: 5.794,
    },
    takeovers: [
      [B, A, 'preempted', 3.2, null],
      [A, B, 'resigned', 62.9, 60.9375],
      [B, A, 'preempted', 0.9, null],
    ],
  },
  '30_v3_interval_mismatch_healthy.pcap': {
    ...OK,
    master: B,
    adverts: { [A]: 5, [B]: 16 },
    takeovers: [
      [B, A, 'preempted', 159, null],
      // B has an interval of 0.3 s and waits by the 1 s that A advertised.
      [A, B, 'timed-out', 3610, 3609.375],
    ],
  },
  // A goes from 150 to 90 and back.
  '31_track_script_weight.pcap': {
    ...OK,
    master: A,
    adverts: { [A]: 11, [B]: 7 },
    takeovers: [
      [A, B, 'preempted', 609, null],
      [B, A, 'preempted', 408, null],
    ],
  },
  // A goes from 150 to 50 and back.
  '33_sighup_reload_prio_change.pcap': {
    ...OK,
    master: A,
    adverts: { [A]: 17, [B]: 7 },
    takeovers: [
      [A, B, 'preempted', 602, null],
      [B, A, 'preempted', 882, null],
    ],
  },
  // A went on behind the isolated port: its IP ids jump from 3 to 10.
  '36_port_isolated_no_carrier_loss_observer_on_b_side.pcap': {
    ...WARNING,
    master: A,
    adverts: { [A]: 9, [B]: 4 },
    takeovers: [
      [A, B, 'timed-out', 3610, 3609.375],
      [B, A, 'preempted', 0.7, null],
    ],
    findings: ['paused-master'],
  },
  '38_unicast_three_nodes_copies.pcap': { ...OK, master: A, adverts: { [A]: 3 } },
  // B spoke once before it was heard, and its gratuitous ARP was the last.
  '41_ah_auth_oneway_drop.pcap': { ...WARNING, master: A, adverts: { [A]: 11, [B]: 1 }, findings: ['stale-arp'] },
  '45_use_vmac_oneway_drop.pcap': {
    ...SPLIT,
    master: A,
    adverts: { [A]: 12, [B]: 2 },
    split: {
      code: 'filtered',
      confidence: 'likely',
      evidence: ['adverts'],
      startS: 5.612,
      confirmedS: 6.612,
      endS: 6.612,
    },
  },
  '49_ipv6_v3_start.pcap': { ...OK, master: A6, adverts: { [A6]: 4 } },
  '50_ipv6_oneway_drop.pcap': {
    ...SPLIT,
    // The last advertisement of B is 3.0 s old: too early to say that it yielded.
    state: 'split-brain',
    master: A6,
    adverts: { [A6]: 15, [B6]: 4 },
    split: {
      winner: A6,
      deaf: B6,
      code: 'filtered',
      confidence: 'likely',
      evidence: ['adverts'],
      startS: 11.699,
      confirmedS: 12.7,
      endS: null,
    },
  },
  '56_passwords_equal_first8.pcap': { ...OK, master: A, adverts: { [A]: 3 } },
  '59_any_interface_SLL2_duplicates.pcap': { ...OK, master: A, adverts: { [A]: 3 } },
  // A was killed, and its address still answers.
  '60_kill9_stale_vip_two_arp_replies.pcap': {
    ...SPLIT,
    state: 'split-brain',
    master: B,
    adverts: { [A]: 3, [B]: 4 },
    split: {
      winner: B,
      deaf: A,
      code: 'filtered',
      confidence: 'possible',
      evidence: ['arp'],
      startS: 7.542,
      confirmedS: 7.542,
      endS: null,
    },
    takeovers: [[A, B, 'timed-out', 3610, 3609.375]],
  },
};

test('every recording has its expectation, and every expectation its recording', () => {
  expect(Object.keys(RECORDINGS).sort()).toEqual(
    readdirSync(RECORDED)
      .filter((name) => name.endsWith('.pcap'))
      .sort(),
  );
});

describe.each(Object.entries(RECORDINGS))('%s', (name, expected) => {
  const judged = judgedCapture(join(RECORDED, name));

  test('has the verdict and exit status', async () => {
    const { verdict, exitStatus } = await judged;
    expect({ verdict, exitStatus }).toEqual({ verdict: expected.verdict, exitStatus: expected.exitStatus });
  });

  test('has one virtual router, with its master and state at the end', async () => {
    const { family, vrid, vlan, state, master, addresses } = routerOf(await judged);
    const at = { vrid, vlan, state, master };
    expect(at).toEqual({ vrid: 51, vlan: null, state: expected.state ?? 'ok', master: expected.master });
    expect(addresses[0]).toBe(family === 4 ? '10.9.0.100' : 'fe80::100');
  });

  test('counts each advertisement of each advertiser once', async () => {
    const { advertisers } = routerOf(await judged);
    expect(Object.fromEntries(advertisers.map(({ source, adverts }) => [source, adverts]))).toEqual(expected.adverts);
  });

  test('shows its split brain, or none', async () => {
    const report = await judged;
    const { splitBrains } = routerOf(report);
    expect(splitBrains).toHaveLength(expected.split ? 1 : 0);
    const [splitBrain] = splitBrains;
    if (expected.split && splitBrain) expectSplit(splitBrain, expected.split, report.captures[0]?.firstUs ?? 0);
  });

  if (expected.takeovers !== null) {
    test('shows its takeovers with the measured and the predicted gap', async () => {
      const takeovers = routerOf(await judged).takeovers.map(inMilliseconds);
      const wanted = (expected.takeovers ?? []).map(([from, to, kind, gapMs, expectedMs]) => [
        from,
        to,
        kind,
        expect.closeTo(gapMs, gapMs < 100 ? 0 : -1),
        expectedMs,
      ]);
      expect(takeovers).toEqual(wanted);
    });
  }

  test('has these findings and no other', async () => {
    const report = await judged;
    const findings = [...report.findings, ...routerOf(report).findings].map(({ code }) => code);
    expect(findings).toEqual(expected.findings ?? []);
  });
});

function routerOf(report: Report): Report['virtualRouters'][number] {
  expect(report.virtualRouters).toHaveLength(1);
  const [router] = report.virtualRouters;
  if (router === undefined) throw new Error('no virtual router');
  return router;
}

function inMilliseconds({ from, to, kind, gapUs, expectedGapUs }: TakeoverReport): unknown[] {
  return [from, to, kind, gapUs / 1000, expectedGapUs === null ? null : expectedGapUs / 1000];
}

function expectSplit(splitBrain: SplitBrainReport, expected: Split, firstUs: number): void {
  const { winner, deaf, evidence, cause, startUs, confirmedUs, endUs } = splitBrain;
  expect({ winner, deaf }).toEqual({ winner: expected.winner ?? A, deaf: [expected.deaf ?? B] });
  expect(evidence).toEqual(expect.arrayContaining([...expected.evidence]));
  expect(cause.code).toBe(expected.code);
  if (expected.confidence) expect(cause.confidence).toBe(expected.confidence);
  expect(cause.differs?.field).toBe(expected.differs);
  expect((startUs - firstUs) / 1e6).toBeCloseTo(expected.startS, 2);
  expect((confirmedUs - firstUs) / 1e6).toBeCloseTo(expected.confirmedS, 2);
  if (expected.endS === null) expect(endUs).toBeNull();
  else expect(((endUs ?? 0) - firstUs) / 1e6).toBeCloseTo(expected.endS, 1);
}
