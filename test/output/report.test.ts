import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Report, VirtualRouterReport } from '../../src/analyzer/report.ts';
import { LANE } from '../../src/analyzer/report.ts';
import { reportText } from '../../src/output/report.ts';
import type { ReportStyle } from '../../src/output/style.ts';
import { judgedCapture } from '../support/judged-capture.ts';
import { advertiser, ago, captureNamed, lane, NOW_US, report, router, splitBrain, splitRouter } from '../ui/reports.ts';

const PLAIN: ReportStyle = { color: false, ascii: false, width: 80, vrids: false };
const RECORDED = 'test/pcaps/';
const RECORDINGS = readdirSync(RECORDED)
  .filter((name) => name.endsWith('.pcap'))
  .sort();

/** Select Graphic Rendition: colours and nothing else. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these sequences are what is looked for
const SGR = /\x1b\[[0-9;]*m/g;

describe('the report of a recording', () => {
  test('is short when all is well', async () => {
    expect(await textOf('59_any_interface_SLL2_duplicates.pcap')).toMatchInlineSnapshot(`
      "
      OK  vrid 51 master 10.9.0.1

      vrid 51  10.9.0.100  ok since 13:33:26.971 UTC, master 10.9.0.1
        source    mac                ver  prio  every  auth  adverts  state
        10.9.0.1  02:00:00:00:00:01    2   150    1 s  none        3  master
        10.9.0.1  ███
                  13:33:26 to 13:33:29 UTC, 1 s a column

      test/pcaps/59_any_interface_SLL2_duplicates.pcap: pcap, LINUX_SLL2, 32 packets,
      12 adverts, 2026-11-22 13:33:26.971 to 13:33:28.972 UTC (2.00 s)
      Not shown: what a host's own firewall does behind the point of capture; an
      advertisement heard here may be dropped there. Only one node was heard for vrid
      51: no proof that no other is master beyond a broken path.
      "
    `);
  });

  test('shows takeovers with the time that they took', async () => {
    expect(await textOf('01_start_sigterm_return_kill9_return.pcap')).toMatchInlineSnapshot(`
      "
      OK  vrid 51 master 10.9.0.1

      vrid 51  10.9.0.100  ok since 13:06:52.720 UTC, master 10.9.0.1
        source    mac                ver  prio  every  auth  adverts  state
        10.9.0.1  02:00:00:00:00:01    2   150    1 s  none       16  master
        10.9.0.2  02:00:00:00:00:02    2   100    1 s  none       16  backup
        10.9.0.1  ████0·········█████·········█████
        10.9.0.2       █████████·······███████·····
                  13:06:24 to 13:06:57 UTC, 1 s a column
        █ advertises   0 resigns (priority 0)   · silent

        takeovers, UTC
          13:06:29.826  10.9.0.1 -> 10.9.0.2  resigned, next advert after 0.61 s
                        (expected 0.61 s)
          13:06:38.675  10.9.0.2 -> 10.9.0.1  preempted, 0.84 s after its last advert
          13:06:46.286  10.9.0.1 -> 10.9.0.2  timed out after 3.61 s of silence
                        (expected 3.61 s)
          13:06:52.720  10.9.0.2 -> 10.9.0.1  preempted, 0.42 s after its last advert

      test/pcaps/01_start_sigterm_return_kill9_return.pcap: pcap, ETHERNET, 67
      packets, 32 adverts, 2026-11-22 13:06:24.600 to 13:06:56.743 UTC (32 s)
      Not shown: what a host's own firewall does behind the point of capture; an
      advertisement heard here may be dropped there.
      "
    `);
  });

  test('tells who is deaf, where two were master, and what to type', async () => {
    expect(await textOf('02_drop_in_backup_oneway_heal.pcap')).toMatchInlineSnapshot(`
      "
      SPLIT BRAIN  vrid 51: 10.9.0.1 and 10.9.0.2 were both master for 6.01 s
                   (filtered, likely)

      vrid 51  10.9.0.100  ok since 13:07:35.797 UTC, master 10.9.0.1
        source    mac                ver  prio  every  auth  adverts  state
        10.9.0.1  02:00:00:00:00:01    2   150    1 s  none       17  master
        10.9.0.2  02:00:00:00:00:02    2   100    1 s  none        7  backup
        10.9.0.1  ████████████████
        10.9.0.2       ███████····
        SPLIT          !!!!!!!
                  13:07:24 to 13:07:40 UTC, 1 s a column
        █ advertises   · silent   ! split brain

        SPLIT BRAIN  from 2026-11-22 13:07:29.785 UTC to 13:07:35.797 UTC, 6.01 s
          masters   10.9.0.1 (priority 150), the rightful one; 10.9.0.2 (priority 100)
          deaf      10.9.0.2 should yield to 10.9.0.1 and did not
          evidence  both advertised at once; both claimed the address (ARP or
                    neighbour discovery)
          cause     filtered (likely): 10.9.0.2 does not hear 10.9.0.1: 10.9.0.1
                    answers it within milliseconds, so that direction works, and
                    nothing in their settings differs
          repair    the most likely first
          1. on 10.9.0.2: iptables: accept the advertisements before any rule that
                drops them
                iptables -I INPUT -p 112 -s 10.9.0.1 -j ACCEPT
          2. on 10.9.0.2: nftables: the same (adjust table and chain to \`nft list
                ruleset\`)
                nft insert rule inet filter input ip saddr 10.9.0.1 meta l4proto 112 accept
          3. on 10.9.0.2: firewalld: the same, kept over a restart
                firewall-cmd --permanent --add-rich-rule="rule family='ipv4' source address='10.9.0.1' protocol value='vrrp' accept" && firewall-cmd --reload
          4. on 10.9.0.2: if that was not it, see whether the advertisements of
                10.9.0.1 reach this host at all: if lines appear, its own firewall or
                rp_filter drops them, if none do, the network does
                timeout 10 tcpdump -c 3 -nni any ip proto 112 and src 10.9.0.1
          5. on 10.9.0.2: reverse path filter: loosen it if the source is not routed
                out of this interface
                sysctl -w net.ipv4.conf.all.rp_filter=2
          6. on 10.9.0.2: 224.0.0.18 must be among the groups of the interface of the
                virtual router (look while no vrrpwatch runs there: it joins the
                group, too); if it is not, restart keepalived
                ip maddr show | grep -wE '^[0-9]+:|224.0.0.18'
          7. on switch or hypervisor: multicast to 224.0.0.18 must reach both ports:
                look at IGMP snooping, port security, cloud networks without
                multicast; on a Linux bridge 0 is off
                grep . /sys/class/net/*/bridge/multicast_snooping
          8. on 10.9.0.2: where multicast cannot be had, go unicast on every node:
                here the lines \`unicast_src_ip 10.9.0.2\` and \`unicast_peer {\`, one
                line for each of the others (10.9.0.1, whoever was not heard), and \`}\`
                vi /etc/keepalived/keepalived.conf && keepalived -t -f /etc/keepalived/keepalived.conf && systemctl reload keepalived

      test/pcaps/02_drop_in_backup_oneway_heal.pcap: pcap, ETHERNET, 109 packets, 24
      adverts, 2026-11-22 13:07:24.174 to 13:07:39.811 UTC (16 s)
      Not shown: what a host's own firewall does behind the point of capture; an
      advertisement heard here may be dropped there.
      "
    `);
  });

  test('shows the claimant that fell silent over a wrong password', async () => {
    expect(await textOf('05_wrong_password.pcap')).toMatchInlineSnapshot(`
      "
      SPLIT BRAIN  vrid 51: 10.9.0.1 and 10.9.0.2 are both master since 13:09:43.636
                   UTC (auth-mismatch, certain)

      vrid 51  10.9.0.100  SPLIT BRAIN since 13:09:43.636 UTC, master 10.9.0.1
        source    mac                ver  prio  every  auth    adverts  state
        10.9.0.1  02:00:00:00:00:01    2   150    1 s  simple        5  master
        10.9.0.2  02:00:00:00:00:02    2   100    1 s  simple       16  CLAIMS
        10.9.0.1  █████░░░░░░░░░░░░░░░
        10.9.0.2  █░░░░███████████████
        SPLIT     !!!!!!!!!!!!!!!!!!!!
                  13:09:43 to 13:10:03 UTC, 1 s a column
        █ advertises   ░ silent, still claims   ! split brain

        SPLIT BRAIN  from 2026-11-22 13:09:43.636 UTC, still going on after 19 s
          masters   10.9.0.1 (priority 150), the rightful one; 10.9.0.2 (priority 100)
          deaf      10.9.0.2 should yield to 10.9.0.1 and does not
          evidence  each discards what the other sends; both claimed the address (ARP
                    or neighbour discovery)
          cause     auth-mismatch (certain): the passwords of 10.9.0.1 and 10.9.0.2
                    differ; each discards what the other sends (only the first 8
                    characters count)
          differs   password: 10.9.0.1 has one password, 10.9.0.2 has another password
          repair    the most likely first
          1. on 10.9.0.2: set the auth_pass of 10.9.0.1; only its first 8 characters
                count
                vi /etc/keepalived/keepalived.conf && keepalived -t -f /etc/keepalived/keepalived.conf && systemctl reload keepalived

      test/pcaps/05_wrong_password.pcap: pcap, ETHERNET, 41 packets, 21 adverts,
      2026-11-22 13:09:43.391 to 13:10:02.642 UTC (19 s)
      Not shown: what a host's own firewall does behind the point of capture; an
      advertisement heard here may be dropped there.
      "
    `);
  });

  test('names nobody as rightful beside one that told no priority: it was first heard as it resigned', async () => {
    const told = await textOf('judged/silenced_master_first_heard_as_it_resigns.pcap');
    expect(told).toContain('masters   10.9.0.2 (priority 100); 10.9.0.1 (priority unknown)');
    expect(told).not.toContain('should yield');
  });

  test('draws no claim of one that has yielded while others go on', async () => {
    const told = await textOf('judged/three_masters_of_which_one_yields_first.pcap');
    expect(told).toMatch(/10\.9\.0\.3 {2}█{5}·{11}$/m);
  });

  test('begins with the warning when there is one', async () => {
    expect(await textOf('24_both_prio255.pcap')).toMatchInlineSnapshot(`
      "
      WARNING  vrid 51 config-mismatch: 10.9.0.2 and 10.9.0.1 both have priority 255,
               which is for the one owner of the addresses

      vrid 51  10.9.0.100  ok since 13:13:27.697 UTC, master 10.9.0.1
        source    mac                ver  prio  every  auth  adverts  state
        10.9.0.2  02:00:00:00:00:02    2   255    1 s  none        1  silent
        10.9.0.1  02:00:00:00:00:01    2   255    1 s  none       10  master
        10.9.0.2  █·········
        10.9.0.1  ██████████
        TWO        ??
                  13:13:24 to 13:13:34 UTC, 1 s a column
        █ advertises   · silent   ? two at once

        takeovers, UTC
          13:13:24.646  10.9.0.2 -> 10.9.0.1  taken over early, 0.8 ms after its last
                        advert (expected 3.00 s)

        WARNING  config-mismatch: 10.9.0.2 and 10.9.0.1 both have priority 255, which
                 is for the one owner of the addresses (13:13:24.646 UTC)

      test/pcaps/24_both_prio255.pcap: pcap, ETHERNET, 26 packets, 11 adverts,
      2026-11-22 13:13:24.645 to 13:13:33.703 UTC (9.06 s)
      Not shown: what a host's own firewall does behind the point of capture; an
      advertisement heard here may be dropped there.
      "
    `);
  });
});

describe.each(RECORDINGS)('the report of %s', (name) => {
  test.each([60, 80, 132])('fits %d columns, commands aside', async (width) => {
    const found = await judgedCapture(RECORDED + name);
    const commands = commandsOf(found);
    const lines = reportText(found, { ...PLAIN, width, vrids: true }).split('\n');
    expect(lines.filter((line) => line.length > width && !commands.has(line.trim()))).toEqual([]);
    for (const command of commands) expect(lines.map((line) => line.trim())).toContain(command);
  });

  test('says the same with and without colour, and in 7 bits', async () => {
    const found = await judgedCapture(RECORDED + name);
    const plain = reportText(found, PLAIN);
    expect(plain).not.toContain('\x1b');
    expect(reportText(found, { ...PLAIN, color: true }).replace(SGR, '')).toBe(plain);
    expect(reportText(found, { ...PLAIN, ascii: true })).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

describe('the timeline', () => {
  test('marks in a row of its own, in every column of it, that two claim the addresses', () => {
    const lines = reportText(report([splitRouter()]), PLAIN).split('\n');
    const [winner = '', loser = '', split = ''] = lines.slice(
      lines.findIndex((line) => /^ {2}10\.0\.0\.2 .*█/.test(line)),
    );
    expect(split).toMatch(/^ {2}SPLIT +!+$/);
    expect(loser.indexOf('█')).toBe(split.indexOf('!'));
    expect(split.length).toBe(winner.length);
  });

  test('has another mark for a claim that was not confirmed', () => {
    const contested = splitRouter({ splitBrains: [], state: 'contested' });
    const text = reportText(report([contested], 'warning'), PLAIN);
    expect(text).toMatch(/^ {2}TWO +\?+$/m);
    expect(text).not.toContain('!');
  });

  test('shows a resignation and missing adverts', () => {
    const master = advertiser('10.0.0.2', { firstUs: ago(20), lastUs: NOW_US });
    const slots = Uint8Array.from({ length: 50 }, (_, slot) => (slot % 2 === 0 ? LANE.advert : 0));
    slots[20] = LANE.missed;
    slots[40] = LANE.resigned;
    const odd = router(51, { advertisers: [{ ...master, lane: { startUs: ago(20), slotUs: 500_000, slots } }] });
    const text = reportText(report([odd]), PLAIN);
    expect(text).toMatch(/^ {2}10\.0\.0\.2 {2}█{10}_█{9}0/m);
    expect(text).toContain('_ adverts missing');
    expect(text).toContain('0 resigns (priority 0)');
  });

  test('begins where the memory of all lanes begins', () => {
    const forgetful = { ...lane(ago(10)), startUs: ago(10) };
    const old = advertiser('10.0.0.2', { firstUs: ago(9000), lane: forgetful });
    const text = reportText(report([router(51, { advertisers: [old] })]), PLAIN);
    expect(text).toContain('14:07:23 to ');
  });
});

describe('of several virtual routers', () => {
  test('those in trouble come first', () => {
    const text = reportText(report([router(7), splitRouter({ vrid: 51 }), router(9)]), PLAIN);
    expect(text.match(/^vrid \d+(?= on eth0 {2})/gm)).toEqual(['vrid 51', 'vrid 7', 'vrid 9']);
  });

  test('a split brain that goes on is said before one that is over', () => {
    const over = splitRouter({ vrid: 7, state: 'ok', splitBrains: [splitBrain({ endUs: ago(33) })] });
    const [first, ...rest] = reportText(report([over, splitRouter({ vrid: 51 })]), PLAIN).split('\n');
    expect(first).toMatch(/^SPLIT BRAIN {2}vrid 51 .* are both master/);
    expect(rest.join('\n')).toMatch(/^ {13}vrid 7 .* were both master for 8\.00 s/m);
  });

  test('the warning names those where two advertised at once', () => {
    const contention = { atUs: 1_795_352_789_000_000, claimants: ['10.9.0.2', '10.9.0.1'], winner: '10.9.0.1' };
    const yielded = splitRouter({ vrid: 51, state: 'ok', splitBrains: [], contentions: [contention] });
    const text = reportText(report([router(7), yielded], 'warning'), PLAIN).replace(/\s+/g, ' ');
    expect(text).toContain(
      'WARNING vrid 51 on eth0: 10.9.0.2 and 10.9.0.1 advertised at once for a moment, at 13:06:29',
    );
    expect(text).toContain('contested 13:06:29');
  });

  test('many quiet ones take a line each, the others are told in full', () => {
    const quiet = Array.from({ length: 20 }, (_, i) => router(i + 100));
    const lines = reportText(report([...quiet, splitRouter()]), PLAIN).split('\n');
    expect(lines.filter((line) => /^vrid 1\d\d /.test(line))).toHaveLength(20);
    expect(lines.filter((line) => line.startsWith('  source'))).toHaveLength(1);
  });

  test('the verdict counts those that it does not name', () => {
    const splits = [51, 52, 53, 54, 55].map((vrid) => splitRouter({ vrid }));
    const text = reportText(report(splits), PLAIN);
    expect(text).toMatch(/^SPLIT BRAIN {2}vrid 51 on eth0: /);
    expect(text).toMatch(/^ {13}2 more$/m);
  });

  test('the capture is named where there are several', () => {
    const captures = ['a.pcap', 'b.pcap'].map((name) => captureNamed(name));
    const routers = ['a.pcap', 'b.pcap'].map((capture) => router(51, { capture, interface: null }));
    const text = reportText({ ...report(routers), captures }, PLAIN);
    expect(text).toContain('vrid 51 in a.pcap  ');
    expect(text).toContain('vrid 51 in b.pcap  ');
  });
});

describe('the inventory', () => {
  test('names who uses which VRID of a segment and which are free in both families', () => {
    const routers = [
      router(1, { advertisers: [advertiser('10.0.0.2')], addresses: ['10.0.0.1'] }),
      router(2, { family: 6, advertisers: [advertiser('fe80::2')], addresses: ['fe80::1'] }),
      router(255, { vlan: 100, advertisers: [advertiser('10.0.9.2'), advertiser('10.0.9.3')] }),
    ];
    const text = reportText(report(routers), { ...PLAIN, vrids: true });
    expect(text.slice(text.indexOf('VRIDs on'), text.indexOf('Not shown'))).toMatchInlineSnapshot(`
      "VRIDs on eth0
        1  IPv4  10.0.0.1  by 10.0.0.2
        2  IPv6  fe80::1  by fe80::2
        free, as far as was heard: 3-255
      VRIDs on eth0, VLAN 100
        255  IPv4  10.0.255.1  by 10.0.9.2 10.0.9.3
        free, as far as was heard: 1-254

      "
    `);
  });

  test('is left out unless asked for', () => {
    expect(reportText(report([router(1)]), PLAIN)).not.toContain('VRIDs on');
  });
});

describe('the report', () => {
  test('calls an expected virtual router critical that was not heard', () => {
    const unheard = router(9, { state: 'silent', advertisers: [], addresses: [], master: null });
    const text = reportText({ ...report([unheard], 'warning'), exitStatus: 2 }, PLAIN);
    expect(text).toMatch(/^CRITICAL {2}vrid 9 .*is expected and was not heard$/m);
  });

  test('says that nothing was heard, and where', () => {
    const found = { ...report([], 'unknown'), captures: [captureNamed('dump.pcap')] };
    expect(reportText(found, PLAIN)).toMatch(/^UNKNOWN {2}no VRRP heard in dump\.pcap$/m);
  });

  test('does not hide a split brain behind another file that could not be read', () => {
    const found: Report = { ...report([splitRouter()]), verdict: 'unknown', exitStatus: 3 };
    expect(reportText(found, PLAIN)).toMatch(/^UNKNOWN {2}vrid 51 .*10\.0\.0\.2 and 10\.0\.0\.3 are both master/m);
  });

  test('tells what the capture lost and cut', () => {
    const captures = [{ ...captureNamed('dump.pcap'), truncated: true, dropped: 7 }];
    const text = reportText({ ...report([router(51)]), captures }, PLAIN);
    expect(text).toContain('7 dropped, TRUNCATED');
    expect(text).toMatch(/The capture\s+lost frames/);
  });

  test('does not call the word of a single advertiser proof', () => {
    expect(reportText(report([router(51)]), PLAIN)).toContain('no proof that no other is');
    expect(reportText(report([splitRouter()]), PLAIN)).not.toContain('no proof');
  });

  test('says how often a finding was made, the gravest first', () => {
    const findings = [
      { code: 'late-adverts', severity: 'warning', summary: 'late', atUs: ago(9), count: 3 },
      { code: 'unexpected-advertiser', severity: 'critical', summary: 'who is that', atUs: null, count: 1 },
    ] as const;
    const text = reportText({ ...report([router(51, { findings })], 'warning'), exitStatus: 2 }, PLAIN);
    expect(text).toMatch(/^CRITICAL {2}vrid 51 on eth0 unexpected-advertiser: who is that$/m);
    expect(text).toContain(
      '  CRITICAL  unexpected-advertiser: who is that\n  WARNING  late-adverts: late (3 times, first 14:07:24.000 UTC)\n',
    );
  });

  test('gives a command in a finding a line of its own, to be copied', () => {
    const command = "arping -U -c 3 -I $(ip -o addr show to 10.0.0.100 | awk '{print $2}') 10.0.0.100";
    const summary = `the last to announce it was 10.0.0.2, which is not master any more; repaired by: \`${command}\``;
    const found = { code: 'stale-arp', severity: 'warning', summary, atUs: ago(1), count: 1 } as const;
    const text = reportText(report([router(51, { findings: [found] })]), PLAIN);
    expect(text).toContain(`any more; repaired by:\n             ${command}\n           (`);
  });

  test('says what the priorities in brackets are, where there are any', () => {
    const changed = advertiser('10.0.0.1', { priority: 150, priorities: [90, 150] });
    const text = reportText(report([router(51, { advertisers: [changed] })]), PLAIN);
    expect(text).toMatch(/^ {2}10\.0\.0\.1 .* 150 \(90\) .*\n {2}in brackets: other priorities that it advertised$/m);
    const same = advertiser('10.0.0.1', { priority: 150, priorities: [150] });
    expect(reportText(report([router(51, { advertisers: [same] })]), PLAIN)).not.toContain('in brackets');
  });

  test('repeats no remedy that it has given', () => {
    const first = splitBrain({ startUs: ago(90), endUs: ago(60) });
    const text = reportText(report([splitRouter({ splitBrains: [first, splitBrain()] })]), PLAIN);
    expect(text.match(/iptables -I INPUT/g)).toHaveLength(1);
    expect(text).toContain('repair    as above');
  });

  test('tells two nodes with one address apart by their hardware addresses', () => {
    const text = reportText(report([twins()]), PLAIN);
    expect(text).toContain('10.0.0.2 (00:50:56:aa:01:02) and 10.0.0.2');
    expect(text).toMatch(/10\.0\.0\.2 \(00:50:56:aa:01:02, priority\s+100\),\s+the rightful one/);
    expect(text).toMatch(/^ {2}10\.0\.0\.2 {2}00:50:56:aa:01:02 .* master$/m);
    expect(text).toMatch(/^ {2}10\.0\.0\.2 {2}00:50:56:aa:01:03 .* CLAIMS$/m);
    expect(text).toMatch(/^ {2}00:50:56:aa:01:02 {2}█/m);
    expect(text).toMatch(/^ {2}00:50:56:aa:01:03 {2}█+░+$/m);
  });

  test('shows a password only where the report has one', () => {
    const open = router(51, { advertisers: [advertiser('10.0.0.2', { password: 'secret' })] });
    expect(reportText(report([open]), PLAIN)).toContain('password of 10.0.0.2: secret');
    expect(reportText(report([router(51)]), PLAIN)).not.toContain('password');
  });
});

async function textOf(name: string): Promise<string> {
  return `\n${reportText(await judgedCapture(RECORDED + name), PLAIN)}\n`;
}

function twins(): VirtualRouterReport {
  const source = '10.0.0.2';
  const [mac, otherMac] = ['00:50:56:aa:01:02', '00:50:56:aa:01:03'];
  const one = advertiser(source, { mac, claiming: true });
  const silenced = { ...one, mac: otherMac, lane: lane(ago(900), ago(30)) };
  const [winner, loser] = [`${source} (${mac})`, `${source} (${otherMac})`];
  const both = splitBrain({ claimants: [winner, loser], winner, deaf: [loser] });
  return splitRouter({ advertisers: [one, silenced], master: source, splitBrains: [both] });
}

function commandsOf(found: Report): ReadonlySet<string> {
  const { virtualRouters } = found;
  const remedies = virtualRouters.flatMap((each) => each.splitBrains.flatMap(({ cause }) => cause.remedies));
  const findings = [...found.findings, ...virtualRouters.flatMap((each) => each.findings)];
  const inFindings = findings.flatMap(({ summary }) => [...summary.matchAll(/`(.*?)`/g)].map(([, command]) => command));
  return new Set([...remedies.map(({ command }) => command), ...inFindings.map((command) => command ?? '')]);
}
