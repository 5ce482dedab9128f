import type { Finding, SplitBrainReport, TakeoverReport } from './report.ts';

/** The virtual router that an event is about. */
export interface RouterIdentity {
  /** Of all that are watched, this one alone: what can be shown of two may be the same. */
  readonly key: string;
  readonly capture: string;
  readonly interface: string | null;
  readonly vlan: number | string | null;
  readonly family: 4 | 6;
  readonly vrid: number;
  readonly addresses: readonly string[];
}

/** What happened to a virtual router, in the past tense, with the data to tell it. Times are packet times. */
export type RouterEvent =
  | { readonly event: 'router-seen'; readonly atUs: number; readonly router: RouterIdentity }
  | {
      readonly event: 'advertiser-seen';
      readonly atUs: number;
      readonly router: RouterIdentity;
      readonly source: string;
      readonly mac: string | null;
      readonly priority: number;
    }
  | {
      readonly event: 'priority-changed';
      readonly atUs: number;
      readonly router: RouterIdentity;
      readonly source: string;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly event: 'takeover';
      readonly atUs: number;
      readonly router: RouterIdentity;
      readonly takeover: TakeoverReport;
      readonly priority: number;
    }
  | {
      readonly event: 'contested';
      readonly atUs: number;
      readonly router: RouterIdentity;
      readonly claimants: readonly string[];
      readonly winner: string;
    }
  | {
      readonly event: 'split-brain-confirmed';
      readonly atUs: number;
      readonly router: RouterIdentity;
      readonly splitBrain: SplitBrainReport;
      /** 0 when the winner was never heard to advertise. */
      readonly winnerPriority: number;
      /** Told before: winner, deaf or cause are others now, or it is not over although that was told. */
      readonly isCorrection: boolean;
    }
  | {
      readonly event: 'split-brain-ended';
      readonly atUs: number;
      readonly router: RouterIdentity;
      readonly splitBrain: SplitBrainReport;
      readonly durationUs: number;
    }
  | {
      readonly event: 'silent';
      readonly atUs: number;
      readonly router: RouterIdentity;
      /** Who was master last. */
      readonly lastMaster: string | null;
      /** Null for one that is expected and was never heard. */
      readonly lastAdvertUs: number | null;
    };

/** A finding about a virtual router, or about the capture as a whole (`router` null). */
export interface FindingEvent {
  readonly event: 'finding';
  readonly atUs: number;
  readonly router: RouterIdentity | null;
  readonly finding: Finding;
}

/** What happened to the capture itself. */
export interface CaptureEvent {
  readonly event: 'capture-started' | 'capture-lost' | 'capture-resumed';
  readonly atUs: number;
  /** Interface or file. */
  readonly interface: string;
  /** Why it was lost, or who captures. */
  readonly detail: string;
}

export type WatchEvent = RouterEvent | FindingEvent | CaptureEvent;
