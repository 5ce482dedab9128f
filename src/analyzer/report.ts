/**
 * What the analyzer says, as plain data. Every output is made from this: the JSON document, the report, the check line, the
 * dashboard and the metrics.
 *
 * Times are microseconds since the Unix epoch and durations are microseconds. `output/json.ts` writes them as ISO 8601 and
 * seconds under names without the unit (`startUs` is `startAt`, `gapUs` is `gap`), and leaves out what only other outputs
 * need: `key`, `lane` and `claiming`. What is absent is null.
 */

/**
 * Over all captures. `split-brain`: at any time, also when it is over. `unknown`: nothing was heard, or not everything could
 * be. `warning` is all else that asks for attention, with exit status 2 where that is critical.
 */
export type Verdict = 'ok' | 'warning' | 'split-brain' | 'unknown';

/**
 * `handover`: the master has resigned and its successor is not heard yet, or masters under other VRIDs have its addresses.
 * `contested`: a second node advertises, and that is no proof of split brain yet. `silent`: nobody is heard, and a backup would
 * be master by now.
 */
export type RouterState = 'ok' | 'handover' | 'contested' | 'split-brain' | 'silent';

/** Why nobody yields: the first setting in which two masters differ, else the path between them. */
export type CauseCode =
  /** None of the others: advertisements do not arrive, or are dropped where they arrive. */
  | 'filtered'
  | 'auth-mismatch'
  /** VRRPv2 alone discards over it. */
  | 'interval-mismatch'
  | 'version-mismatch'
  /** Lists of addresses that overlap. */
  | 'address-mismatch'
  /** Lists without a common address: two clusters use one VRID. */
  | 'vrid-collision'
  /** Wrong, or with the pseudo header on one side only. */
  | 'checksum-mismatch'
  /** Multicast with a TTL other than 255. */
  | 'ttl'
  /** One sends by unicast and the other by multicast, or to another group. */
  | 'unicast-mismatch'
  /** keepalived's HMAC trailer on one side only, or made with different keys. */
  | 'hmac-mismatch'
  /** The claimants are masters of different VRIDs. */
  | 'two-vrids-one-address'
  /** By several captures: it arrived at the node, which dropped it. */
  | 'host-firewall'
  /** By several captures: it was lost between them. */
  | 'network';

/** What asks for attention, or explains something, without being a split brain. */
export type FindingCode =
  /** The last to announce an address is not master any more, or somebody unheard announced it beside the master. */
  | 'stale-arp'
  | 'flapping'
  | 'late-adverts'
  /** Members differ in a setting, and one of them keeps quiet: the next failover may split over it. */
  | 'config-mismatch'
  | 'two-vrids-one-address'
  | 'malformed-advert'
  | 'bad-checksum'
  | 'unsafe-ttl'
  /** One source address with two hardware addresses at once. */
  | 'duplicate-source'
  /** A source that `--expect` does not name. */
  | 'unexpected-advertiser'
  /** A master that came back after a gap without having resigned. */
  | 'paused-master'
  /** CARP, which shares VRRP's protocol number. */
  | 'not-vrrp'
  | 'capture-truncated'
  | 'clock-went-back'
  /** More senders or virtual routers than are kept. */
  | 'tracking-limit';

/** `info` does not change the verdict; `critical` makes the exit status 2. */
export type Severity = 'info' | 'warning' | 'critical';

/**
 * What proves that two nodes were master at once. `adverts`: both advertised. `arp`: both answered for an address.
 * `mismatch`: both claim to be master, and their settings make them reject each other, so that silence is no yielding.
 */
export type Evidence = 'adverts' | 'arp' | 'mismatch';

/** `certain`: the packets show it. `likely`: reactions or settings point to it. `possible`: nothing but the overlap is seen. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** `ah` and `hmac` by what follows or surrounds the advertisement, else its field; `#5` is a number without a name. */
export type AuthType = 'none' | 'simple' | 'ah' | 'hmac' | `#${number}`;

/**
 * `resigned`: the old master sent priority 0. `timed-out`: it fell silent. `preempted`: the new one outranks it. `early`:
 * the new one neither outranks it nor waited as long as the RFC's timers ask, as with keepalived's `down_timer_adverts 2`.
 */
export type TakeoverKind = 'resigned' | 'timed-out' | 'preempted' | 'early';

/** One thing that was found, however often it was seen. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One sentence, safe to print; a command in it stands between backquotes. */
  readonly summary: string;
  /** When it was seen first, or became as severe as it is; null for a capture without a packet. */
  readonly atUs: number | null;
  /** How often it was seen. */
  readonly count: number;
}

/** A step of a repair. */
export interface Remedy {
  /** Address of the node to type the command on, or a word such as `switch`. */
  readonly on: string;
  readonly why: string;
  readonly command: string;
}

/** The setting that two nodes do not share. */
export interface Difference {
  /** Its name, that of the JSON document where it has one: `interval`, `addresses`; else `ttl`, `checksum` and the like. */
  readonly field: string;
  /** By source address, with the hardware address behind it where two nodes share one. Passwords are never among them: equal or not is all that is said. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** Why two nodes are master at once, and how to repair it. */
export interface Cause {
  readonly code: CauseCode;
  readonly confidence: Confidence;
  readonly summary: string;
  /** Null where nothing visible differs. */
  readonly differs: Difference | null;
  /** The most promising first. */
  readonly remedies: readonly Remedy[];
}

/** Two nodes or more that were proven to be master at once. */
export interface SplitBrainReport {
  readonly startUs: number;
  /** When it was proven. */
  readonly confirmedUs: number;
  /** Null while it goes on. */
  readonly endUs: number | null;
  /** It was over at an unknown time after `endUs`, when its last sign was seen. */
  readonly isAtLeast: boolean;
  /** The winner first. While it goes on, those who claim; once it is over, all who did. */
  readonly claimants: readonly string[];
  /** Who keeps the addresses by the rules of the election. */
  readonly winner: string;
  /** Who should yield and does not. */
  readonly deaf: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly cause: Cause;
}

/** A split brain as it is while it goes on. */
export type SplitBrainCourse = Omit<SplitBrainReport, 'endUs' | 'isAtLeast'>;

/** A lower-ranked node advertised beside a master on the air, and yielded before that proved split brain. */
export interface ContentionReport {
  readonly atUs: number;
  readonly claimants: readonly string[];
  readonly winner: string;
}

/** The addresses went from one master to the next. */
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
  /** It yielded to another while a split brain went on among others. */
  yielded: 16,
} as const;

/** One sender of a virtual router's advertisements, as its latest one shows it. */
export interface AdvertiserReport {
  readonly source: string;
  /** Null on links without hardware addresses. */
  readonly mac: string | null;
  readonly version: number;
  /** 0 after it has resigned. */
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
  /** Multicast group that it sends to, null for unicast. */
  readonly group: string | null;
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

/** One virtual router of one capture: a VRID of a family, on an interface and VLAN, in one cluster. */
export interface VirtualRouterReport {
  /** As in `RouterIdentity`. */
  readonly key: string;
  /** Name of the capture that it was heard in; empty for one that is expected and was never heard. */
  readonly capture: string;
  /** Null where the capture does not name it. */
  readonly interface: string | null;
  /** A text for stacked tags, outermost first: `100.200`. */
  readonly vlan: number | string | null;
  readonly family: 4 | 6;
  readonly vrid: number;
  /** At the time of the report. */
  readonly state: RouterState;
  /** Null for one that is expected and was never heard. */
  readonly stateSinceUs: number | null;
  readonly addresses: readonly string[];
  /** The legitimate one while several claim it; null while silent and in a handover. */
  readonly master: string | null;
  readonly advertisers: readonly AdvertiserReport[];
  readonly splitBrains: readonly SplitBrainReport[];
  /** Those that were not proven; one that goes on is the state `contested`. */
  readonly contentions: readonly ContentionReport[];
  readonly takeovers: readonly TakeoverReport[];
  readonly findings: readonly Finding[];
}

/** One file or interface. */
export interface CaptureReport {
  /** As the user named it. */
  readonly name: string;
  /** `pcap`, `pcapng`, each with `.gz` where it is compressed, or `live`. */
  readonly format: string;
  /** Name without `LINKTYPE_`; several with commas between. Null before a capture has started. */
  readonly linkType: string | null;
  readonly packets: number;
  /** Copies included. */
  readonly adverts: number;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  /** It does not tell everything: damaged, cut short, lost at the moment, or without the time of some packets. */
  readonly truncated: boolean;
  /** Frames that the capture lost, null where it does not say. */
  readonly dropped: number | null;
}

/** Everything that is said about what was watched. */
export interface Report {
  readonly verdict: Verdict;
  /** 0 to 3, see the contract of exit statuses in the README. */
  readonly exitStatus: number;
  readonly captures: readonly CaptureReport[];
  readonly virtualRouters: readonly VirtualRouterReport[];
  readonly findings: readonly Finding[];
}
