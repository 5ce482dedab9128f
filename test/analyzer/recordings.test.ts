import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { SplitBrainReport } from '../../src/analyzer/report.ts';
import { judgedCapture } from '../support/judged-capture.ts';

const DIRECTORY = fileURLToPath(new URL('../pcaps/judged/', import.meta.url));

/** Real keepalived 2.2.7 in what it does at the edges of the rules, and two captures made of such recordings. */
const JUDGED: Readonly<
  Record<
    string,
    {
      exitStatus: number;
      state: string;
      cause?: string;
      findings?: readonly string[];
      /** Of the last split brain: who should have yielded, and for how long it went on (null: to the end). */
      deaf?: readonly string[];
      seconds?: number | null;
      takeovers?: number;
    }
  >
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
  // B was deaf for 9 s and numbers behind A, which rejects its advertisements as replays but for one that it answers.
  'ah_numbers_behind_after_a_cut.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'filtered',
    deaf: ['10.9.0.2'],
    seconds: 7,
  },
  'two_hosts_merged_with_clock_skew.pcap': { exitStatus: 0, state: 'ok' },
  'equal_backups_crossing.pcap': { exitStatus: 0, state: 'ok', findings: [] },
  // LINUX_SLL does not tell the interfaces apart.
  'any_of_two_networks_with_one_vrid_SLL.pcap': { exitStatus: 0, state: 'ok' },
  // One host answers a request with the virtual hardware addresses of both its families.
  'dual_stack_use_vmac_with_arp.pcap': { exitStatus: 0, state: 'ok', takeovers: 2 },
  // The switch floods what B sends until it has learned where A is: B is unheard when A takes over.
  'unicast_at_a_switch_port_that_learns.pcap': { exitStatus: 1, state: 'silent' },
  // B gave up its VRID for another reason, between two of its advertisements; A began 6 ms later under another VRID.
  'mistyped_vrid_taken_over_between_advertisements.pcap': { exitStatus: 1, state: 'ok', findings: [] },
  // The crossing was over in 6 ms; the gratuitous ARP of the winner is repeated later.
  'crossing_of_6_ms_with_garp.pcap': { exitStatus: 1, state: 'ok' },
  // B of version 2 keeps a second cluster's node master; what a mate says in between changes neither winner nor loser.
  'version_mismatch_and_mates.pcap': {
    exitStatus: 2,
    state: 'split-brain',
    cause: 'version-mismatch',
    deaf: ['10.9.0.2'],
    seconds: null,
  },
  // A said one word while its master was silenced, was answered and yielded: it has no part in it.
  'mate_obeys_during_vrid_collision.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'vrid-collision',
    deaf: ['10.9.0.6'],
    seconds: 22,
  },
  // Backups time out while their master is silenced; it answers, and they yield.
  'mates_of_a_silenced_master.pcap': {
    exitStatus: 2,
    state: 'split-brain',
    cause: 'interval-mismatch',
    deaf: ['10.9.0.3'],
    seconds: null,
    takeovers: 0,
  },
  'interval_repaired_beside_mates.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'interval-mismatch',
    deaf: ['10.9.0.4'],
    seconds: 21,
  },
  'unicast_mate_times_out_with_its_master.pcap': {
    exitStatus: 2,
    state: 'split-brain',
    cause: 'interval-mismatch',
    deaf: ['10.9.0.8'],
    seconds: null,
  },
  // The loser yields to a better one of its own version: the winner is silenced by that one as well.
  'silenced_claimant_beside_two_in_turn.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'version-mismatch',
    deaf: ['10.9.0.6'],
    seconds: 22,
    takeovers: 0,
  },
  // After the reload, the master speaks another version than its backups.
  'split_by_reload_with_other_version.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'version-mismatch',
    deaf: ['10.9.0.7'],
    seconds: 20,
    takeovers: 3,
  },
  'wrong_checksums_of_two_members.pcap': { exitStatus: 2, state: 'ok', cause: 'checksum-mismatch' },
  // They reject each other and fall in step: what looks like answers is chance.
  'vrid_collision_in_step.pcap': { exitStatus: 2, state: 'ok', cause: 'vrid-collision', deaf: ['10.9.0.1'] },
  // Neither the IP id nor the priority tells the last advertisement before the reload from the first one after it.
  'ipv6_list_repaired_by_reload.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'address-mismatch',
    deaf: ['fe80::1'],
    seconds: 9,
  },
  'checksum_repaired.pcap': { exitStatus: 2, state: 'ok', cause: 'checksum-mismatch' },
  // The holder beside the master is master itself later, by right.
  'holder_becomes_master_again.pcap': { exitStatus: 2, state: 'ok', cause: 'filtered', seconds: 2 },
  // B was deaf and master, then killed: it kept the address until its keepalived was started again, 13 s after the start.
  'killed_deaf_backup_restarted.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'filtered',
    deaf: ['10.9.0.2'],
    seconds: 9,
  },
  // The capture hears nothing for 18 s, in which neither has yielded.
  'both_masters_unheard_for_a_while.pcap': {
    exitStatus: 2,
    state: 'split-brain',
    cause: 'auth-mismatch',
    seconds: null,
    takeovers: 0,
  },
  // The gratuitous ARP of the new master came while the capture heard nothing.
  'observer_without_link_for_a_while.pcap': { exitStatus: 0, state: 'ok', findings: [], takeovers: 1 },
  'list_repaired_by_reload.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'address-mismatch',
    deaf: ['10.9.0.2'],
    findings: [],
  },
  // One takeover each, also the one into the split brain that goes on.
  'better_master_returns_into_split_brain.pcap': {
    exitStatus: 2,
    state: 'split-brain',
    cause: 'filtered',
    takeovers: 3,
  },
  // A's own firewall drops what it sends, but not its ARP: it hears B and announces the address each time.
  'mute_master_answers_by_arp.pcap': { exitStatus: 2, state: 'ok', cause: 'filtered', deaf: ['10.9.0.2'], seconds: 9 },
  'mute_master_never_heard.pcap': { exitStatus: 2, state: 'split-brain', cause: 'filtered', deaf: ['10.9.0.2'] },
  'mute_master_from_the_middle.pcap': { exitStatus: 2, state: 'split-brain', cause: 'filtered', deaf: ['10.9.0.2'] },
  // One frame was taken out: the first advertisement of A, which B answered with a last ARP reply.
  'first_advert_of_a_preemption_lost.pcap': { exitStatus: 1, state: 'ok', findings: ['flapping'] },
  // Other AH keys on both nodes, which hold the address to the end: nothing visible differs.
  'ah_keys_differ_in_step.pcap': { exitStatus: 2, state: 'split-brain', cause: 'auth-mismatch', seconds: null },
  'ah_keys_differ_newcomer_below.pcap': { exitStatus: 2, state: 'split-brain', cause: 'auth-mismatch', seconds: null },
  // B gets the key of A by a reload, and from then on A goes on from its numbers.
  'ah_key_repaired.pcap': { exitStatus: 2, state: 'ok', cause: 'auth-mismatch' },
  // A stops 2.5 s after B obeys it again.
  'winner_stops_soon_after_the_repair.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'filtered',
    seconds: 5,
    takeovers: 1,
  },
  // B takes over after two lost advertisements and yields to the next one: never both for longer than milliseconds.
  'ipv6_down_timer_adverts_2_on_a_lossy_path.pcap': { exitStatus: 1, state: 'ok' },
  // A had another vrrp_mcast_group4 until its reload; B obeys the first advertisement to the common group.
  'multicast_group_changed_back.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'unicast-mismatch',
    deaf: ['10.9.0.2'],
    seconds: 6,
    takeovers: 2,
  },
  // A accepts the checksums of B, B rejects those of A: each of them restarts its timer, and it stays master without a word.
  'old_unicast_checksum_on_loser.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'checksum-mismatch',
    deaf: ['10.9.0.2'],
    seconds: 76,
  },
  // The same: its pauses are longer than a backup waits, and it comes back an interval after A each time.
  'old_unicast_checksum_with_long_pauses.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'checksum-mismatch',
    deaf: ['10.9.0.2'],
    seconds: 42,
  },
  // The capture begins after A was silenced by B, which has a password and A has none.
  'silenced_master_first_heard_as_it_resigns.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'auth-mismatch',
    seconds: 10,
    takeovers: 0,
  },
  // The capture begins in the middle of it: none of the three has taken over from another.
  'three_masters_of_which_one_yields_first.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'filtered',
    deaf: ['10.9.0.2', '10.9.0.3'],
    seconds: 10,
    takeovers: 0,
  },
  'mistyped_vrid_with_arp.pcap': { exitStatus: 2, state: 'split-brain', cause: 'two-vrids-one-address' },
  // A and C had elected each other when B came with another VRID; A was given that one as well, and C took its place.
  'mistyped_vrid_of_a_newcomer.pcap': {
    exitStatus: 2,
    state: 'split-brain',
    cause: 'two-vrids-one-address',
    deaf: ['10.9.0.2'],
    seconds: null,
  },
  // The bridge drops protocol 112 between the two, which both hold the address to the end; captured on A.
  'unheard_master_announces_twice.pcap': {
    exitStatus: 2,
    state: 'split-brain',
    cause: 'filtered',
    deaf: ['02:00:00:00:00:02'],
    seconds: null,
    findings: [],
  },
  // The same, but A became master between the two announcements of B, of which the first came before there was a master.
  'unheard_master_announces_once.pcap': { exitStatus: 1, state: 'ok', findings: ['stale-arp'] },
  // Another password on B, which silenced A for 22 s until it was stopped; A held the address all the time.
  'silenced_winner_heard_again.pcap': {
    exitStatus: 2,
    state: 'ok',
    cause: 'auth-mismatch',
    seconds: 22,
    findings: ['config-mismatch'],
  },
  // B and C took over at once from A, C stayed, B was the last to announce it; C's second announcement is due 5 s later.
  'crossing_just_before_the_end.pcap': { exitStatus: 0, state: 'ok', findings: [] },
  'obedient_backup_after_contention.pcap': { exitStatus: 1, state: 'ok', findings: [] },
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
    const last = router?.splitBrains.at(-1);
    if (expected?.deaf) expect(last?.deaf).toEqual(expected.deaf);
    if (expected?.seconds !== undefined) expect(secondsOf(last)).toBe(expected.seconds);
    if (expected?.takeovers !== undefined) expect(router?.takeovers).toHaveLength(expected.takeovers);
    if (expected?.findings) expect(router?.findings.map(({ code }) => code)).toEqual(expected.findings);
  });
});

test('a master that answers one of the advertisements whose AH numbers lag behind hears that node', async () => {
  const { virtualRouters } = await judgedCapture(`${DIRECTORY}ah_numbers_behind_after_a_cut.pcap`);
  const cause = virtualRouters[0]?.splitBrains[0]?.cause;
  expect(cause).toMatchObject({ confidence: 'likely' });
  expect(cause?.summary).toContain('so that direction works');
});

function secondsOf(splitBrain: SplitBrainReport | undefined): number | null {
  if (splitBrain === undefined) throw new Error('no split brain');
  return splitBrain.endUs === null ? null : Math.round((splitBrain.endUs - splitBrain.startUs) / 1_000_000);
}
