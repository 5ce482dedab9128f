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
  /** The one that came to the address when the other had it for longer than anybody waits for a master; else null. */
  readonly #newcomer: VirtualRouter | null;
  #splitBrain: SplitBrain | null = null;
  /** Under which the split brain is told. */
  #winner: VirtualRouter | null = null;
  #closedUs = Number.NEGATIVE_INFINITY;

  /** @param sender of `a`, whose advertisement has the address that those of `b` had before */
  constructor(a: VirtualRouter, b: VirtualRouter, address: string, sender: Advertiser) {
    this.#a = a;
    this.#b = b;
    this.#address = address;
    const before = this.#membersOf(b);
    const waitUs = Math.max(...[sender, ...before].map(({ version, paceUs }) => silenceUs(version, paceUs)));
    const sinceUs = Math.min(...before.map(({ firstUs }) => firstUs));
    this.#newcomer = sender.lastUs - sinceUs > waitUs ? a : null;
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
    if (this.#a.state === 'silent') this.#a.giveUp(atUs);
    if (this.#b.state === 'silent') this.#b.giveUp(atUs);
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
    const suspect = this.#suspect();
    const isOfB = suspect === null ? b.outranks(a) : suspect === this.#a;
    const [winner, loser] = isOfB ? [this.#b, this.#a] : [this.#a, this.#b];
    const [kept, wrong] = isOfB ? [b, a] : [a, b];
    const cause: Cause = {
      code: 'two-vrids-one-address',
      confidence: 'certain',
      summary: `${summary}; ${this.#suspicion(suspect)}`,
      differs: { field: 'vrid', values: { [kept.source]: winner.vrid, [wrong.source]: loser.vrid } },
      remedies: [
        editRemedy(wrong.source, `${renumbering(loser, winner)}, if they all belong to one cluster`),
        ...(suspect === null
          ? [editRemedy(kept.source, `or ${renumbering(winner, loser)}, if ${loser.vrid} is the right one`)]
          : []),
      ],
    };
    const startUs = Math.max(sinceUs(kept), sinceUs(wrong), this.#closedUs);
    this.#winner = winner;
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
    winner.alarm.raise(this.#splitBrain, atUs);
  }

  /** Whose VRID is likely the mistyped one; null when the two look alike, or when one speaks for this and one for that. */
  #suspect(): VirtualRouter | null {
    const difference = this.#membersOf(this.#a).length - this.#membersOf(this.#b).length;
    const smaller = difference === 0 ? null : difference < 0 ? this.#a : this.#b;
    const newcomer = this.#newcomer;
    if (smaller === null || newcomer === null) return smaller ?? newcomer;
    return smaller === newcomer ? newcomer : null;
  }

  #suspicion(suspect: VirtualRouter | null): string {
    if (suspect === null) return 'which of the two is the wrong one cannot be seen';
    const other = this.otherThan(suspect);
    const [few, many] = [this.#membersOf(suspect).length, this.#membersOf(other).length];
    const why = [
      ...(suspect === this.#newcomer ? ['it came later'] : []),
      ...(few < many ? [`it has fewer members (${few}, vrid ${other.vrid} has ${many})`] : []),
    ];
    return `likely vrid ${suspect.vrid} is the wrong one: ${why.join(', and ')}`;
  }

  /** Who was heard to have the address, whoever has gone over to the other virtual router since left out. */
  #membersOf(router: VirtualRouter): Advertiser[] {
    const { advertisers: others } = this.otherThan(router);
    return router.advertisers.filter(
      ({ addresses, source, lastUs }) =>
        addresses.includes(this.#address) && !others.some((other) => other.source === source && other.lastUs > lastUs),
    );
  }

  #close(atUs: number): void {
    if (this.#splitBrain === null) return;
    this.#winner?.alarm.end(this.#splitBrain, atUs, atUs);
    this.#splitBrain = null;
    this.#closedUs = atUs;
  }
}

/** Of all its nodes: the next of its members would take the address otherwise. */
function renumbering(from: VirtualRouter, to: VirtualRouter): string {
  return `set virtual_router_id ${to.vrid} on every node that has ${from.vrid}`;
}

/** When it began to hold the address: it may have got it by a reload in the middle of its turn. */
function sinceUs({ turnStartUs, settingsChangedUs }: Advertiser): number {
  return Math.max(turnStartUs, settingsChangedUs);
}

/** True when each was heard after the other had begun; who fell silent before that may have left. */
function areHeardTogether(a: Advertiser | null, b: Advertiser | null): boolean {
  return a !== null && b !== null && a.lastClaimUs > sinceUs(b) && b.lastClaimUs > sinceUs(a);
}
