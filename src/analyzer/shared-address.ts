import type { Advertiser } from './advertiser.ts';
import { editRemedy } from './remedies.ts';
import type { Cause } from './report.ts';
import { SplitBrain } from './split-brain.ts';
import { freshUs, silenceUs } from './timers.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** One address under two VRIDs: no election is held between them, so their masters hold it both. */
export class SharedAddress {
  readonly #a: VirtualRouter;
  readonly #b: VirtualRouter;
  readonly #address: string;
  #splitBrain: SplitBrain | null = null;
  #loser: VirtualRouter | null = null;
  #closedUs = Number.NEGATIVE_INFINITY;

  constructor(a: VirtualRouter, b: VirtualRouter, address: string) {
    this.#a = a;
    this.#b = b;
    this.#address = address;
  }

  joins(a: VirtualRouter, b: VirtualRouter): boolean {
    return (a === this.#a && b === this.#b) || (a === this.#b && b === this.#a);
  }

  otherThan(router: VirtualRouter): VirtualRouter {
    return router === this.#a ? this.#b : this.#a;
  }

  /** Called for both routers, after the clock of the capture stepped; the times are moved with those of the first. */
  shift(router: VirtualRouter, byUs: number): void {
    if (router === this.#a) this.#closedUs += byUs;
  }

  /** Looks at both masters, after either of them advertised. */
  check(atUs: number): void {
    const [a, b] = [this.#a.master, this.#b.master];
    const areLive =
      a !== null &&
      b !== null &&
      [a, b].every(
        (master) => master.adverts >= 2 && master.addresses.includes(this.#address) && this.#isAlive(master, atUs),
      );
    if (areLive && this.#splitBrain === null && areHeardTogether(a, b)) this.#open(atUs);
    else if (!areLive && this.#splitBrain !== null) this.#close(atUs);
  }

  /** To begin with, both must be heard at once; from then on, a lost advertisement or a deaf capture ends nothing. */
  #isAlive(master: Advertiser, atUs: number): boolean {
    if (this.#splitBrain === null) return atUs - master.lastClaimUs <= freshUs(master.paceUs);
    const heardUs = Math.max(master.lastClaimUs, this.#a.segment.deafUntilUs);
    return atUs - heardUs <= silenceUs(master.version, master.paceUs);
  }

  #open(atUs: number): void {
    const [a, b] = [this.#a.master, this.#b.master];
    if (a === null || b === null) return;
    const summary = `${this.#address} is announced under vrid ${this.#a.vrid} and vrid ${this.#b.vrid}; a mistyped virtual_router_id, no election is held between them`;
    for (const router of [this.#a, this.#b]) router.findings.add('two-vrids-one-address', 'warning', atUs, summary);
    if (a.source === b.source) return;
    const [winner, loser] = a.outranks(b) ? [this.#a, this.#b] : [this.#b, this.#a];
    const [kept, wrong] = a.outranks(b) ? [a, b] : [b, a];
    const cause: Cause = {
      code: 'two-vrids-one-address',
      confidence: 'certain',
      summary,
      differs: { field: 'vrid', values: { [kept.source]: winner.vrid, [wrong.source]: loser.vrid } },
      remedies: [editRemedy(wrong.source, `set virtual_router_id ${winner.vrid}, if both nodes belong to one cluster`)],
    };
    const startUs = Math.max(sinceUs(kept), sinceUs(wrong), this.#closedUs);
    this.#loser = loser;
    this.#splitBrain = new SplitBrain(() => ({
      startUs,
      confirmedUs: atUs,
      endUs: null,
      claimants: [kept.source, wrong.source],
      winner: kept.source,
      deaf: [wrong.source],
      evidence: ['adverts'],
      cause,
    }));
    loser.openSplit(this.#splitBrain, atUs);
  }

  #close(atUs: number): void {
    if (this.#splitBrain === null) return;
    this.#loser?.closeSplit(this.#splitBrain, atUs, atUs);
    this.#splitBrain = null;
    this.#closedUs = atUs;
  }
}

/** When it began to hold the address: it may have got it by a reload in the middle of its turn. */
function sinceUs({ turnStartUs, settingsChangedUs }: Advertiser): number {
  return Math.max(turnStartUs, settingsChangedUs);
}

/** True when each was heard after the other had begun; who fell silent before that may have left. */
function areHeardTogether(a: Advertiser | null, b: Advertiser | null): boolean {
  return a !== null && b !== null && a.lastClaimUs > sinceUs(b) && b.lastClaimUs > sinceUs(a);
}
