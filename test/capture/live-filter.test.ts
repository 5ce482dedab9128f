import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { defaultFilter } from '../../src/capture/filter.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { ethernet, frame, ipv4 } from '../support/build.ts';
import { pcapFile } from '../support/capture-files.ts';
import { advertisements, carps, claims, type FrameVariant } from '../support/frame-variants.ts';
import { isInstalled } from '../support/installed.ts';

const describeWithTcpdump = isInstalled('tcpdump') ? describe : describe.skip;

/** What no affordable filter finds; a file of everything still shows them. */
const MISSED = new Set(['802.1ah', 'eight tags', 'old tag numbers', 'IPv6 hop-by-hop and destination options']);

describeWithTcpdump('the default capture filter', () => {
  const variants = [...advertisements, ...carps, ...claims];

  test.each(variants.filter(({ linkType, name }) => linkType === LINK_TYPE.ethernet && !MISSED.has(name)))(
    'lets pass on Ethernet: $name',
    (variant) => {
      expect(passes(variant, defaultFilter('eth0'))).toBe(true);
    },
  );

  test.each(variants.filter(({ linkType }) => linkType === LINK_TYPE.linuxSll || linkType === LINK_TYPE.linuxSll2))(
    'lets pass on the interface `any`: $name (link type $linkType)',
    (variant) => {
      expect(passes(variant, defaultFilter('any'))).toBe(true);
    },
  );

  test.each([
    ['TCP', frameOf(6)],
    ['TCP in a VLAN', frameOf(6, [100])],
    ['UDP in stacked VLANs', frameOf(17, [{ tpid: 0x88a8, vid: 200 }, 100])],
    ['ICMP', frameOf(1)],
  ])('keeps %s out, however busy the network is', (name, bytes) => {
    expect(passes({ name, bytes, linkType: LINK_TYPE.ethernet }, defaultFilter('eth0'))).toBe(false);
  });

  test('a third VLAN tag is beyond it', () => {
    const bytes = frame({ from: '10.0.0.1', vlans: [1, 2, 3] });
    expect(passes({ name: 'three tags', bytes, linkType: LINK_TYPE.ethernet }, defaultFilter('eth0'))).toBe(false);
  });
});

function frameOf(protocol: number, vlans: Parameters<typeof ethernet>[0]['vlans'] = []): Uint8Array {
  const payload = ipv4({ src: '10.0.0.1', dst: '10.0.0.2', proto: protocol, payload: new Uint8Array(40) });
  return ethernet({ payload, vlans });
}

function passes({ bytes, linkType }: FrameVariant | Omit<FrameVariant, 'kind'>, filter: string): boolean {
  const input = pcapFile([{ bytes, timeUs: 1 }], { linkType });
  const { stdout, stderr, status } = spawnSync('tcpdump', ['-r', '-', '-n', '-w', '-', filter], { input });
  if (status !== 0) throw new Error(String(stderr));
  return stdout.length > 24;
}
