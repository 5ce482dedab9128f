import type { Advertiser } from './advertiser.ts';
import { isOneNode, silenceEachOther } from './compatibility.ts';
import { freshUs } from './timers.ts';
import { OVERDUE_INTERVALS } from './yielding.ts';

/** Who was master all the time while another one was, too, unheard until it resigned. */
export interface Beside {
  readonly master: Advertiser;
  /** Since when that one was heard as master without a break. */
  readonly sinceUs: number;
}

/**
 * The master beside whom `sender`, first heard as it resigns, had been master: only a master resigns, and whoever becomes
 * master says so once before those whom it rejects silence it.
 *
 * @param deafUntilUs when the capture last came back from a time that it could not hear
 */
export function masterBeside(
  sender: Advertiser,
  racing: readonly Advertiser[],
  atUs: number,
  deafUntilUs: number,
): Beside | null {
  if (sender.adverts !== 1 || sender.rejectedRun > 0) return null;
  for (const master of racing) {
    if (!isAlive(master, atUs) || master.source === sender.source || isOneNode(master, sender)) continue;
    if (!silenceEachOther(master, sender)) continue;
    const sinceUs = Math.max(master.turnStartUs, master.settingsChangedUs, deafUntilUs);
    // Around a takeover the resignation may have come late: it is told of a master that nobody had replaced yet.
    if (atUs - sinceUs > freshUs(Math.max(master.paceUs, sender.paceUs))) return { master, sinceUs };
  }
  return null;
}

/** It claims, and nothing is missing. */
function isAlive({ claiming, resignedUs, lastClaimUs, paceUs }: Advertiser, atUs: number): boolean {
  return claiming && resignedUs === null && atUs - lastClaimUs <= OVERDUE_INTERVALS * paceUs;
}
