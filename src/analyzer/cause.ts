import { formatMac } from '../decoder/address.ts';
import { CHECKSUM } from '../decoder/advertisement.ts';
import type { Advertiser } from './advertiser.ts';
import {
  checksumText,
  excludeEachOther,
  type Mismatch,
  mismatches,
  mustDiscard,
  nameOf,
  type Strictness,
} from './compatibility.ts';
import { highest, type Reactions } from './conflict.ts';
import { deafRemedies, editRemedy, lookCommand } from './remedies.ts';
import type { Cause, CauseCode, Remedy } from './report.ts';

/** What a cause is judged by. */
export interface Circumstances {
  readonly winner: Advertiser;
  readonly loser: Advertiser;
  readonly reactions: Reactions;
  /** The winner's answers show that it accepts what the loser sends. */
  readonly isLoserAccepted: boolean;
  /** The loser was seen to read what the winner sends, and to reject it. */
  readonly isWinnerRejected: boolean;
  /** They were seen to reject each other, whatever the reactions look like: two that do so fall in step. */
  readonly areKeysHidden: boolean;
  /** Free VRIDs of the segment, for two clusters that share one. */
  readonly freeVrids: readonly number[];
}

/** Why two nodes are master at once: the first setting in which they differ, else the path between them. */
export function explain(circumstances: Circumstances): Cause {
  const { winner, loser, isLoserAccepted, isWinnerRejected } = circumstances;
  if (winner.source === loser.source) return duplicateSource(winner, loser);
  // A difference that its software tolerates does not keep them apart.
  const isTolerated = isLoserAccepted && !isWinnerRejected;
  const found = mismatches(winner, loser).filter(({ strictness }) => !isTolerated || !isTolerable(strictness));
  const collision = found.find(({ code }) => code === 'vrid-collision');
  const mismatch = collision ?? found.find(({ strictness }) => strictness === 'always');
  if (mismatch) return mismatchCause(mismatch, circumstances);
  if (mustDiscard(loser, winner)) return flawCause(circumstances);
  // What is wrong with what the loser itself sends is no reason for it not to obey.
  const other = found.find(({ strictness }) => strictness !== 'sender');
  if (other) return mismatchCause(other, circumstances);
  return (
    hiddenKeyCause(circumstances) ??
    ownersCause(circumstances) ??
    rejectionCause(circumstances) ??
    pathCause(circumstances)
  );
}

/** Every receiver discards what the winner sends, whatever the receiver's settings are. */
function flawCause(circumstances: Circumstances): Cause {
  const { winner, loser } = circumstances;
  const flawed = (code: CauseCode, field: string, of: (x: Advertiser) => string | number) => {
    const values = { [nameOf(winner, loser)]: of(winner), [nameOf(loser, winner)]: of(loser) };
    return mismatchCause({ code, strictness: 'sender', differs: { field, values } }, circumstances);
  };
  if (winner.multicast && winner.ttl !== 255) return flawed('ttl', 'ttl', ({ ttl }) => ttl);
  // Nothing is wrong with it but for this loser, which makes its checksums otherwise.
  if (winner.checksumStyle === CHECKSUM.bad || winner.rejectedRun === 0) {
    return flawed('checksum-mismatch', 'checksum', checksumText);
  }
  return {
    code: 'filtered',
    confidence: 'certain',
    summary: `${winner.source} sends advertisements that are malformed, and every router discards them`,
    differs: null,
    remedies: [
      {
        on: winner.source,
        why: 'see what it sends, and bring its software up to date',
        command: lookCommand(winner, '-vvni'),
      },
    ],
  };
}

/** An owner of the addresses (priority 255) obeys nobody: RFC 9568 §6.4.3 has no state for a second one. */
function ownersCause(circumstances: Circumstances): Cause | null {
  const { winner, loser } = circumstances;
  if (winner.priority !== 255 || loser.priority !== 255) return null;
  const path = pathCause(circumstances);
  return {
    ...path,
    confidence: 'likely',
    summary: `${winner.source} and ${loser.source} both have priority 255, which is for the one owner of the addresses: an owner may obey nobody`,
    differs: { field: 'priority', values: { [winner.source]: 255, [loser.source]: 255 } },
    remedies: [editRemedy(loser.source, 'set priority to 254 or less'), ...path.remedies],
  };
}

function mismatchCause(mismatch: Mismatch, circumstances: Circumstances): Cause {
  const { code, differs, strictness } = mismatch;
  return {
    code,
    confidence: isTolerable(strictness) ? 'likely' : 'certain',
    summary: mismatchSummary(mismatch, circumstances),
    differs,
    remedies: mismatchRemedies(mismatch, circumstances),
  };
}

function isTolerable(strictness: Strictness): boolean {
  return strictness === 'version-dependent' || strictness === 'configurable';
}

function mismatchSummary({ code, differs }: Mismatch, { winner, loser }: Circumstances): string {
  const [a, b] = [nameOf(winner, loser), nameOf(loser, winner)];
  const values = `${a}: ${differs.values[a]}, ${b}: ${differs.values[b]}`;
  switch (code) {
    case 'vrid-collision':
      return `two clusters share this VRID: their address lists have nothing in common (${values})`;
    case 'version-mismatch':
      return `the VRRP versions differ (${values}); each discards what the other sends`;
    case 'auth-mismatch':
      return differs.field === 'password'
        ? `the passwords of ${a} and ${b} differ; each discards what the other sends (only the first 8 characters count)`
        : `the authentication types differ (${values}); each discards what the other sends`;
    case 'interval-mismatch':
      return `the advertisement intervals differ (in seconds, ${values}); VRRPv2 discards such advertisements`;
    case 'unicast-mismatch':
      return `they send to different destinations (${values}); each discards what is not sent its way`;
    case 'hmac-mismatch':
      return `one sends keepalived's HMAC trailer and the other does not (${values})`;
    case 'ttl':
      return `${a} does not send with TTL 255 (${values}); multicast advertisements that passed a router or were altered are discarded`;
    case 'checksum-mismatch':
      return winner.checksumStyle === CHECKSUM.bad
        ? `the checksums of ${a} are wrong (${values}); every router discards its advertisements`
        : `the checksums are made differently (${values}); the other side takes them for damaged`;
    default:
      return `the address lists differ (${values}); keepalived up to 2.3.2 discards such advertisements, 2.3.3 and later only log it`;
  }
}

/**
 * Which of the two is to get the settings of which: where most of the other members agree with the lower one, the higher one
 * is the odd one, and a change of the lower one would set it apart from these.
 */
function repairOf({ code }: Mismatch, { winner, loser }: Circumstances): { wrong: Advertiser; right: Advertiser } {
  const others = winner.router.advertisers.filter(({ source }) => source !== winner.source && source !== loser.source);
  const sideWith = (one: Advertiser, against: Advertiser) =>
    others.filter((other) => agree(other, one, code) && !agree(other, against, code));
  const [ofWinner, ofLoser] = [sideWith(winner, loser), sideWith(loser, winner)];
  return ofLoser.length > ofWinner.length
    ? { wrong: winner, right: highest([loser, ...ofLoser]) }
    : { wrong: loser, right: winner };
}

/** True when they do not differ in that way, and in nothing that would hide it. */
function agree(a: Advertiser, b: Advertiser, code: CauseCode): boolean {
  return !excludeEachOther(a, b) && !mismatches(a, b).some((mismatch) => mismatch.code === code);
}

function mismatchRemedies(mismatch: Mismatch, circumstances: Circumstances): Remedy[] {
  const { code, differs } = mismatch;
  const { winner, loser, freeVrids } = circumstances;
  const { wrong, right } = repairOf(mismatch, circumstances);
  const [a, b] = [nameOf(winner, loser), nameOf(loser, winner)];
  const [wanted, unwanted] =
    wrong === loser ? [differs.values[a], differs.values[b]] : [differs.values[b], differs.values[a]];
  const on = wrong.source;
  switch (code) {
    case 'vrid-collision': {
      const free = freeVrids.slice(0, 5).join(', ');
      return [
        editRemedy(loser.source, `choose another virtual_router_id on every node of this cluster; free here: ${free}`),
      ];
    }
    case 'version-mismatch':
      return [editRemedy(on, `set vrrp_version ${wanted} (it is the same on all nodes of a virtual router)`)];
    case 'auth-mismatch':
      return differs.field === 'password'
        ? [editRemedy(on, `set the auth_pass of ${right.source}; only its first 8 characters count`)]
        : [editRemedy(on, `use the same auth_type on both nodes (${right.source} has ${wanted}), or none on both`)];
    case 'interval-mismatch':
      return [editRemedy(on, `set advert_int ${wanted}`)];
    case 'unicast-mismatch':
      if (winner.multicast && loser.multicast) return [editRemedy(on, groupEdit(winner, wanted))];
      return [
        editRemedy(on, 'make both nodes unicast (unicast_src_ip, and unicast_peer naming the other) or both multicast'),
        editRemedy(right.source, 'the same here'),
      ];
    case 'hmac-mismatch':
      return [editRemedy(on, 'give both nodes the same auth_hmac keys, in permissive mode until all have them')];
    case 'ttl':
      return [winner, loser]
        .filter(({ ttl }) => ttl !== 255)
        .map(({ source }) => ({
          on: source,
          why: 'look for the rule that changes the TTL of its packets (mangle table, a tunnel, a router between the nodes)',
          command: 'iptables -t mangle -S | grep -i ttl; nft list ruleset | grep -i ttl',
        }));
    case 'checksum-mismatch':
      if (winner.checksumStyle === CHECKSUM.bad) {
        const why =
          'its packets are altered on their way, or its card makes the checksum wrong: compare with what is seen there';
        return [{ on: winner.source, why, command: lookCommand(winner, '-vvni') }];
      }
      return [editRemedy(on, checksumEdit(winner, loser))];
    default:
      return [
        editRemedy(on, `make virtual_ipaddress the same on all nodes; here ${unwanted}, on ${right.source} ${wanted}`),
      ];
  }
}

/** Which option it is that makes the checksums of the two differ. */
function checksumEdit(winner: Advertiser, loser: Advertiser): string {
  if (loser.checksumStyle === CHECKSUM.pseudoHeaderGroup) return 'remove old_unicast_checksum';
  if (winner.checksumStyle === CHECKSUM.pseudoHeaderGroup) return `set old_unicast_checksum as on ${winner.source}`;
  return 'keepalived: v3_checksum_as_v2 as on the other side; FRR: vrrp … checksum-with-ipv4-pseudoheader';
}

function groupEdit({ family }: Advertiser, wanted: string | number | undefined): string {
  return `set vrrp_mcast_group${family} ${wanted} in global_defs, the same on all nodes (or leave it out on all)`;
}

/** AH keys and HMAC keys are not on the wire; a rejection without visible difference leaves them as the reason. */
function hiddenKeyCause({ winner, loser, reactions, areKeysHidden }: Circumstances): Cause | null {
  if (!areKeysHidden && reactions.answered > reactions.restarted) return null;
  const ah = winner.ah && loser.ah;
  // AH numbers follow those of the master that a node accepts: who went on from there has the same key.
  const later = winner.firstUs > loser.firstUs ? winner : loser;
  if (ah ? !later.ahNumbers.areItsOwn : !(winner.hmac && loser.hmac && reactions.restarted > 0)) return null;
  return {
    code: ah ? 'auth-mismatch' : 'hmac-mismatch',
    confidence: 'likely',
    summary: `${winner.source} reads the advertisements of ${loser.source} and rejects them although nothing visible differs: the ${ah ? 'AH' : 'HMAC'} keys differ, or ${ah ? 'its sequence numbers lag behind' : 'the clocks of the nodes are too far apart'}`,
    differs: null,
    remedies: [
      editRemedy(
        loser.source,
        ah ? `set the auth_pass of ${winner.source}` : `set the auth_hmac key of ${winner.source}`,
      ),
      {
        on: loser.source,
        why: ah ? 'a restart takes the sequence numbers over from the master' : 'compare the clocks of both nodes',
        command: ah ? 'systemctl restart keepalived' : 'timedatectl',
      },
    ],
  };
}

/** No path is to blame for what is read and rejected; keepalived logs the reason (`vrrp_check_packet`). */
function rejectionCause({ winner, loser, isWinnerRejected }: Circumstances): Cause | null {
  if (!isWinnerRejected) return null;
  const { source } = winner;
  const peers = editRemedy(loser.source, `add ${source} to unicast_peer, which check_unicast_src compares with`);
  return {
    code: 'filtered',
    confidence: 'likely',
    summary: `${loser.source} reads the advertisements of ${source}, which put off its own, and rejects them; ${agreementText(winner, loser)}`,
    differs: null,
    remedies: [
      {
        on: loser.source,
        why: 'keepalived logs why it rejects an advertisement',
        command: `journalctl -u keepalived -n 50 --no-pager | grep -F ${source}`,
      },
      ...(winner.multicast ? [] : [peers]),
    ],
  };
}

function pathCause({ winner, loser, reactions }: Circumstances): Cause {
  const answered = isAnswered(winner, reactions);
  // What it answers was sent to it: where that is not seen, its own copies for the other may be unseen as well.
  const isUnseen = answered && !loser.sendsTo(winner);
  if (!winner.sendsTo(loser) && !isUnseen) return peerCause(winner, loser);
  const settings = agreementText(winner, loser);
  const isKnown = !isPasswordCut(winner) && !isPasswordCut(loser);
  const summary = answered
    ? `${loser.source} does not hear ${winner.source}: ${winner.source} ${answerText(winner, reactions)}, so that direction works, and ${settings}`
    : `${loser.source} does not hear ${winner.source}, and ${settings}; ${winner.source} does not answer it either, so perhaps neither hears the other (vrrp_strict and other vendors never answer, so this is no proof)`;
  return {
    code: 'filtered',
    confidence: answered && isKnown ? 'likely' : 'possible',
    summary,
    differs: null,
    remedies: answered
      ? deafRemedies(loser, winner)
      : [...deafRemedies(loser, winner), ...deafRemedies(winner, loser).slice(0, 2)],
  };
}

/** Of AH, what it read and rejected counts as well: a node that hears nobody falls behind in sequence numbers. */
function isAnswered({ ah }: Advertiser, { answered, restarted, unmoved }: Reactions): boolean {
  return answered > 0 && answered + (ah ? restarted : 0) > unmoved;
}

function answerText({ ah }: Advertiser, { restarted }: Reactions): string {
  if (!ah || restarted === 0) return 'answers it within milliseconds';
  return 'answered it within milliseconds where its AH sequence number was not behind, and read the others';
}

/** How far their settings agree, as far as the capture shows them. */
function agreementText(winner: Advertiser, loser: Advertiser): string {
  if (isPasswordCut(winner) || isPasswordCut(loser)) {
    return 'nothing in their settings differs but perhaps the password, which this capture cuts off (tcpdump -s 0 keeps it)';
  }
  const own = mismatches(winner, loser).map(({ differs: { field, values } }) => {
    const name = nameOf(loser, winner);
    return `the ${field} of ${name} (${values[name]})`;
  });
  const but = own.length === 0 ? '' : ` but ${own.join(' and ')}, which is no reason for it not to obey`;
  return `nothing in their settings differs${but}`;
}

/** The capture shows that there is a password, and not which. */
function isPasswordCut({ authType, isAuthKnown }: Advertiser): boolean {
  return authType === 1 && !isAuthKnown;
}

/** Of a unicast cluster: what is not sent cannot be heard. */
function peerCause(winner: Advertiser, loser: Advertiser): Cause {
  return {
    code: 'filtered',
    // One peer is all that another peer sees; who sees the copies for several sees them all.
    confidence: winner.peers.texts.length > 1 ? 'likely' : 'possible',
    summary: `${winner.source} was not seen to send to ${loser.source} but to ${winner.peers.texts.join(', ')}: ${loser.source} is missing in its unicast_peer, unless this place sees only some of its copies`,
    differs: null,
    remedies: [
      editRemedy(winner.source, `add ${loser.source} to unicast_peer`),
      ...deafRemedies(loser, winner).slice(0, 4),
    ],
  };
}

function macText({ mac }: Advertiser): string {
  return formatMac(mac) ?? 'no hardware address';
}

function duplicateSource(winner: Advertiser, loser: Advertiser): Cause {
  const [a, b] = [nameOf(winner, loser), nameOf(loser, winner)];
  return {
    code: 'filtered',
    confidence: 'certain',
    summary: `two nodes send from the same address ${winner.source}; each takes the other's advertisements for its own and drops them`,
    differs: { field: 'mac', values: { [a]: macText(winner), [b]: macText(loser) } },
    remedies: [
      {
        on: b,
        why: 'give one of the two nodes an address of its own (or its own mcast_src_ip); it is this one where the first command prints a line',
        command: `ip -br link | grep -F ${macText(loser)}; ip -br addr`,
      },
    ],
  };
}
