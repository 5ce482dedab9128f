import type { AdvertiserReport, Finding, Report, SplitBrainReport, VirtualRouterReport } from '../analyzer/report.ts';
import { printable } from './escape.ts';
import { routerNameIn } from './router-name.ts';
import { clockTime, formatDuration } from './time.ts';

/** Virtual routers named in one line; the others are counted. */
const NAMED_MAX = 3;

/** What the verdict rests on, as short statements, the most urgent first; at least one. */
export function statements(report: Report): readonly string[] {
  return named(statementsByUrgency(report));
}

/** `10.9.0.1 and 10.9.0.2 are both master`, in the past tense once it is over. */
export function splitBrainText({ claimants, evidence, endUs }: SplitBrainReport): string {
  const verb = endUs === null ? 'are' : 'were';
  const names = [...new Set(claimants)];
  if (names.length < 2) return `two nodes with the address ${listed(names)} ${verb} master`;
  // Who only answers for the address may be no master of its own making: a killed keepalived leaves it behind.
  const role = evidence.every((each) => each === 'arp') ? 'holding the addresses' : 'master';
  return `${listed(names)} ${verb} ${names.length > 2 ? 'all' : 'both'} ${role}`;
}

/** `41 s`, `at least 8.80 s` where its end is not known. @param endUs of the split brain, or until when it is told */
export function lastingText({ startUs, isAtLeast }: SplitBrainReport, endUs: number): string {
  return `${isAtLeast ? 'at least ' : ''}${formatDuration(Math.max(0, endUs - startUs))}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  const safe = names.map((name) => printable(name));
  return safe.length < 2 ? (safe[0] ?? 'nobody') : `${safe.slice(0, -1).join(', ')} and ${safe.at(-1)}`;
}

/** The split brain that counts: one that goes on, else the last one. */
export function worstSplitBrain(router: VirtualRouterReport): SplitBrainReport | null {
  return router.splitBrains.find(({ endUs }) => endUs === null) ?? router.splitBrains.at(-1) ?? null;
}

/** What it claims with, or claimed with before it resigned. */
export function claimedPriority({ priority, priorities }: AdvertiserReport): number {
  return priority || (priorities.at(-1) ?? 0);
}

/** The fact of a sentence without what follows its semicolon. */
function firstClause(sentence: string): string {
  return sentence.split('; ')[0] ?? sentence;
}

function named(texts: readonly string[]): readonly string[] {
  return texts.length <= NAMED_MAX ? texts : [...texts.slice(0, NAMED_MAX), `${texts.length - NAMED_MAX} more`];
}

/** Those that may hold the addresses now. */
export function mastersOf(router: VirtualRouterReport): number {
  const open = router.splitBrains.find(({ endUs }) => endUs === null);
  if (open !== undefined) return Math.max(2, open.claimants.length);
  if (router.master === null) return 0;
  if (router.state !== 'contested') return 1;
  return Math.max(2, router.advertisers.filter(({ claiming }) => claiming).length);
}

function statementsByUrgency(report: Report): readonly string[] {
  const { virtualRouters: routers } = report;
  switch (report.verdict) {
    case 'split-brain':
      return splitStatements(report);
    case 'warning':
      return uneasyStatements(report);
    case 'unknown':
      return unknownStatements(report);
    case 'ok':
      return routers.map((router) => `${routerNameIn(report, router)} ${masterText(router)}`);
  }
}

function splitStatements(report: Report): readonly string[] {
  const open: string[] = [];
  const over: string[] = [];
  for (const router of report.virtualRouters) {
    const splitBrain = worstSplitBrain(router);
    if (splitBrain === null) continue;
    const { startUs, endUs, cause } = splitBrain;
    const when = endUs === null ? `since ${clockTime(startUs)} UTC` : `for ${lastingText(splitBrain, endUs)}`;
    const text = `${routerNameIn(report, router)}: ${splitBrainText(splitBrain)} ${when} (${cause.code}, ${cause.confidence})`;
    (endUs === null ? open : over).push(text);
  }
  return [...open, ...over];
}

function uneasyStatements(report: Report): readonly string[] {
  const critical: string[] = [];
  const warning: string[] = [];
  const take = (finding: Finding, where: string): void => {
    if (finding.severity === 'info') return;
    const fact = `${finding.code}: ${firstClause(printable(finding.summary))}`;
    const list = finding.severity === 'critical' ? critical : warning;
    // One cause may be noted with both virtual routers that it concerns.
    if (!list.some((other) => other.endsWith(fact))) list.push(where + fact);
  };
  for (const router of report.virtualRouters) {
    const name = routerNameIn(report, router);
    if (router.advertisers.length === 0) critical.push(`${name} is expected and was not heard`);
    else if (router.state === 'silent') (report.exitStatus === 2 ? critical : warning).push(silentText(name, router));
    else if (router.state === 'handover') warning.push(`${name} ${handoverText(report, router)}`);
    else if (router.state === 'contested') warning.push(`${name} is contested by ${listed(claimants(router))}`);
    for (const finding of router.findings) take(finding, `${name} `);
  }
  for (const finding of report.findings) take(finding, '');
  const all = [...critical, ...warning];
  return all.length > 0 ? all : contendedTexts(report);
}

function handoverText(report: Report, router: VirtualRouterReport): string {
  const heirs = report.virtualRouters.filter((other) => {
    const isBeside = other.capture === router.capture && other.interface === router.interface;
    const isLikeIt = isBeside && other.vlan === router.vlan && other.family === router.family;
    return isLikeIt && other.master !== null && other.addresses.some((address) => router.addresses.includes(address));
  });
  const vrids = heirs.map(({ vrid }) => `vrid ${vrid}`);
  return vrids.length === 0 ? masterText(router) : `has no master, its addresses are under ${listed(vrids)}`;
}

function silentText(name: string, router: VirtualRouterReport): string {
  const last = router.advertisers.reduce((a, b) => (b.lastUs > a.lastUs ? b : a));
  return `${name} is silent, ${last.source} was the last to advertise`;
}

/** Without a finding, what asks for attention is that two advertised at once and one of them yielded. */
function contendedTexts(report: Report): readonly string[] {
  return report.virtualRouters.flatMap((router) => {
    const last = router.contentions.at(-1);
    if (last === undefined) return [];
    const name = routerNameIn(report, router);
    return [`${name}: ${listed(last.claimants)} advertised at once for a moment, at ${clockTime(last.atUs)} UTC`];
  });
}

function claimants(router: VirtualRouterReport): readonly string[] {
  return router.advertisers.filter(({ claiming }: AdvertiserReport) => claiming).map(({ source }) => source);
}

function masterText({ master }: VirtualRouterReport): string {
  return master === null ? 'is being handed over, no master yet' : `master ${master}`;
}

function unknownStatements(report: Report): readonly string[] {
  const heard = report.virtualRouters.filter(({ advertisers }) => advertisers.length > 0);
  const splits = splitStatements(report);
  const incomplete = report.findings
    .filter(({ code }) => code === 'capture-truncated')
    .map(({ summary }) => firstClause(printable(summary)));
  if (heard.length > 0) {
    const masters = heard.map((router) => `${routerNameIn(report, router)} ${masterText(router)}`);
    return [...splits, ...incomplete, `as far as was heard: ${named(masters).join(', ')}`];
  }
  const names = report.captures.map(({ name }) => printable(name));
  return [...incomplete, names.length > 0 ? `no VRRP heard in ${listed(names)}` : 'no VRRP heard'];
}
