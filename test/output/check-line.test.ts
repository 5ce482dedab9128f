import { describe, expect, test } from 'vitest';
import type { Finding, Report } from '../../src/analyzer/report.ts';
import { type CheckStyle, checkText } from '../../src/output/check-line.ts';
import { advertiser, ago, captureNamed, report, router, splitBrain, splitRouter } from '../ui/reports.ts';

const QUIET: CheckStyle = { verbose: false, vantage: null, windowUs: null };

const ONE = router(51, { interface: null, advertisers: [advertiser('10.0.51.2', { adverts: 12 })] });
const SPLIT = splitRouter({ interface: null });

/** monitoring-plugins: status, text without a bar, then labels with value, unit and ranges. */
const LINE =
  /^VRRP (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+( \| ([^\s'=|]+=-?[\d.]+s?(;[\d:~@]*){0,2}(;[\d.]*){0,2} ?)+)?$/;

describe('the line says', () => {
  test.each<[string, Report, string]>([
    [
      'who is master',
      report([ONE]),
      'VRRP OK - vrid 51 master 10.0.51.2 | vrid51_masters=1;1:1;1:1;0 vrid51_adverts=12',
    ],
    [
      'who is deaf',
      report([SPLIT]),
      'VRRP CRITICAL - vrid 51 split brain: 10.0.0.2(p150) 10.0.0.3(p100, deaf) | vrid51_masters=2;1:1;1:1;0 vrid51_adverts=977',
    ],
    [
      'what priority they have, not the one that they had last before',
      report([
        {
          ...SPLIT,
          advertisers: [
            advertiser('10.0.0.2', { priority: 150, priorities: [150, 120], adverts: 9 }),
            advertiser('10.0.0.3', { priority: 0, priorities: [100], adverts: 8 }),
          ],
        },
      ]),
      'VRRP CRITICAL - vrid 51 split brain: 10.0.0.2(p150) 10.0.0.3(p100, deaf) | vrid51_masters=2;1:1;1:1;0 vrid51_adverts=17',
    ],
    [
      'that nobody has taken over yet',
      report([{ ...ONE, state: 'handover', master: null }], 'warning'),
      'VRRP WARNING - vrid 51 is being handed over, no master yet | vrid51_masters=0;1:1;1:1;0 vrid51_adverts=12',
    ],
    [
      'under which VRID the addresses are that nobody advertises any more under another',
      report(
        [
          { ...ONE, state: 'handover', master: null },
          { ...ONE, vrid: 52 },
        ],
        'warning',
      ),
      'VRRP WARNING - vrid 51 has no master, its addresses are under vrid 52 | vrid51_masters=0;1:1;1:1;0 vrid51_adverts=12 vrid52_masters=1;1:1;1:1;0 vrid52_adverts=12',
    ],
    [
      'that a split brain is over',
      report([{ ...SPLIT, state: 'ok', splitBrains: [splitBrain({ endUs: ago(33) })] }]),
      'VRRP CRITICAL - vrid 51 had split brain for 8.00 s: 10.0.0.2(p150) 10.0.0.3(p100, deaf) | vrid51_masters=1;1:1;1:1;0 vrid51_adverts=977',
    ],
    [
      'what to look at',
      report([{ ...ONE, findings: [finding('stale-arp', 'the last to announce it was B; on A: arping')] }], 'warning'),
      'VRRP WARNING - vrid 51 stale-arp: the last to announce it was B | vrid51_masters=1;1:1;1:1;0 vrid51_adverts=12',
    ],
    [
      'who is silent',
      report([{ ...ONE, state: 'silent', master: null }], 'warning'),
      'VRRP WARNING - vrid 51 is silent, 10.0.51.2 was the last to advertise | vrid51_masters=0;1:1;1:1;0 vrid51_adverts=12',
    ],
    [
      'who was expected in vain',
      { ...report([{ ...ONE, state: 'silent', master: null, advertisers: [] }], 'warning'), exitStatus: 2 },
      'VRRP CRITICAL - vrid 51 is expected and was not heard | vrid51_masters=0;1:1;1:1;0 vrid51_adverts=0',
    ],
    ['that nothing was heard', report([], 'unknown'), 'VRRP UNKNOWN - no VRRP heard'],
    [
      'that it is not sure',
      report([ONE], 'unknown'),
      'VRRP UNKNOWN - as far as was heard: vrid 51 master 10.0.51.2 | vrid51_masters=1;1:1;1:1;0 vrid51_adverts=12',
    ],
    [
      'of which interface it speaks, although the others are silent',
      { ...report([router(51, { interface: 'eth0' })]), captures: ['eth0', 'eth1'].map((name) => captureNamed(name)) },
      'VRRP OK - vrid 51 on eth0 master 10.0.51.2 | vrid51@eth0_masters=1;1:1;1:1;0 vrid51@eth0_adverts=936',
    ],
    [
      'in which of several interfaces nothing was heard; of a lost one that goes without saying',
      {
        ...report([router(51, { interface: 'eth0' })]),
        captures: [
          captureNamed('eth0'),
          { ...captureNamed('eth1'), adverts: 0 },
          { ...captureNamed('eth2'), adverts: 0, truncated: true },
        ],
      },
      'VRRP OK - vrid 51 on eth0 master 10.0.51.2; no VRRP heard in eth1 | vrid51@eth0_masters=1;1:1;1:1;0 vrid51@eth0_adverts=936',
    ],
  ])('%s', (_, found, line) => {
    expect(checkText(found, QUIET)).toBe(line);
    expect(line).toMatch(LINE);
    expect(line.split(' | ')[0]?.length).toBeLessThanOrEqual(90);
  });

  test('what the place of listening cannot show, and for how long it listened', () => {
    const line = checkText(report([ONE]), { verbose: false, vantage: 'heard only this host', windowUs: 5_000_000 });
    expect(line).toBe(
      'VRRP OK - vrid 51 master 10.0.51.2; heard only this host | vrid51_masters=1;1:1;1:1;0 vrid51_adverts=12 window=5s',
    );
    expect(line).toMatch(LINE);
  });

  test('only so many names, and how many more there are', () => {
    const many = Array.from({ length: 6 }, (_, i) => router(i + 1, { interface: null }));
    expect(checkText(report(many), QUIET)).toMatch(
      /^VRRP OK - vrid 1 master 10\.0\.1\.2, vrid 2 master 10\.0\.2\.2, vrid 3 master 10\.0\.3\.2, 3 more \| /,
    );
    const splits = [51, 52, 53].map((vrid) => ({ ...SPLIT, vrid }));
    expect(checkText(report(splits), QUIET)).toContain('(p100, deaf), 2 more | ');
  });
});

describe('performance data', () => {
  test('has a label of its own for family, VLAN and interface', () => {
    const routers = [
      router(51, { interface: 'eth0' }),
      router(51, { interface: 'eth0', family: 6 }),
      router(51, { interface: 'eth0', vlan: 100 }),
      router(51, { interface: 'eth1' }),
      router(51, { interface: 'eth 1' }),
      router(51, { interface: 'eth=1' }),
    ];
    const line = checkText(report(routers), QUIET);
    expect(line.match(/\S+(?=_masters=)/g)).toEqual([
      'vrid51@eth0',
      'vrid51v6@eth0',
      'vrid51.100@eth0',
      'vrid51@eth1',
      'vrid51@eth_1',
      'vrid51@eth_1-2',
    ]);
  });

  test('of one interface does not depend on its name', () => {
    expect(checkText(report([router(51)]), QUIET)).toContain(' | vrid51_masters=');
  });
});

describe('verbose', () => {
  test('adds cause, command, takeovers and findings on lines without a bar', () => {
    const found = report([{ ...SPLIT, findings: [finding('flapping', 'a | b')] }]);
    const [first = '', ...rest] = checkText(found, { ...QUIET, verbose: true }).split('\n');
    expect(first).toBe(checkText(found, QUIET));
    expect(rest.join('\n')).not.toContain('|');
    expect(rest).toContain('vrid 51 on 10.0.0.3: iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT');
    expect(rest).toContain('vrid 51 warning flapping: a \\x7c b');
    expect(rest.filter((line) => line.includes(' takeover '))).toHaveLength(2);
  });

  test('tells two nodes with one address apart by their hardware addresses', () => {
    const [mac, otherMac] = ['00:50:56:aa:01:02', '00:50:56:aa:01:03'];
    const twins = [mac, otherMac].map((each) => advertiser('10.0.0.2', { mac: each, adverts: 7 }));
    const found = report([{ ...SPLIT, advertisers: twins }]);
    expect(checkText(found, { ...QUIET, verbose: true })).toContain(
      `heard ${mac} (p100, 7 adverts) ${otherMac} (p100, 7 adverts)`,
    );
  });
});

function finding(code: Finding['code'], summary: string): Finding {
  return { code, severity: 'warning', summary, atUs: ago(3), count: 1 };
}
