import type { AdvertMessage } from './message.ts';
import type { Seen } from './network.ts';
import { compareAddresses } from './settings.ts';

/**
 * The moment at which the advertisements of a capture prove that two nodes were master at once. Written from the
 * rules alone, without a look at the analyzer, so that the two check each other.
 */
export interface Evidence {
  readonly vrid: number;
  /** The two claimants; with `adverts` the one that should have yielded comes first. */
  readonly nodes: readonly [string, string];
  /**
   * `adverts`: the lower-ranked one advertised, the higher-ranked, and the lower again. `mismatch`: both claim the
   * addresses, and the lower-ranked one must discard what the higher-ranked sends. `arp`: both answered one request.
   */
  readonly by: 'adverts' | 'mismatch' | 'arp';
  /** True time of the first advertisement of the proof that should not have been. */
  readonly sinceTrueUs: number;
  /** Packet time of the advertisement that completes the proof. */
  readonly completeUs: number;
  /** True time of that advertisement. */
  readonly completeTrueUs: number;
}

interface Claim {
  readonly advert: AdvertMessage;
  readonly timeUs: number;
  readonly sentUs: number;
}

/** Longer than a healthy takeover takes: the RFC's three intervals and at most one of skew, less what is certain. */
const LIVE_INTERVALS = 3.7;
const FRESH_INTERVALS = 2.2;
const SUSTAINED_INTERVALS = 3;
const MINIMUM_GRACE_US = 20_000;

/** A farewell follows what it yields to within this time, ahead of the next advertisement that its sender would have sent. */
const FAREWELL_US = 15_000;
const AHEAD_INTERVALS = 0.8;

/** Later than this after the master's last advertisement, even the hastiest backup may speak. */
const DUE_INTERVALS = 1.005;

/** Behind that of a third one, it may be an answer instead. */
const ANSWER_US = 50_000;

/**
 * Every moment at which the proof was complete, in order of time. `seen` are messages of one clock, in the order in which the
 * observer got them: whoever has a capture whose clock was set cuts it there.
 *
 * Violation: an advertisement of L while some W with at least L's rank advertised between `fresh` and `grace` before
 * and did not resign since. Proof: two violations of L against W at most three intervals apart, W in between. They
 * are also at least a grace apart, because one node that yields may send two within a millisecond: its own when it
 * resumes after a pause, and the farewell of `higher_prio_send_advert`. A farewell of one that may have taken
 * over from W proves nothing: it tells that L yields. One that spoke before W was due had not heard W.
 */
export function findEvidence(seen: readonly Seen[]): Evidence[] {
  const found: Evidence[] = [];
  for (const claims of groups(seen)) {
    for (const [i, claim] of claims.entries()) {
      if (claim.advert.priority === 0) continue;
      const before = recent(claims, i);
      for (const rival of new Set(before.map(({ advert }) => sender(advert)))) {
        if (rival === sender(claim.advert)) continue;
        const proof = prove(before, claim, rival);
        if (proof === null) continue;
        const other = latest(before, rival)?.advert.node ?? '';
        found.push({
          vrid: claim.advert.vrid,
          nodes: [claim.advert.node, other],
          ...proof,
          completeUs: claim.timeUs,
          completeTrueUs: claim.sentUs,
        });
      }
    }
  }
  return found.sort((a, b) => a.completeUs - b.completeUs);
}

function prove(before: readonly Claim[], claim: Claim, rival: string): Pick<Evidence, 'by' | 'sinceTrueUs'> | null {
  const first = firstViolation(before, claim, rival);
  if (first !== undefined) return { by: 'adverts', sinceTrueUs: first.sentUs };
  const last = latest(before, rival);
  if (last === undefined || last.advert.priority === 0) return null;
  if (claim.timeUs - last.timeUs > LIVE_INTERVALS * last.advert.intervalUs) return null;
  const [lower, higher] = outranks(last.advert, claim.advert) ? [claim, last] : [last, claim];
  return mustDiscard(lower.advert, higher.advert) ? { by: 'mismatch', sinceTrueUs: claim.sentUs } : null;
}

/** The violation that `claim`, if it is the second one, makes a proof. */
function firstViolation(before: readonly Claim[], claim: Claim, rival: string): Claim | undefined {
  const intervalUs = violationIntervalUs(before, claim, rival);
  if (intervalUs === null || isEcho(before, claim)) return undefined;
  const isLast = isFarewell(before, claim, rival);
  const own = sender(claim.advert);
  return before.findLast((first, i) => {
    if (sender(first.advert) !== own || first.advert.priority === 0) return false;
    if (isLast && !isEarly(before.slice(0, i), first, rival)) return false;
    const apartUs = claim.timeUs - first.timeUs;
    if (apartUs > SUSTAINED_INTERVALS * intervalUs || apartUs < graceUs(intervalUs)) return false;
    const between = before
      .slice(i + 1)
      .some(
        ({ advert, timeUs }) =>
          sender(advert) === rival && advert.priority > 0 && timeUs > first.timeUs && timeUs < claim.timeUs,
      );
    return between && violationIntervalUs(before.slice(0, i), first, rival) !== null;
  });
}

/** True within a grace of the last one of the same sender. */
function isEcho(before: readonly Claim[], { advert, timeUs }: Claim): boolean {
  const own = latest(before, sender(advert));
  return own !== undefined && own.advert.priority > 0 && timeUs - own.timeUs < graceUs(advert.intervalUs);
}

/** True for what is ahead of its time and right behind one of the rival, and no answer to a third one. */
function isFarewell(before: readonly Claim[], { advert, timeUs }: Claim, rival: string): boolean {
  const own = latest(before, sender(advert));
  const other = latest(before, rival);
  if (own === undefined || other === undefined || timeUs - other.timeUs > FAREWELL_US) return false;
  const isAnswer = before.some(
    (each) => ![sender(advert), rival].includes(sender(each.advert)) && timeUs - each.timeUs <= ANSWER_US,
  );
  return !isAnswer && timeUs - own.timeUs < AHEAD_INTERVALS * advert.intervalUs;
}

/** True when the rival's next advertisement was not due, so that its sender cannot have taken over from a silent rival. */
function isEarly(before: readonly Claim[], { timeUs }: Claim, rival: string): boolean {
  const last = latest(before, rival);
  return last !== undefined && timeUs - last.timeUs <= DUE_INTERVALS * last.advert.intervalUs;
}

/** Interval of the rival whom `claim` offends, null if it offends nobody. */
function violationIntervalUs(before: readonly Claim[], claim: Claim, rival: string): number | null {
  const last = latest(before, rival);
  if (last === undefined || !outranks(last.advert, claim.advert)) return null;
  const { intervalUs } = last.advert;
  const freshUs = Math.max(
    FRESH_INTERVALS * intervalUs,
    intervalUs < 200_000 ? graceUs(intervalUs) + 1.2 * intervalUs : 0,
  );
  for (let i = before.length - 1; i >= 0; i--) {
    const other = before[i];
    if (other === undefined || claim.timeUs - other.timeUs > freshUs) return null;
    if (sender(other.advert) !== rival) continue;
    if (other.advert.priority === 0) return null;
    if (claim.timeUs - other.timeUs >= graceUs(intervalUs)) return intervalUs;
  }
  return null;
}

function graceUs(intervalUs: number): number {
  return Math.max(0.1 * intervalUs, MINIMUM_GRACE_US);
}

/** At least the same rank; only two senders with one source address can have the same. */
function outranks(rival: AdvertMessage, claim: AdvertMessage): boolean {
  if (rival.priority !== claim.priority) return rival.priority > claim.priority;
  return compareAddresses(rival.source, claim.source) >= 0;
}

/**
 * Whether the one that has to yield must discard what tells it to. A difference that the higher-ranked one alone
 * minds splits nobody. Address lists and checksum styles are no proof: some receivers tolerate them.
 */
function mustDiscard(lower: AdvertMessage, higher: AdvertMessage): boolean {
  return (
    lower.version !== higher.version ||
    lower.auth !== higher.auth ||
    (lower.auth === 'simple' && lower.password.slice(0, 8) !== higher.password.slice(0, 8)) ||
    (lower.version === 2 && lower.intervalUs !== higher.intervalUs) ||
    (lower.hmacKey === null) !== (higher.hmacKey === null) ||
    (lower.destination === null) !== (higher.destination === null) ||
    (higher.destination === null && higher.ttl !== 255)
  );
}

/** Claims of each virtual router, copies of one advertisement left out; one that comes out of order counts from then on. */
function groups(seen: readonly Seen[]): Claim[][] {
  const byVrid = new Map<string, Claim[]>();
  const known = new Set<number>();
  let nowUs = Number.NEGATIVE_INFINITY;
  for (const { message, timeUs, sentUs } of seen) {
    nowUs = Math.max(nowUs, timeUs);
    if (message.kind !== 'advert' || known.has(message.copyOf)) continue;
    known.add(message.copyOf);
    const key = `${message.vrid} ${message.source.includes(':') ? 6 : 4}`;
    const claims = byVrid.get(key) ?? [];
    claims.push({ advert: message, timeUs: nowUs, sentUs });
    byVrid.set(key, claims);
  }
  return [...byVrid.values()];
}

/** What came before claim `i` and can still count: all that the two violations together may reach back. */
function recent(claims: readonly Claim[], i: number): Claim[] {
  const now = claims[i];
  if (now === undefined) return [];
  const before: Claim[] = [];
  for (let j = i - 1; j >= 0; j--) {
    const earlier = claims[j];
    if (earlier === undefined || now.timeUs - earlier.timeUs > 6 * earlier.advert.intervalUs) break;
    before.unshift(earlier);
  }
  return before;
}

function latest(claims: readonly Claim[], from: string): Claim | undefined {
  return claims.findLast(({ advert }) => sender(advert) === from);
}

function sender(advert: AdvertMessage): string {
  return `${advert.source} ${advert.mac}`;
}
