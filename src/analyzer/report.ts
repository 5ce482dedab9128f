/**
 * What the analyzer says, as plain data. Every output shows this: the JSON document is these fields by these names,
 * the report, the check line, the dashboard and the metrics are made from them.
 *
 * Times are microseconds since the Unix epoch and durations are microseconds; `output/json.ts` writes them as ISO 8601
 * and seconds. What is absent is null.
 */

export type Verdict = 'ok' | 'warning' | 'split-brain' | 'unknown';

export type RouterState = 'ok' | 'handover' | 'contested' | 'split-brain' | 'silent';

export type CauseCode =
  | 'filtered'
  | 'auth-mismatch'
  | 'interval-mismatch'
  | 'version-mismatch'
  | 'address-mismatch'
  | 'vrid-collision'
  | 'checksum-mismatch'
  | 'ttl'
  | 'unicast-mismatch'
  | 'hmac-mismatch'
  | 'two-vrids-one-address'
  | 'host-firewall'
  | 'network';

export type FindingCode =
  | 'stale-arp'
  | 'flapping'
  | 'late-adverts'
  | 'config-mismatch'
  | 'two-vrids-one-address'
  | 'malformed-advert'
  | 'bad-checksum'
  | 'unsafe-ttl'
  | 'duplicate-source'
  | 'unexpected-advertiser'
  | 'paused-master'
  | 'not-vrrp'
  | 'capture-truncated'
  | 'clock-went-back'
  | 'tracking-limit';

/** `info` does not change the verdict. */
export type Severity = 'info' | 'warning' | 'critical';

/** Proof that two nodes held the address at once: both advertised, both answered for it, or their settings exclude each other. */
export type Evidence = 'adverts' | 'arp' | 'mismatch';

export type Confidence = 'certain' | 'likely' | 'possible';

export type AuthType = 'none' | 'simple' | 'ah' | 'hmac' | `#${number}`;

export type TakeoverKind = 'resigned' | 'timed-out' | 'preempted' | 'early';

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One sentence, safe to print; a command in it stands between backquotes. */
  readonly summary: string;
  /** When it was seen first. */
  readonly atUs: number | null;
  readonly count: number;
}

export interface Remedy {
  /** Address of the node to type the command on, or a word such as `switch`. */
  readonly on: string;
  readonly why: string;
  readonly command: string;
}

export interface Difference {
  readonly field: string;
  /** By source address, with the hardware address behind it where two nodes share one. Passwords are never among them: equal or not is all that is said. */
  readonly values: Readonly<Record<string, string | number>>;
}

export interface Cause {
  readonly code: CauseCode;
  readonly confidence: Confidence;
  readonly summary: string;
  readonly differs: Difference | null;
  readonly remedies: readonly Remedy[];
}

export interface SplitBrainReport {
  readonly startUs: number;
  readonly confirmedUs: number;
  /** Null while it goes on. */
  readonly endUs: number | null;
  readonly claimants: readonly string[];
  /** Who keeps the addresses by the rules of the election. */
  readonly winner: string;
  /** Who should yield and does not. */
  readonly deaf: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly cause: Cause;
}

/** A lower-ranked node advertised beside a master on the air, and yielded before that proved split brain. */
export interface ContentionReport {
  readonly atUs: number;
  readonly claimants: readonly string[];
  readonly winner: string;
}

export interface TakeoverReport {
  readonly atUs: number;
  readonly from: string;
  readonly to: string;
  readonly kind: TakeoverKind;
  /** From the last advertisement (or the resignation) of `from` to the first of `to`. */
  readonly gapUs: number;
  /**
   * What the RFC's timers give for `to`; null for a preemption, for one that was master beside `from` before, and when
   * part of the gap could not be heard.
   */
  readonly expectedGapUs: number | null;
}

/** Activity of one advertiser over time, for the timelines of the report and the dashboard. */
export interface Lane {
  /** Start of the first slot. */
  readonly startUs: number;
  readonly slotUs: number;
  /** One number a slot: a bit set of `LANE`. */
  readonly slots: ArrayLike<number>;
}

export const LANE = {
  /** At least one advertisement. */
  advert: 1,
  /** An advertisement with priority 0. */
  resigned: 2,
  /** Fewer advertisements than the interval promises, in the middle of the advertiser's turn. */
  missed: 4,
  /** An advertisement that another master's rank forbids. */
  violation: 8,
} as const;

export interface AdvertiserReport {
  readonly source: string;
  readonly mac: string | null;
  readonly version: number;
  readonly priority: number;
  /** Every priority seen, in order of appearance, 0 left out. */
  readonly priorities: readonly number[];
  /** Advertised; measured when the field is 0. */
  readonly intervalUs: number;
  readonly authType: AuthType;
  /** VRRPv2's plain-text password, with control bytes escaped; null unless asked for and present. */
  readonly password: string | null;
  readonly addresses: readonly string[];
  readonly unicast: boolean;
  /** Distinct advertisements; copies of one are counted once. */
  readonly adverts: number;
  readonly firstUs: number;
  readonly lastUs: number;
  /** When it last sent priority 0, null if it has advertised since or never did. */
  readonly resignedUs: number | null;
  /** True while it claims to be master: it advertises, or fell silent as a claimant that nobody made yield. */
  readonly claiming: boolean;
  readonly lane: Lane;
}

export interface VirtualRouterReport {
  /** As in `RouterIdentity`. */
  readonly key: string;
  /** Name of the capture that it was heard in. */
  readonly capture: string;
  readonly interface: string | null;
  readonly vlan: number | string | null;
  readonly family: 4 | 6;
  readonly vrid: number;
  /** At the time of the report. */
  readonly state: RouterState;
  /** Null for one that is expected and was never heard. */
  readonly stateSinceUs: number | null;
  readonly addresses: readonly string[];
  /** The legitimate one while several claim it; null while silent. */
  readonly master: string | null;
  readonly advertisers: readonly AdvertiserReport[];
  readonly splitBrains: readonly SplitBrainReport[];
  /** Those that were not proven; one that goes on is the state `contested`. */
  readonly contentions: readonly ContentionReport[];
  readonly takeovers: readonly TakeoverReport[];
  readonly findings: readonly Finding[];
}

export interface CaptureReport {
  readonly name: string;
  readonly format: string;
  readonly linkType: string | null;
  readonly packets: number;
  readonly adverts: number;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  readonly truncated: boolean;
  /** Frames that the capture lost, null where it does not say. */
  readonly dropped: number | null;
}

export interface Report {
  readonly verdict: Verdict;
  /** 0 to 3, see the contract of exit statuses in the README. */
  readonly exitStatus: number;
  readonly captures: readonly CaptureReport[];
  readonly virtualRouters: readonly VirtualRouterReport[];
  readonly findings: readonly Finding[];
}
