import { formatMac, isVirtualMac } from '../decoder/address.ts';
import { CLAIM } from '../decoder/advertisement.ts';
import type { Advertiser } from './advertiser.ts';
import { nameOf } from './compatibility.ts';
import { announceRemedy } from './remedies.ts';
import type { Cause } from './report.ts';
import { SplitBrain } from './split-brain.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** Replies to one asker within this time answer the same request: it asks again after a second at the earliest. */
const SAME_REQUEST_US = 100_000;

/** A node that yields may answer on for some time: a starved one needed 120 ms to take its addresses off. */
const YIELDING_US = 1_000_000;

/** Claims are compared over this time; with `garp_master_refresh 60` it holds several of each node. */
const MEMORY_US = 300_000_000;

/** A node that held the address beside the master and has not claimed it for this long has let go. */
const RELEASED_US = 60_000_000;

/** keepalived repeats its gratuitous ARP five seconds after becoming master (`garp_master_delay`). */
const GARP_REPEAT_US = 6_000_000;

/** Claims remembered for one address: two holders and room for what comes in between. */
const CLAIMS = 6;

interface Claim {
  readonly mac: number;
  readonly atUs: number;
  readonly isReply: boolean;
  /** Who gets the reply, as a number; -1 where that is not known. */
  readonly asker: number;
}

/** A split brain that goes on, and who holds the address beside the master. */
interface Open {
  readonly splitBrain: SplitBrain;
  readonly mac: number;
  /** Its last claim. */
  lastUs: number;
  /** When another node answered a request that it did not answer since then. */
  outspokenUs: number | null;
}

/**
 * Who answers for the addresses of a virtual router, by ARP and neighbour advertisements.
 *
 * Two hardware addresses that claim one address in turn, or answer the same request, prove that two nodes hold it,
 * even when only one of them advertises: a killed keepalived leaves the address behind.
 */
export class Holding {
  readonly #router: VirtualRouter;
  readonly #claims = new Map<string, Claim[]>();
  #open: Open | null = null;
  #staleChecked = true;

  constructor(router: VirtualRouter) {
    this.#router = router;
  }

  /** Takes a claim of `address`, one of the virtual router's. */
  claim(address: string, mac: number, kind: number, asker: number, atUs: number): void {
    const router = this.#router;
    const claim = { mac, atUs, isReply: kind === CLAIM.reply, asker };
    const claims = this.#claims.get(address) ?? [];
    this.#claims.set(address, claims);
    this.#staleChecked = false;
    if (!this.#areTwoHosts(mac, this.#router.master?.mac ?? -1)) this.#router.findings.remove('stale-arp');
    this.#noteHolder(claim);
    const rival = claims.findLast((earlier) => this.#areTwoHosts(earlier.mac, mac));
    if (rival !== undefined && atUs - rival.atUs <= MEMORY_US && this.#proves(claims, rival, claim)) {
      const { conflict } = router;
      if (conflict?.isProven) conflict.evidence.add('arp');
      else if (this.#open === null && router.history.openSplitBrain === null) this.#prove(address, rival, claim);
    }
    claims.push(claim);
    if (claims.length > CLAIMS) claims.shift();
  }

  /** Judges what needs a look some time later: a node that let go, a last word that was the wrong one's. */
  settle(atUs: number): void {
    if (this.#open === null && this.#staleChecked) return;
    const { master } = this.#router;
    if (this.#open !== null) {
      const { splitBrain, mac, lastUs } = this.#open;
      const isProvenByAdverts = this.#router.conflict?.isProven === true;
      if (hasReleased(this.#open, atUs) || master === null || master.mac === mac || isProvenByAdverts) {
        this.#open = null;
        this.#router.closeSplit(splitBrain, lastUs, atUs);
      }
    }
    if (!this.#staleChecked) this.checkStale(atUs, GARP_REPEAT_US);
  }

  /** Reports `stale-arp` when the last claim of an address came from a node that is no longer master. */
  checkStale(atUs: number, patienceUs: number): void {
    const router = this.#router;
    const { master } = router;
    if (master === null || router.state !== 'ok' || atUs - this.#settledSinceUs() < patienceUs) return;
    this.#staleChecked = true;
    const held = new Set(master.addresses);
    for (const [address, claims] of this.#claims) {
      const last = claims.at(-1);
      if (!held.has(address) || last === undefined || !this.#areTwoHosts(last.mac, master.mac)) continue;
      const holder = router.advertisers.find((advertiser) => advertiser.mac === last.mac);
      if (holder === undefined || holder.source === master.source || last.atUs < holder.firstUs) continue;
      const { command } = announceRemedy(master.source, address, router.family);
      router.findings.add(
        'stale-arp',
        'warning',
        atUs,
        `the last to announce ${address} was ${holder.source} (${formatMac(last.mac)}), which is not master any more: neighbours and switches may still send there; vrrp_garp_master_refresh 60 in keepalived.conf prevents it, and this repairs it on ${master.source}: \`${command}\``,
      );
    }
  }

  /** Call when nobody is heard: who announces the addresses then may not be heard either. */
  fallSilent(atUs: number): void {
    this.settle(atUs);
    this.#claims.clear();
    this.#staleChecked = true;
  }

  shift(byUs: number): void {
    for (const [address, claims] of this.#claims) {
      this.#claims.set(
        address,
        claims.map((claim) => ({ ...claim, atUs: claim.atUs + byUs })),
      );
    }
    if (this.#open !== null) {
      this.#open.lastUs += byUs;
      this.#open.outspokenUs = null;
    }
  }

  /** When the present master's turn began; before that, claims of others are in order. */
  #settledSinceUs(): number {
    const router = this.#router;
    return Math.max(router.stateSinceUs, router.movedUs, router.master?.turnStartUs ?? 0);
  }

  /** Whom nobody asks has no reason to answer: only an answer of another that it leaves alone tells. */
  #noteHolder({ mac, atUs, isReply }: Claim): void {
    const open = this.#open;
    if (open === null) return;
    if (mac === open.mac) {
      // As master it claims by right.
      if (mac === this.#router.master?.mac) return;
      open.lastUs = atUs;
      open.outspokenUs = null;
    } else if (isReply && atUs - open.lastUs > SAME_REQUEST_US) open.outspokenUs ??= atUs;
  }

  #proves(claims: readonly Claim[], rival: Claim, claim: Claim): boolean {
    const { conflict, master, segment } = this.#router;
    if (master === null) return false;
    // Of two virtual routers with one address, both masters claim it; that is told as what it is.
    if ([rival.mac, claim.mac].some((mac) => segment.isOfOtherVrid(this.#router, mac))) return false;
    // Around a handover, and while a second claimant learns that it must yield, both may answer for a moment.
    const settledUs = conflict?.runStartUs ?? this.#settledSinceUs();
    const sinceUs = settledUs + (this.#mustYield(rival, claim, master) ? Math.max(master.paceUs, YIELDING_US) : 0);
    if (conflict?.isProven) return claims.some(({ mac, atUs }) => mac === claim.mac && atUs < rival.atUs);
    if (rival.atUs < sinceUs) return false;
    const isSameRequest = rival.isReply && claim.isReply && rival.asker === claim.asker;
    if (isSameRequest && claim.atUs - rival.atUs <= SAME_REQUEST_US) return true;
    return claims.some(({ mac, atUs }) => mac === claim.mac && atUs < rival.atUs && atUs >= sinceUs);
  }

  /** A node of higher rank than the master has nothing to yield to: it is thought dead, or would be master. */
  #mustYield(rival: Claim, claim: Claim, master: Advertiser): boolean {
    const { conflict, advertisers } = this.#router;
    const other = advertisers.find(({ mac }) => mac !== master.mac && (mac === rival.mac || mac === claim.mac));
    return conflict !== null || other === undefined || !other.outranks(master);
  }

  #areTwoHosts(a: number, b: number): boolean {
    if (a === b || a < 0 || b < 0) return false;
    const { master, advertisers } = this.#router;
    // The virtual router's own hardware address goes with whoever is master, and with it that of the other family.
    if (isVirtualMac(a) && isVirtualMac(b)) return false;
    if (isVirtualMac(a) || isVirtualMac(b)) {
      const real = isVirtualMac(a) ? b : a;
      return advertisers.some((advertiser) => advertiser.mac === real && advertiser.source !== master?.source);
    }
    return !advertisers.some((advertiser) => {
      const macs = [advertiser.mac, ...advertiser.otherMacs];
      return macs.includes(a) && macs.includes(b);
    });
  }

  #prove(address: string, rival: Claim, claim: Claim): void {
    const router = this.#router;
    const { master } = router;
    if (master === null) return;
    const other = this.#areTwoHosts(rival.mac, master.mac) ? rival : claim;
    const stranger = router.advertisers.find(({ mac }) => mac === other.mac);
    const name = stranger === undefined ? (formatMac(other.mac) ?? '') : nameOf(stranger, master);
    const splitBrain = new SplitBrain(() => ({
      startUs: Math.min(rival.atUs, other.atUs),
      confirmedUs: claim.atUs,
      endUs: null,
      claimants: [master.source, name],
      winner: master.source,
      deaf: [name],
      evidence: ['arp'],
      cause: heldCause(router, master, name, stranger ?? null, address),
    }));
    this.#open = { splitBrain, mac: other.mac, lastUs: claim.atUs, outspokenUs: null };
    router.openSplit(splitBrain, claim.atUs);
  }
}

function hasReleased({ lastUs, outspokenUs }: Open, atUs: number): boolean {
  const silentUs = atUs - lastUs;
  if (silentUs > MEMORY_US) return true;
  return silentUs > RELEASED_US && outspokenUs !== null && atUs - outspokenUs > SAME_REQUEST_US;
}

function heldCause(
  router: VirtualRouter,
  master: Advertiser,
  name: string,
  stranger: Advertiser | null,
  address: string,
): Cause {
  const history =
    stranger === null
      ? 'it was never heard to advertise'
      : stranger.resignedUs === null
        ? 'it fell silent without resigning, as when keepalived is killed and leaves the address behind, or its advertisements no longer get here'
        : 'it resigned and kept the address';
  return {
    code: 'filtered',
    confidence: 'possible',
    summary: `${name} answers for ${address} beside the master ${master.source}; ${history}`,
    differs: null,
    remedies: [
      {
        on: name,
        why: 'see whether keepalived runs, and whether the address is there',
        command: `systemctl status keepalived; ip -br addr | grep -wF ${address}`,
      },
      {
        on: name,
        why: 'a restart removes what a killed keepalived left behind and listens anew',
        command: 'systemctl restart keepalived',
      },
      announceRemedy(master.source, address, router.family),
      ...(stranger === null
        ? [
            {
              on: name,
              why: 'no keepalived there: find out who gave it this address, and take it away (ip addr del)',
              command: `ip -o addr show to ${address}`,
            },
          ]
        : []),
    ],
  };
}
