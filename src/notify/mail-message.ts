import { hostname } from 'node:os';
import type { RouterIdentity, WatchEvent } from '../analyzer/event.ts';
import type { Report, SplitBrainReport, VirtualRouterReport } from '../analyzer/report.ts';
import { rankedName } from '../output/advertiser-name.ts';
import { printable } from '../output/escape.ts';
import { lastingText, listed } from '../output/headline.ts';
import { reportText } from '../output/report.ts';
import { routerName } from '../output/router-name.ts';
import { formatDuration, isoTime } from '../output/time.ts';

/** A mail by nodemailer's names. */
export interface Mail {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: { readonly name: string; readonly address: string }[];
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly references?: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Correspondents {
  readonly from: string;
  readonly to: readonly string[];
}

export type SplitBrainEvent = Extract<WatchEvent, { splitBrain: SplitBrainReport }>;

/** What happened to one virtual router since the last digest. */
export interface DigestEntry {
  readonly router: RouterIdentity;
  began: number;
  ended: number;
  last: SplitBrainEvent;
}

/** As mail programs show it; also what a terminal of 80 columns shows with a quote mark before it. */
const WIDTH = 76;

/** Virtual routers told of in one digest. */
const DIGEST_MAX = 50;

/** Where mails are written from. */
const HOST = printable(hostname(), true);

/** @param isFlapping true when a digest follows in place of more mails */
export function startMail(who: Correspondents, event: SplitBrainEvent, report: Report, isFlapping: boolean): Mail {
  const splitBrain = currentOf(event, report);
  const { claimants, deaf, cause } = splitBrain;
  const names = [...new Set(claimants)];
  const subject = `SPLIT BRAIN ${routerName(event.router)}: ${listed(names)} are master, ${listed(deaf)} deaf (${cause.code})`;
  const lines = [
    `${names.length < 2 ? 'Two nodes with one address' : 'Several nodes'} are master of virtual router ${event.router.vrid} at the same time.`,
    '',
    ...facts(event.router, splitBrain, report),
    ...(isFlapping ? ['', 'It comes and goes. Until it stops, a digest follows in place of a mail each time.'] : []),
  ];
  return mailOf(who, subject, lines, report, { messageId: threadOf(event) });
}

/** Follows a start mail whose words do not hold any longer. */
export function correctionMail(who: Correspondents, event: SplitBrainEvent, report: Report): Mail {
  const splitBrain = currentOf(event, report);
  const { winner, deaf, cause } = splitBrain;
  const subject = `SPLIT BRAIN correction ${routerName(event.router)}: ${listed(deaf)} deaf, ${winner} rightful (${cause.code})`;
  const lines = [
    `The split brain of virtual router ${event.router.vrid} goes on; what the mail before said of it has changed.`,
    '',
    ...facts(event.router, splitBrain, report),
  ];
  const messageId = `<correction-${event.atUs}-${threadOf(event).slice(1)}`;
  return mailOf(who, subject, lines, report, { messageId, references: threadOf(event) });
}

export function endMail(who: Correspondents, event: SplitBrainEvent, report: Report): Mail {
  const { splitBrain, router } = event;
  const { endUs, winner } = splitBrain;
  const duration = lastingText(splitBrain, endUs ?? event.atUs);
  const subject = `split brain ended ${routerName(router)}: over after ${duration}, ${winner} had to win`;
  const lines = [`The split brain of virtual router ${router.vrid} is over.`, '', ...facts(router, splitBrain, report)];
  const messageId = `<end-${threadOf(event).slice(1)}`;
  return mailOf(who, subject, lines, report, { messageId, references: threadOf(event) });
}

export function digestMail(who: Correspondents, entries: readonly DigestEntry[], report: Report, overUs: number): Mail {
  const began = entries.reduce((sum, entry) => sum + entry.began, 0);
  const [first] = entries;
  const where = entries.length === 1 && first ? routerName(first.router) : `${entries.length} virtual routers`;
  const subject = `SPLIT BRAIN digest ${where}: ${began} in the last ${formatDuration(overUs)}`;
  const lines = entries.slice(0, DIGEST_MAX).flatMap(({ router, began: times, ended, last }) => {
    const state = last.event === 'split-brain-confirmed' ? 'going on' : 'over';
    const { cause, deaf } = last.splitBrain;
    return [
      `${routerName(router)}: began ${times} times, ended ${ended} times, now ${state}`,
      `  ${listed(deaf)} deaf, ${cause.code} (${cause.confidence})`,
    ];
  });
  if (entries.length > DIGEST_MAX) lines.push(`and ${entries.length - DIGEST_MAX} more`);
  return mailOf(who, subject, lines, report, { messageId: `<digest-${Date.now()}-${process.pid}@${HOST}>` });
}

function facts(router: RouterIdentity, splitBrain: SplitBrainReport, report: Report): string[] {
  const { startUs, endUs, isAtLeast, claimants, winner, deaf, cause } = splitBrain;
  const [remedy] = cause.remedies;
  const advertisers = routerOf(router, report)?.advertisers ?? [];
  const masters = [...new Set(claimants)].map((name) => rankedName(name, advertisers));
  const rows: (readonly [string, string])[] = [
    ['host', HOST],
    ['interface', router.interface ?? router.capture],
    [
      'vrid',
      `${router.vrid}${router.vlan === null ? '' : `, VLAN ${router.vlan}`}${router.family === 6 ? ', IPv6' : ''}`,
    ],
    ['addresses', router.addresses.join(' ')],
    ['began', isoTime(startUs)],
    ...(endUs === null ? [] : [[isAtLeast ? 'last seen' : 'ended', isoTime(endUs)] as const]),
    ['masters', listed(masters)],
    ['deaf', `${listed(deaf)} should yield to ${winner}`],
    ['cause', `${cause.code} (${cause.confidence}): ${cause.summary}`],
    ...(remedy === undefined ? [] : [['repair', `on ${remedy.on}: ${remedy.command}`] as const]),
  ];
  return rows.map(([name, text]) => `${name.padEnd(11)}${text}`);
}

/** The split brain as it is known by now: packets after its start may have told the cause. */
function currentOf({ router, splitBrain }: SplitBrainEvent, report: Report): SplitBrainReport {
  const splitBrains = routerOf(router, report)?.splitBrains ?? [];
  return splitBrains.find(({ startUs }) => startUs === splitBrain.startUs) ?? splitBrain;
}

function routerOf(router: RouterIdentity, report: Report): VirtualRouterReport | undefined {
  return report.virtualRouters.find((each) => each.key === router.key);
}

/** The same for start and end, so that mail programs show them together. */
function threadOf({ router, splitBrain }: SplitBrainEvent): string {
  return `<${splitBrain.startUs}.${router.vrid}.${router.family}.${router.vlan ?? 0}.${process.pid}@${HOST}>`;
}

function mailOf(
  { from, to }: Correspondents,
  subject: string,
  lines: readonly string[],
  report: Report,
  thread: { readonly messageId: string; readonly references?: string },
): Mail {
  const whole = reportText(withoutPasswords(report), { color: false, ascii: false, width: WIDTH, vrids: false });
  return {
    from: { name: 'vrrpwatch', address: from },
    to: to.map((address) => ({ name: '', address })),
    // No line break gets through `printable`, so nothing can become a header of its own.
    subject: `[${HOST}] ${printable(subject)}`,
    text: `${lines.map((line) => printable(line)).join('\n')}\n\n${whole}\n`,
    ...thread,
    // No vacation notice shall answer (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

/** Even where the terminal may show them: a mail passes many hands. */
function withoutPasswords(report: Report): Report {
  const virtualRouters = report.virtualRouters.map((router) => ({
    ...router,
    advertisers: router.advertisers.map((advertiser) => ({ ...advertiser, password: null })),
  }));
  return { ...report, virtualRouters };
}
