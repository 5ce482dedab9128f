import type { RouterIdentity, WatchEvent } from '../analyzer/event.ts';
import type {
  AdvertiserReport,
  CaptureReport,
  Cause,
  Finding,
  Report,
  SplitBrainReport,
  TakeoverReport,
  VirtualRouterReport,
} from '../analyzer/report.ts';
import { isoTime, seconds } from './time.ts';

/** Named in every document; changes when a field changes its meaning or goes. */
const SCHEMA = 'vrrpwatch/1';

/** The report as the JSON document: times in ISO 8601, durations in seconds, null for what is absent. */
export function reportDocument(report: Report) {
  return {
    schema: SCHEMA,
    verdict: report.verdict,
    exitStatus: report.exitStatus,
    captures: report.captures.map(captureDocument),
    // One after the other as they are written: a long history is thousands of objects that need not live at once.
    virtualRouters: report.virtualRouters.map((router) => ({ toJSON: () => routerDocument(router) })),
    findings: report.findings.map(findingDocument),
  };
}

/** One event of live mode: where and when first, then its data by the names of the document. */
export function eventDocument(event: WatchEvent) {
  const head = { at: isoTime(event.atUs), event: event.event };
  switch (event.event) {
    case 'router-seen':
      return { ...head, ...place(event.router), addresses: event.router.addresses };
    case 'advertiser-seen':
      return { ...head, ...place(event.router), source: event.source, mac: event.mac, priority: event.priority };
    case 'priority-changed':
      return { ...head, ...place(event.router), source: event.source, from: event.from, to: event.to };
    case 'takeover': {
      const { at: _, ...takeover } = takeoverDocument(event.takeover);
      return { ...head, ...place(event.router), ...takeover, priority: event.priority };
    }
    case 'contested':
      return { ...head, ...place(event.router), claimants: event.claimants, winner: event.winner };
    case 'split-brain-confirmed': {
      const splitBrain = splitBrainDocument(event.splitBrain);
      const { winnerPriority, isCorrection } = event;
      return { ...head, ...place(event.router), ...splitBrain, winnerPriority, correction: isCorrection };
    }
    case 'split-brain-ended': {
      const splitBrain = splitBrainDocument(event.splitBrain);
      return { ...head, ...place(event.router), ...splitBrain, duration: seconds(event.durationUs) };
    }
    case 'silent': {
      const { lastMaster, lastAdvertUs } = event;
      return { ...head, ...place(event.router), lastMaster, lastAdvertAt: timeOrNull(lastAdvertUs) };
    }
    case 'finding': {
      const { at: _, ...finding } = findingDocument(event.finding);
      return { ...head, ...place(event.router), ...finding };
    }
    case 'capture-started':
    case 'capture-lost':
    case 'capture-resumed':
      return { ...head, ...place(null), interface: event.interface, detail: event.detail };
  }
}

/**
 * A document as JSON, on one line unless `indent` asks for more. Characters that a terminal obeys or that end a line for some
 * readers are written as `\u` escapes, which leaves the data as it is.
 */
export function jsonText(document: object, indent = 0): string {
  const text = JSON.stringify(document, null, indent);
  // Megabytes of plain text, as nearly always, need one look and no copy. What is left of ASCII to escape is DEL.
  if (Buffer.byteLength(text) === text.length && !text.includes('\x7f')) return text;
  return text.replace(/[^\n\P{C}]|[\u2028\u2029]/gu, escapeUnits);
}

function escapeUnits(character: string): string {
  let escaped = '';
  for (let i = 0; i < character.length; i++) {
    escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}

function place(router: RouterIdentity | null) {
  return {
    interface: router?.interface ?? null,
    vlan: router?.vlan ?? null,
    family: router?.family ?? null,
    vrid: router?.vrid ?? null,
  };
}

function captureDocument(capture: CaptureReport) {
  return {
    name: capture.name,
    format: capture.format,
    linkType: capture.linkType,
    packets: capture.packets,
    adverts: capture.adverts,
    firstAt: timeOrNull(capture.firstUs),
    lastAt: timeOrNull(capture.lastUs),
    truncated: capture.truncated,
    dropped: capture.dropped,
  };
}

function routerDocument(router: VirtualRouterReport) {
  return {
    capture: router.capture === '' ? null : router.capture,
    interface: router.interface,
    vlan: router.vlan,
    family: router.family,
    vrid: router.vrid,
    state: router.state,
    stateSince: timeOrNull(router.stateSinceUs),
    addresses: router.addresses,
    master: router.master,
    advertisers: router.advertisers.map(advertiserDocument),
    splitBrains: router.splitBrains.map(splitBrainDocument),
    contentions: router.contentions.map(({ atUs, claimants, winner }) => ({ at: isoTime(atUs), claimants, winner })),
    takeovers: router.takeovers.map(takeoverDocument),
    findings: router.findings.map(findingDocument),
  };
}

function advertiserDocument(advertiser: AdvertiserReport) {
  return {
    source: advertiser.source,
    mac: advertiser.mac,
    version: advertiser.version,
    priority: advertiser.priority,
    priorities: advertiser.priorities,
    interval: seconds(advertiser.intervalUs),
    authType: advertiser.authType,
    ...(advertiser.password === null ? {} : { password: advertiser.password }),
    addresses: advertiser.addresses,
    unicast: advertiser.unicast,
    adverts: advertiser.adverts,
    firstAt: isoTime(advertiser.firstUs),
    lastAt: isoTime(advertiser.lastUs),
    resignedAt: timeOrNull(advertiser.resignedUs),
  };
}

function splitBrainDocument(splitBrain: SplitBrainReport) {
  return {
    startAt: isoTime(splitBrain.startUs),
    confirmedAt: isoTime(splitBrain.confirmedUs),
    endAt: timeOrNull(splitBrain.endUs),
    atLeast: splitBrain.isAtLeast,
    claimants: splitBrain.claimants,
    winner: splitBrain.winner,
    deaf: splitBrain.deaf,
    evidence: splitBrain.evidence,
    cause: causeDocument(splitBrain.cause),
  };
}

function causeDocument({ code, confidence, summary, differs, remedies }: Cause) {
  return {
    code,
    confidence,
    summary,
    differs: differs === null ? null : { field: differs.field, values: differs.values },
    remedies: remedies.map(({ on, why, command }) => ({ on, why, command })),
  };
}

function takeoverDocument(takeover: TakeoverReport) {
  return {
    at: isoTime(takeover.atUs),
    from: takeover.from,
    to: takeover.to,
    kind: takeover.kind,
    gap: seconds(takeover.gapUs),
    expectedGap: takeover.expectedGapUs === null ? null : seconds(takeover.expectedGapUs),
  };
}

function findingDocument({ code, severity, summary, atUs, count }: Finding) {
  return { code, severity, summary, at: timeOrNull(atUs), count };
}

function timeOrNull(us: number | null): string | null {
  return us === null ? null : isoTime(us);
}
