import { expect, test } from 'vitest';
import type { WatchEvent } from '../../src/analyzer/event.ts';
import { eventLine } from '../../src/output/event-line.ts';
import { A, B } from '../support/story.ts';
import { ago, identity, NOW_US, router, splitBrain, splitEvents } from '../ui/reports.ts';

const STYLE = { color: false, ascii: true };
const of = identity(router(51, { vlan: 100 }));

test('a split brain is told in one line each: seen, contested, confirmed', () => {
  expect(
    `\n${splitEvents()
      .map((event) => eventLine(event, STYLE))
      .join('\n')}\n`,
  ).toMatchInlineSnapshot(`
    "
    2026-11-22T13:52:33.000Z  info     vrid 51 on eth0 is heard, addresses 10.0.0.1 10.0.0.9
    2026-11-22T13:52:33.000Z  info     vrid 51 on eth0 10.0.0.2 (no hardware address) advertises with priority 150
    2026-11-22T13:57:33.000Z  notice   vrid 51 on eth0 master 10.0.0.3 -> 10.0.0.2 (priority 100): preempted, 1.00 s after its last advert
    2026-11-22T14:02:33.000Z  WARNING  vrid 51 on eth0 master 10.0.0.2 -> 10.0.0.3 (priority 100): timed out after 3.69 s of silence (expected 3.61 s)
    2026-11-22T14:06:52.000Z  WARNING  vrid 51 on eth0 contested by 10.0.0.2 and 10.0.0.3; 10.0.0.2 is the rightful one
    2026-11-22T14:06:55.000Z  CRIT     vrid 51 on eth0 SPLIT BRAIN: 10.0.0.2 and 10.0.0.3 are both master, 10.0.0.2 (priority 150) is the rightful one; 10.0.0.3 should yield and does not; filtered (likely): 10.0.0.3 does not receive the adverts of 10.0.0.2: both agree in every field, so a firewall or lost multicast stands between them; on 10.0.0.3: iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT
    "
  `);
});

test('what ends, falls silent or is found names the virtual router', () => {
  const finding = { code: 'stale-arp', severity: 'critical', summary: 'stale', atUs: NOW_US, count: 1 } as const;
  const events: WatchEvent[] = [
    { event: 'split-brain-ended', atUs: NOW_US, router: of, splitBrain: splitBrain(), durationUs: 41_000_000 },
    { event: 'silent', atUs: NOW_US, router: of, lastMaster: '10.0.0.2', lastAdvertUs: ago(4) },
    { event: 'priority-changed', atUs: NOW_US, router: of, source: '10.0.0.2', from: 150, to: 90 },
    { event: 'finding', atUs: NOW_US, router: of, finding },
    { event: 'finding', atUs: NOW_US, router: null, finding: { ...finding, severity: 'info' } },
    { event: 'capture-lost', atUs: NOW_US, interface: 'eth0', detail: 'the link went down' },
    { event: 'capture-resumed', atUs: NOW_US, interface: 'eth0', detail: 'after 3 s' },
  ];
  expect(`\n${events.map((event) => eventLine(event, STYLE)).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    2026-11-22T14:07:33.000Z  notice   vrid 51 VLAN 100 on eth0 split brain ended after 41 s; 10.0.0.2 was the rightful master
    2026-11-22T14:07:33.000Z  CRIT     vrid 51 VLAN 100 on eth0 silent: nobody has advertised for 4.00 s, 10.0.0.2 was master last
    2026-11-22T14:07:33.000Z  notice   vrid 51 VLAN 100 on eth0 10.0.0.2 changed its priority from 150 to 90
    2026-11-22T14:07:33.000Z  CRIT     vrid 51 VLAN 100 on eth0 stale-arp: stale
    2026-11-22T14:07:33.000Z  notice   stale-arp: stale
    2026-11-22T14:07:33.000Z  CRIT     capture on eth0 lost: the link went down
    2026-11-22T14:07:33.000Z  notice   capture on eth0 resumed: after 3 s
    "
  `);
});

test('a takeover that no timer explains is not called a timeout', () => {
  const takeover = { from: A, to: B, kind: 'timed-out', gapUs: 25_400_000, expectedGapUs: null, atUs: NOW_US } as const;
  const line = eventLine({ event: 'takeover', atUs: NOW_US, router: of, takeover, priority: 100 }, STYLE);
  expect(line).toMatch(/notice .* 25 s after its last advert, with no timer to compare that with$/);
});

test('colour only repeats the level', () => {
  const event = { event: 'capture-lost', atUs: NOW_US, interface: 'eth0', detail: 'gone' } as const;
  const coloured = eventLine(event, { ...STYLE, color: true });
  expect(coloured).toContain('\x1b[1;31mCRIT   \x1b[0m');
  expect(coloured.replace('\x1b[1;31m', '').replace('\x1b[0m', '')).toBe(eventLine(event, STYLE));
});
