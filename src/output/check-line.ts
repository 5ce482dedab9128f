import type { Remedy, Report, VirtualRouterReport } from '../analyzer/report.ts';
import { advertiserNamed, shortName } from './advertiser-name.ts';
import { printable } from './escape.ts';
import { takeoverText } from './event-line.ts';
import {
  claimedPriority,
  lastingText,
  listed,
  mastersOf,
  splitBrainText,
  statements,
  worstSplitBrain,
} from './headline.ts';
import { routerNameIn } from './router-name.ts';
import { isoTime, seconds } from './time.ts';

export interface CheckStyle {
  /** Adds a line per virtual router, split brain, takeover and finding. */
  readonly verbose: boolean;
  /** What this place of listening cannot show, or why the answer is not sure; null for nothing to say. */
  readonly vantage: string | null;
  /** How long it listened, null for a saved capture. */
  readonly windowUs: number | null;
}

/** Of the monitoring-plugins guidelines, by exit status. */
const STATUS_WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** Virtual routers with performance data: all VRIDs of a segment. A monitoring system would choke on a flood. */
const MEASURED_MAX = 255;

/** What a monitoring plugin prints: `VRRP OK - text | perfdata`, and details on the lines after it when verbose. */
export function checkText(report: Report, { verbose, vantage, windowUs }: CheckStyle): string {
  const status = STATUS_WORDS[report.exitStatus] ?? 'UNKNOWN';
  const said = [statementText(report), silenceText(report), vantage].filter((text) => text !== null).join('; ');
  const measured = perfdata(report, windowUs);
  const first = `VRRP ${status} - ${plain(said)}${measured === '' ? '' : ` | ${measured}`}`;
  return verbose ? [first, ...details(report).map(plain)].join('\n') : first;
}

/** What a monitoring plugin prints when it could not look at all. */
export function unknownText(reason: string): string {
  return `VRRP UNKNOWN - ${plain(reason)}`;
}

/** A bar would begin performance data, in the following lines too. */
function plain(text: string): string {
  return printable(text).replaceAll('|', '\\x7c');
}

function statementText(report: Report): string {
  if (report.verdict !== 'split-brain') return statements(report).join(', ');
  const routers = report.virtualRouters.filter(({ splitBrains }) => splitBrains.length > 0);
  const open = routers.filter((router) => worstSplitBrain(router)?.endUs === null);
  const [first] = open.length > 0 ? open : routers;
  if (first === undefined) return statements(report).join(', ');
  const more = routers.length > 1 ? `, ${routers.length - 1} more` : '';
  return `${splitText(report, first)}${more}`;
}

/** Of several places one may be where nothing can be heard, and then nobody watches it. Null when all are heard, or none. */
function silenceText({ captures }: Report): string | null {
  const silent = captures.filter(({ adverts, truncated }) => adverts === 0 && !truncated);
  const isHeard = captures.some(({ adverts }) => adverts > 0);
  return isHeard && silent.length > 0 ? `no VRRP heard in ${listed(silent.map(({ name }) => name))}` : null;
}

/** `vrid 51 split brain: 10.0.0.2(p100) 10.0.0.3(p90, deaf)`. */
function splitText(report: Report, router: VirtualRouterReport): string {
  const splitBrain = worstSplitBrain(router);
  if (splitBrain === null) return routerNameIn(report, router);
  const { claimants, deaf, endUs } = splitBrain;
  const ranked = [...new Set(claimants)].map((source) => {
    const advertiser = advertiserNamed(router.advertisers, source);
    const facts = advertiser === undefined ? [] : [`p${claimedPriority(advertiser)}`];
    if (deaf.includes(source)) facts.push('deaf');
    return facts.length === 0 ? source : `${source}(${facts.join(', ')})`;
  });
  if (ranked.length < 2) return `${routerNameIn(report, router)}: ${splitBrainText(splitBrain)}`;
  const what = endUs === null ? 'split brain' : `had split brain for ${lastingText(splitBrain, endUs)}`;
  return `${routerNameIn(report, router)} ${what}: ${ranked.join(' ')}`;
}

function perfdata(report: Report, windowUs: number | null): string {
  const values: string[] = [];
  const labels = new Set<string>();
  const places = new Set(report.virtualRouters.map(place).filter((each) => each !== ''));
  // Those that were asked for, not those that were heard: a label must last when one of them falls silent.
  const severalInterfaces = report.captures.length > 1 || places.size > 1;
  for (const router of report.virtualRouters.slice(0, MEASURED_MAX)) {
    const label = uniqueLabel(router, severalInterfaces, labels);
    const adverts = router.advertisers.reduce((sum, advertiser) => sum + advertiser.adverts, 0);
    values.push(`${label}_masters=${mastersOf(router)};1:1;1:1;0`, `${label}_adverts=${adverts}`);
  }
  if (windowUs !== null) values.push(`window=${seconds(windowUs)}s`);
  return values.join(' ');
}

/**
 * `vrid51`, `vrid51v6`, `vrid51.100` behind a VLAN tag, `vrid51@eth1` where several interfaces are watched. It does not
 * depend on what else is heard, so that a graph keeps its name.
 */
function uniqueLabel(router: VirtualRouterReport, severalInterfaces: boolean, taken: Set<string>): string {
  const family = router.family === 6 ? 'v6' : '';
  const vlan = router.vlan === null ? '' : `.${router.vlan}`;
  const where = severalInterfaces && place(router) !== '' ? `@${place(router)}` : '';
  // A label must not hold spaces, quotes or equals signs unless it is quoted, which many readers get wrong.
  const label = `vrid${router.vrid}${family}${vlan}${where}`.replace(/[^\w.@:-]/g, '_');
  let unique = label;
  for (let i = 2; taken.has(unique); i++) unique = `${label}-${i}`;
  taken.add(unique);
  return unique;
}

/** Empty for an expected virtual router that was heard nowhere. */
function place(router: VirtualRouterReport): string {
  return router.interface ?? router.capture;
}

function details(report: Report): readonly string[] {
  const lines: string[] = [];
  for (const router of report.virtualRouters) {
    const name = routerNameIn(report, router);
    lines.push(`${name} is ${router.state}, master ${router.master ?? 'none'}, ${advertisersText(router)}`);
    for (const { startUs, winner, deaf, cause } of router.splitBrains) {
      const [remedy] = cause.remedies;
      lines.push(
        `${name} split brain since ${isoTime(startUs)}: ${winner} is rightful, ${listed(deaf)} should yield`,
        `${name} cause: ${cause.code} (${cause.confidence}), ${cause.summary}`,
      );
      if (remedy !== undefined) lines.push(`${name} on ${remedy.on}: ${adviceOf(remedy)}`);
    }
    for (const takeover of router.takeovers) {
      const { atUs, from, to } = takeover;
      lines.push(`${name} takeover ${isoTime(atUs)} ${from} -> ${to}: ${takeoverText(takeover)}`);
    }
    lines.push(...router.findings.map(({ code, severity, summary }) => `${name} ${severity} ${code}: ${summary}`));
  }
  lines.push(...report.findings.map(({ code, severity, summary }) => `${severity} ${code}: ${summary}`));
  return lines;
}

/** A command with a pipe would be torn by the bar, so what it is for stands in its place. */
function adviceOf({ command, why }: Remedy): string {
  return command.includes('|') ? why : command;
}

function advertisersText({ advertisers }: VirtualRouterReport): string {
  const heard = advertisers.map((advertiser) => {
    const { priority, adverts } = advertiser;
    return `${shortName(advertiser, advertisers)} (p${priority}, ${adverts} ${adverts === 1 ? 'advert' : 'adverts'})`;
  });
  return heard.length === 0 ? 'nobody heard' : `heard ${heard.join(' ')}`;
}
