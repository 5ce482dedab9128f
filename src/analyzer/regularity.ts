import type { Advertiser } from './advertiser.ts';
import { LANE } from './report.ts';
import { masterDownIntervalUs } from './timers.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** A gap longer than this many intervals is an advertisement that came late or not at all. */
const LATE_INTERVALS = 1.5;

/** This many late advertisements among the last hundred are a habit worth telling, one or two are not. */
const LATE_ADVERTS = 3;
const LATE_AMONG = 100;

/** This many takeovers within the window are flapping; a planned restart with failover and return makes four. */
const FLAPPING_TAKEOVERS = 6;
const FLAPPING_WINDOW_US = 600_000_000;

/** Who yields to a master sends no more than one advertisement or two beside it. */
const YIELDING_INTERVALS = 2;

/** True for a gap between two advertisements of one sender that `judgeGap` looks into. */
export function isLate(gapUs: number, paceUs: number): boolean {
  return gapUs > LATE_INTERVALS * paceUs;
}

/**
 * Judges the gap before the last claim of a sender: late, lost on the way to this capture, or a master that was away
 * without resigning. keepalived's IP id counts its advertisements, so it tells late ones from lost ones.
 */
export function judgeGap(router: VirtualRouter, sender: Advertiser): void {
  const { lastClaimUs: atUs, previousClaimUs: beforeUs, paceUs, unseenIds: unseen } = sender;
  const gapUs = atUs - beforeUs;
  if (!isLate(gapUs, paceUs)) return;
  if (beforeUs === Number.NEGATIVE_INFINITY || sender.lastResignedUs > beforeUs || sender.yieldedUs >= beforeUs) {
    sender.turnStartUs = atUs;
    return;
  }
  if (router.segment.deafUntilUs > beforeUs) return;
  const othersSpoke = router.lastAdvertUs > beforeUs;
  if (othersSpoke) {
    if (gapUs < masterDownIntervalUs(sender.version, paceUs, sender.priority)) return;
    sender.turnStartUs = atUs;
    if (router.conflict !== null) return;
    if (unseen !== null && unseen <= gapUs / paceUs + 2) reportAbsence(router, sender, atUs, gapUs, unseen);
    return;
  }
  for (let missedUs = beforeUs + paceUs; missedUs < atUs - paceUs / 2; missedUs += Math.max(paceUs, gapUs / 64)) {
    sender.lane.mark(missedUs, LANE.missed);
  }
  if (unseen !== null && unseen > 0) return;
  if (sender.adverts - sender.lateSinceAdverts > LATE_AMONG) {
    sender.lateSinceAdverts = sender.adverts;
    sender.lateAdverts = 0;
  }
  sender.lateAdverts++;
  if (sender.lateAdverts < LATE_ADVERTS) return;
  router.findings.add(
    'late-adverts',
    'warning',
    atUs,
    `advertisements of ${sender.source} come late, ${(gapUs / 1_000_000).toFixed(2)} s apart instead of ${paceUs / 1_000_000} s; a busy or paused machine, and backups take over after three intervals`,
  );
}

function reportAbsence(router: VirtualRouter, sender: Advertiser, atUs: number, gapUs: number, unseen: number): void {
  const seconds = (gapUs / 1_000_000).toFixed(1);
  if (router.advertisers.some((other) => other !== sender && other.source === sender.source)) return;
  // A node whose link is down cannot send its resignations, two of them for one fault, but counts them.
  if (unseen > 2 && unseen >= 0.5 * (gapUs / sender.paceUs - 1)) {
    router.findings.add(
      'paused-master',
      'warning',
      atUs,
      `${sender.source} was master too, behind a broken path: it came back after ${seconds} s, and its IP ids show ${unseen} advertisements sent meanwhile that did not get here`,
    );
  } else if (!isAccountedFor(router, sender, atUs - gapUs)) {
    router.findings.add(
      'paused-master',
      'info',
      atUs,
      `${sender.source} came back after ${seconds} s without having resigned, as if nothing had happened: paused (virtual machine, overload) or its link was down`,
    );
  }
}

/**
 * True when it fell silent as the loser of a contention, or of a split brain that was repaired, or as one that the other
 * claimant silenced: keepalived restarts a master's timer with every advertisement that it reads and rejects.
 */
function isAccountedFor(router: VirtualRouter, { source, paceUs }: Advertiser, lastClaimUs: number): boolean {
  const contention = router.history.contentions.at(-1);
  if (contention !== undefined && Math.abs(lastClaimUs - contention.atUs) <= YIELDING_INTERVALS * paceUs) {
    return source !== contention.winner && contention.claimants.includes(source);
  }
  const last = router.history.splitBrains.at(-1);
  if (last === undefined || last.endUs === null || last.endUs < lastClaimUs - YIELDING_INTERVALS * paceUs) return false;
  const { claimants, winner, evidence } = last.describe();
  return claimants.includes(source) && (source !== winner || evidence.includes('mismatch'));
}

/** Judges how often the addresses have moved lately, after they moved once more. */
export function judgeFlapping(router: VirtualRouter, from: Advertiser, to: Advertiser, atUs: number): void {
  const recent = router.history.takeovers.at(-FLAPPING_TAKEOVERS);
  // Before the clock of the capture stepped back, another time counted.
  if (recent === undefined || recent.atUs > atUs || atUs - recent.atUs > FLAPPING_WINDOW_US) return;
  if (router.findings.countAgain('flapping')) return;
  const minutes = Math.max(1, Math.round((atUs - recent.atUs) / 60_000_000));
  router.findings.add(
    'flapping',
    'warning',
    atUs,
    `the addresses moved ${FLAPPING_TAKEOVERS} times within ${minutes} min, between ${from.source} and ${to.source}`,
  );
}
