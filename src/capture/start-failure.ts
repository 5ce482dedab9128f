import { CaptureError } from './capture-error.ts';
import { interfaceNames } from './interfaces.ts';

/** Why an engine ended before it captured; `transient` failures pass by waiting. */
export type StartFailure =
  | { readonly kind: 'transient'; readonly reason: string }
  | { readonly kind: 'permanent'; readonly error: CaptureError };

/** What libpcap says of a filter; all its other messages come before the filter is looked at. */
const FILTER_MESSAGE =
  /filter expression|syntax error|unknown (host|network|port|protocol|ether|osi|ip|data link)|illegal|rejects all|no VLAN support|modifier|supported only|parse error/i;

/**
 * Judges what an engine said on stderr, in libpcap's words of different versions.
 *
 * @param said the engine's own message, one line, without its name in front
 */
export function judgeStartFailure(interfaceName: string, filter: string, said: string): StartFailure {
  if (/not up|is down|went down/i.test(said)) return { kind: 'transient', reason: `${interfaceName} is down` };
  return { kind: 'permanent', error: permanentError(interfaceName, filter, said) };
}

function permanentError(interfaceName: string, filter: string, said: string): CaptureError {
  if (/permission|not permitted|permitted to capture|CAP_NET_RAW|denied/i.test(said)) {
    const ways = 'use sudo, or AmbientCapabilities=CAP_NET_RAW in a systemd unit';
    return new CaptureError(
      'no-permission',
      `no permission to capture on ${interfaceName}: CAP_NET_RAW is needed; ${ways}`,
    );
  }
  if (/no such device|does ?n[o']t exist|no such interface/i.test(said)) {
    return new CaptureError('no-interface', `no interface ${interfaceName}; there is ${interfaceNames()}`);
  }
  if (FILTER_MESSAGE.test(said)) return new CaptureError('bad-filter', `bad filter "${filter}": ${said}`);
  return new CaptureError('other', `cannot capture on ${interfaceName}: ${said}`);
}

/** The line of stderr that tells what is wrong: the last one, without notices, the program's name and the interface. */
export function engineMessage(stderr: string, interfaceName: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^\S*(tcpdump|cap): /, '').trim())
    .filter((line) => line !== '' && !/^(\(|warning|listening on|dropped privs|\d+ packets)/i.test(line));
  const line = (lines.at(-1) ?? '').replace(/^pcap_loop: /, '');
  return line.startsWith(`${interfaceName}: `) ? line.slice(interfaceName.length + 2) : line;
}
