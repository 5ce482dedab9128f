import type { Evidence } from './evidence.ts';
import type { ArpMessage } from './message.ts';
import type { Seen } from './network.ts';

/** Much longer than hosts of one segment need for a reply, much shorter than a handover. */
const SAME_REQUEST_US = 100_000;

interface Reply {
  readonly message: ArpMessage;
  readonly seen: Seen;
}

/** Moments at which two hardware addresses had answered the same request for one address. */
export function findArpEvidence(seen: readonly Seen[], vridOf: ReadonlyMap<string, number>): Evidence[] {
  const found: Evidence[] = [];
  const rounds = new Map<string, { requestUs: number; replies: Reply[] }>();
  for (const each of [...seen].sort((a, b) => a.timeUs - b.timeUs)) {
    const { message } = each;
    if (message.kind === 'request') rounds.set(message.address, { requestUs: each.timeUs, replies: [] });
    if (message.kind !== 'reply') continue;
    const round = rounds.get(message.address);
    const vrid = vridOf.get(message.address);
    if (round === undefined || vrid === undefined || each.timeUs - round.requestUs > SAME_REQUEST_US) continue;
    const other = round.replies.find((reply) => reply.message.mac !== message.mac);
    round.replies.push({ message, seen: each });
    if (other === undefined) continue;
    found.push({
      vrid,
      nodes: [message.node, other.message.node],
      by: 'arp',
      sinceTrueUs: other.seen.sentUs,
      completeUs: each.timeUs,
      completeTrueUs: each.sentUs,
    });
  }
  return found;
}
