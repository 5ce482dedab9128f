import { describe, expect, test } from 'vitest';
import type { Scene } from '../../src/ui/scene.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { INITIAL_STATE } from '../../src/ui/ui-state.ts';
import { judgedCapture } from '../support/judged-capture.ts';
import {
  advertiser,
  ago,
  contestedReport,
  fullReport,
  identity,
  okReport,
  report,
  router,
  silentReport,
  snapshot,
  splitBrain,
  splitReport,
  splitRouter,
  twoSplitReport,
} from './reports.ts';
import { afterKeys, draw } from './screen.ts';

const waiting = { status: 'waiting', adverts: 0, advertsPerSecond: 0, packets: 12, lastAdvertUs: null } as const;

describe('80x24', () => {
  test('a split brain shows who, since when, why, and what to type where', () => {
    expect(draw()).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
      ┏━ SPLIT BRAIN  vrid 51 on eth0 for 41s, since 14:06:52 UTC  10.0.0.1 10.0.0.…━┓
      ┃ WHO  10.0.0.2 (priority 150) is rightful; DEAF: 10.0.0.3 (priority 100)      ┃
      ┃ WHY  likely: 10.0.0.3 does not receive the adverts of 10.0.0.2: both agree   ┃
      ┃      in every field, so a firewall or lost multicast stands between them     ┃
      ┃ DO   on 10.0.0.3 (c: copy, 1 of 2): let adverts of the other node in         ┃
      ┃      iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT                          ┃
      ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
         VRID IP VLAN ADDRESSES     MASTER       PRIO V  INTV AUTH  STATE
      >!   51 v4 -    10.0.0.1 +1   10.0.0.2      150 2    1s pass  SPLIT BRAIN 41s
       !                            10.0.0.3      100 2    1s pass  must yield, deaf
           52 v4 -    10.0.52.1     10.0.52.2     120 3    1s -     ok 15m00s
            7 v4 100  10.0.7.1      10.0.7.2      120 3    1s -     ok 15m00s
      TIMELINE 2s/column  █advert Xoverlap ▶takeover ▒missed 0resigned ·quiet
       51 10.0.0.2         ███████████████████████████████████████████████████████████
          10.0.0.3                                               XXXXXXXXXXXXXXXXXXXXX
          masters          11111111111111111111111111111111111111222222222222222222222
                                       |14:06:00           |14:06:40               now
      EVENTS
      14:06:55 ALARM  51  SPLIT BRAIN: 10.0.0.3 does not yield to 10.0.0.2
      14:06:52 WARN   51  contested: 10.0.0.2 and 10.0.0.3; 10.0.0.2 is rightful
      Enter detail  c command  a ack  / filter  f freeze  + zoom      ? help  q quit"
    `);
  });

  test('with one master everywhere there is no banner, and the room goes to lanes and events', () => {
    expect(draw({ snapshot: snapshot(okReport()), events: [] })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   OK  2 routers                                 LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
         VRID IP ADDRESSES       MASTER          PRIO V  INTV AUTH  STATE
      >    52 v4 10.0.52.1       10.0.52.2        120 3    1s -     ok 15m00s
           53 v6 fe80::1 +1      fe80::5…12:3456  120 3    1s -     ok 15m00s
      TIMELINE 2s/column  █advert Xoverlap ▶takeover ▒missed 0resigned ·quiet
       52 10.0.52.2        ███████████████████████████████████████████████████████████
       53 10.0.53.2        ███████████████████████████████████████████████████████████
                                       |14:06:00           |14:06:40               now
      EVENTS  none yet












      Enter detail  / filter  f freeze  + zoom  e events  i vrids     ? help  q quit"
    `);
  });

  test('of two split brains the newest is in the banner, and the timeline follows it', () => {
    expect(draw({ snapshot: snapshot(twoSplitReport()) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 2 of 3 routers, 10.0.0.3 deaf LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
      ┏━ SPLIT BRAIN  vrid 52 on eth0 for 12s, since 14:07:21 UTC  10.0.0.1…━ 1 of 2 ┓
      ┃ WHO  10.0.0.2 (priority 150) is rightful; DEAF: 10.0.0.3 (priority 100)      ┃
      ┃ WHY  likely: 10.0.0.3 does not receive the adverts of 10.0.0.2: both agree   ┃
      ┃      in every field, so a firewall or lost multicast stands between them     ┃
      ┃ DO   on 10.0.0.3 (c: copy, 1 of 2): let adverts of the other node in         ┃
      ┃      iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT                          ┃
      ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
         VRID IP ADDRESSES       MASTER          PRIO V  INTV AUTH  STATE
       !   51 v4 10.0.0.1 +1     10.0.0.2         150 2    1s pass  SPLIT BRAIN 41s
       !                         10.0.0.3         100 2    1s pass  must yield, deaf
      >!   52 v4 10.0.0.1 +1     10.0.0.2         150 2    1s pass  SPLIT BRAIN 12s
       !                         10.0.0.3         100 2    1s pass  must yield, deaf
      TIMELINE 2s/column  █advert Xoverlap ▶takeover ▒missed 0resigned ·quiet
       52 10.0.0.2         ███████████████████████████████████████████████████████████
          10.0.0.3                                               XXXXXXXXXXXXXXXXXXXXX
          masters          11111111111111111111111111111111111111222222222222222222222
                                       |14:06:00           |14:06:40               now
      EVENTS
      14:06:55 ALARM  51  SPLIT BRAIN: 10.0.0.3 does not yield to 10.0.0.2
      14:06:52 WARN   51  contested: 10.0.0.2 and 10.0.0.3; 10.0.0.2 is rightful
      Enter detail  c command  a ack  n next  / filter      1-4 of 5  ? help  q quit"
    `);
  });

  test('a node that is deaf on several routers is told as that', () => {
    expect(draw({ snapshot: snapshot(twoSplitReport()) })).toContain(' SPLIT BRAIN  on 2 of 3 routers, 10.0.0.3 deaf ');
    expect(draw()).toContain(' SPLIT BRAIN  on 1 of 3 routers   ');
  });

  test('n shows the next split brain', () => {
    const of = { snapshot: snapshot(twoSplitReport()) };
    expect(draw({ ...of, state: afterKeys(['n'], of) }).split('\n')[2]).toMatchInlineSnapshot(
      `"┏━ SPLIT BRAIN  vrid 51 on eth0 for 41s, since 14:06:52 UTC  10.0.0.1…━ 2 of 2 ┓"`,
    );
  });

  test('n passes over those that are acknowledged while another one is not', () => {
    const of = { snapshot: snapshot(twoSplitReport()) };
    const shown = (keys: readonly string[]) => draw({ ...of, state: afterKeys(keys, of) }).split('\n')[2];
    expect(shown(['a'])).toMatch(/^┏━ SPLIT BRAIN {2}vrid 51/);
    expect(shown(['a', 'n'])).toMatch(/^┏━ SPLIT BRAIN {2}vrid 51/);
    expect(shown(['a', 'a', 'n'])).toMatch(/^━ SPLIT BRAIN \(acknowledged\) {2}vrid 51/);
  });

  test('an acknowledged split brain shrinks to a line', () => {
    expect(draw({ state: afterKeys(['a']) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
      ━ SPLIT BRAIN (acknowledged)  vrid 51 on eth0 for 41s, since 14:06:52 UTC  10.…
         VRID IP VLAN ADDRESSES     MASTER       PRIO V  INTV AUTH  STATE
      >!   51 v4 -    10.0.0.1 +1   10.0.0.2      150 2    1s pass  SPLIT BRAIN 41s
       !                            10.0.0.3      100 2    1s pass  must yield, deaf
           52 v4 -    10.0.52.1     10.0.52.2     120 3    1s -     ok 15m00s
            7 v4 100  10.0.7.1      10.0.7.2      120 3    1s -     ok 15m00s
      TIMELINE 2s/column  █advert Xoverlap ▶takeover ▒missed 0resigned ·quiet
       51 10.0.0.2         ███████████████████████████████████████████████████████████
          10.0.0.3                                               XXXXXXXXXXXXXXXXXXXXX
          masters          11111111111111111111111111111111111111222222222222222222222
                                       |14:06:00           |14:06:40               now
      EVENTS
      14:06:55 ALARM  51  SPLIT BRAIN: 10.0.0.3 does not yield to 10.0.0.2
      14:06:52 WARN   51  contested: 10.0.0.2 and 10.0.0.3; 10.0.0.2 is rightful
      14:02:33 WARN   51  timed-out: 10.0.0.2 -> 10.0.0.3 after 3.689 s (expected 3.6…
      13:57:33 info   51  preempted: 10.0.0.3 -> 10.0.0.2 after 1.000 s
      13:52:33 info   51  new advertiser 10.0.0.2, priority 150
      13:52:33 info   51  new virtual router, addresses 10.0.0.1 10.0.0.9


      Enter detail  c command  a ack  / filter  f freeze  + zoom      ? help  q quit"
    `);
  });

  test('a contested router is marked before it is an alarm', () => {
    expect(
      draw({ snapshot: snapshot(contestedReport()), events: [] })
        .split('\n')
        .slice(0, 6),
    ).toMatchInlineSnapshot(`
      [
        "vrrpwatch eth0   WARNING  1 router: 1 contested                LIVE 14:07:33 UTC",
        "capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…",
        "   VRID IP ADDRESSES       MASTER          PRIO V  INTV AUTH  STATE",
        ">!   51 v4 10.0.0.1 +1     10.0.0.2         150 2    1s pass  CONTESTED 2s",
        " !                         10.0.0.3         100 2    1s pass  claims it too",
        "TIMELINE 2s/column  █advert Xoverlap ▶takeover ▒missed 0resigned ·quiet",
      ]
    `);
  });

  test('a silent router is marked and has no master', () => {
    expect(
      draw({ snapshot: snapshot(silentReport()), events: [] })
        .split('\n')
        .slice(0, 6),
    ).toMatchInlineSnapshot(`
      [
        "vrrpwatch eth0   WARNING  2 routers: 1 silent                  LIVE 14:07:33 UTC",
        "capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…",
        "   VRID IP ADDRESSES       MASTER          PRIO V  INTV AUTH  STATE",
        ">!   52 v4 10.0.52.1       none             120 3    1s -     SILENT 8s",
        "     53 v4 10.0.53.1       10.0.53.2        120 3    1s -     ok 15m00s",
        "TIMELINE 2s/column  █advert Xoverlap ▶takeover ▒missed 0resigned ·quiet",
      ]
    `);
  });

  test('Enter shows the claimants side by side with what differs marked', () => {
    expect(draw({ state: afterKeys(['return']) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
      vrid 51 on eth0                         SPLIT BRAIN  for 41s, since 14:06:52 UTC
      addresses: 10.0.0.1 10.0.0.9

                      10.0.0.2                        10.0.0.3
                      rightful master                 MUST YIELD, DEAF
      ≠ priority      150                             100
        source MAC    00:50:56:aa:01:02               00:50:56:aa:01:03
        VRRP version  2                               2
        addresses     10.0.0.1 10.0.0.9               10.0.0.1 10.0.0.9
        interval      1s                              1s
        auth type     simple                          simple
        sent by       multicast 224.0.0.18            multicast 224.0.0.18
        adverts       936                             41
        first heard   13:52:33                        14:06:52
        last heard    14:07:32, 0s ago                14:07:32, 0s ago
        resigned      -                               -

      WHY  filtered, likely; proven by: adverts, at 14:06:55.000
        10.0.0.3 does not receive the adverts of 10.0.0.2: both agree in every field,
        so a firewall or lost multicast stands between them
      Esc back  c command  f freeze                       1-20 of 35  ? help  q quit"
    `);
  });

  test('two nodes with one address stand on lines of their own, told apart by their hardware addresses', async () => {
    expect(await drawTwins({ rows: 26 })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 1 router                 LIVE 16:37:09 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 2h29m ago  0 dropped  ip …
      ┏━ SPLIT BRAIN  vrid 51 for 19s, since 16:36:49 UTC  10.9.0.100 ━━━━━━━━━━━━━━━┓
      ┃ WHO  10.9.0.77 (02:00:00:00:00:01, priority 100) is rightful; DEAF:          ┃
      ┃      10.9.0.77 (02:00:00:00:00:02, priority 100)                             ┃
      ┃ WHY  certain: two nodes send from the same address 10.9.0.77; each takes the ┃
      ┃      other's advertisements for its own and drops them                       ┃
      ┃ DO   on 10.9.0.77 (02:00:00:00:00:02) (c: copy): give one of the two nodes … ┃
      ┃      ip -br link | grep -F 02:00:00:00:00:02; ip -br addr                    ┃
      ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
         VRID IP ADDRESSES       MASTER          PRIO V  INTV AUTH  STATE
      >!   51 v4 10.9.0.100      10.9.0.77        100 2    1s -     SPLIT BRAIN 19s
       !                         02:00:0…0:00:02  100 2    1s -     must yield, deaf
      TIMELINE 2s/column  █advert Xoverlap ░claims
       51 02:00:00…0:00:01                                              ████XXX█░░░X██
          02:00:00…0:00:02                                                 XXXXXXXXXX░
          masters                                                       11122222222222
                               |16:35:20           |16:36:00           |16:36:40   now
      EVENTS  none yet





      Enter detail  c command  a ack  / filter  f freeze  + zoom      ? help  q quit"
    `);
  });

  test('the detail view of two nodes with one address says which of them must yield, and what they differ in', async () => {
    expect(await drawTwins({ state: { ...INITIAL_STATE, screen: 'detail' } })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 1 router                 LIVE 16:37:09 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 2h29m ago  0 dropped  ip …
      vrid 51                                 SPLIT BRAIN  for 19s, since 16:36:49 UTC
      addresses: 10.9.0.100

                      10.9.0.77                       10.9.0.77
                      rightful master                 MUST YIELD, DEAF
        priority      100                             100
      ≠ source MAC    02:00:00:00:00:01               02:00:00:00:00:02
        VRRP version  2                               2
        addresses     10.9.0.100                      10.9.0.100
        interval      1s                              1s
        auth type     none                            none
        sent by       multicast 224.0.0.18            multicast 224.0.0.18
        adverts       16                              16
        first heard   16:36:43                        16:36:49
        last heard    16:37:09, 0s ago                16:37:04, 4s ago
        resigned      -                               -

      WHY  filtered, certain; proven by: adverts, at 16:36:50.676
        two nodes send from the same address 10.9.0.77; each takes the other's
        advertisements for its own and drops them
      Esc back  c command  f freeze                       1-20 of 33  ? help  q quit"
    `);
  });

  test('the end of the detail view has the takeovers and findings', () => {
    expect(draw({ state: afterKeys(['return', 'G']) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
        resigned      -                               -

      WHY  filtered, likely; proven by: adverts, at 14:06:55.000
        10.0.0.3 does not receive the adverts of 10.0.0.2: both agree in every field,
        so a firewall or lost multicast stands between them

      DO 1  on 10.0.0.3
        let adverts of the other node in
      iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT

      DO 2  on switch
        IGMP snooping may keep 224.0.0.18 from the port
      show ip igmp snooping groups

      TAKEOVERS  newest first
        AT            FROM           TO             KIND       MEASURED  EXPECTED
        14:02:33.000  10.0.0.2       10.0.0.3       timed-out  3.689 s   3.609 s
        13:57:33.000  10.0.0.3       10.0.0.2       preempted  1.000 s   -

      FINDINGS  none
      Esc back  c command  f freeze                      16-35 of 35  ? help  q quit"
    `);
  });

  test('i shows all VRIDs, the used ones marked', () => {
    expect(draw({ state: afterKeys(['i']) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
      VRIDs on eth0: 2 used, 253 not heard  (1 of 2, s: next)
              1    2    3    4    5    6    7    8    9   10   11   12   13   14   15
        16   17   18   19   20   21   22   23   24   25   26   27   28   29   30   31
        32   33   34   35   36   37   38   39   40   41   42   43   44   45   46   47
        48   49   50 ! 51![ 52]  53   54   55   56   57   58   59   60   61   62   63
        64   65   66   67   68   69   70   71   72   73   74   75   76   77   78   79
        80   81   82   83   84   85   86   87   88   89   90   91   92   93   94   95
        96   97   98   99  100  101  102  103  104  105  106  107  108  109  110  111
       112  113  114  115  116  117  118  119  120  121  122  123  124  125  126  127
       128  129  130  131  132  133  134  135  136  137  138  139  140  141  142  143
       144  145  146  147  148  149  150  151  152  153  154  155  156  157  158  159
       160  161  162  163  164  165  166  167  168  169  170  171  172  173  174  175
       176  177  178  179  180  181  182  183  184  185  186  187  188  189  190  191
       192  193  194  195  196  197  198  199  200  201  202  203  204  205  206  207
       208  209  210  211  212  213  214  215  216  217  218  219  220  221  222  223
       224  225  226  227  228  229  230  231  232  233  234  235  236  237  238  239
       240  241  242  243  244  245  246  247  248  249  250  251  252  253  254  255
      [51] used   !51! used and in alarm   51 not heard while watching
      free: 1-50 53-255

      Esc back                                            1-20 of 22  ? help  q quit"
    `);
  });

  test('i counts a VRID that one family uses as used, and one that is only expected as free', () => {
    const unheard = router(7, { interface: null, advertisers: [], master: null, state: 'silent' });
    const both = report([router(51), router(51, { family: 6 }), router(52, { family: 6 }), unheard]);
    const of = { snapshot: snapshot(both) };
    const drawn = draw({ ...of, state: afterKeys(['i'], of) });
    expect(drawn).toContain('VRIDs on eth0: 2 used, 253 not heard\n');
    expect(drawn).toContain('free: 1-50 53-255');
  });

  test('a takeover that waited for nobody is a warning in the log', () => {
    const takeover = {
      atUs: ago(3),
      from: '10.0.0.2',
      to: '10.0.0.3',
      kind: 'early',
      gapUs: 9e5,
      expectedGapUs: 36e5,
    } as const;
    const event = { event: 'takeover', atUs: ago(3), router: identity(router(51)), takeover, priority: 100 } as const;
    expect(draw({ snapshot: snapshot(okReport()), events: [event] })).toMatch(
      / WARN +51 +early: 10\.0\.0\.2 -> 10\.0\.0\.3/,
    );
  });

  test('c shows every repair command in full', () => {
    const command = `keepalived-ctl ${'--a-long-option-that-must-not-be-cut '.repeat(6)}--end`;
    const long = splitRouter({
      splitBrains: [
        splitBrain({
          cause: { ...splitBrain().cause, remedies: [{ on: '10.0.0.3', why: 'to see it wrapped', command }] },
        }),
      ],
    });
    const of = { snapshot: snapshot(report([long])) };
    expect(draw({ ...of, state: afterKeys(['c'], of) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 1 router                 LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
      Repair of vrid 51 on eth0
      10.0.0.3 does not receive the adverts of 10.0.0.2: both agree in every field, so
      a firewall or lost multicast stands between them

      1 of 1, on 10.0.0.3  (sent to the clipboard; c: the next one)
      to see it wrapped
      keepalived-ctl --a-long-option-that-must-not-be-cut \\
      --a-long-option-that-must-not-be-cut --a-long-option-that-must-not-be-cut \\
      --a-long-option-that-must-not-be-cut --a-long-option-that-must-not-be-cut \\
      --a-long-option-that-must-not-be-cut --end

      The clipboard is reached by OSC 52, which some terminals, and tmux with
      set-clipboard off, ignore.







      Esc back  c command                                             ? help  q quit"
    `);
  });

  test('c shows the repair of what ended last, for a post-mortem', () => {
    const ended = splitRouter({ state: 'ok', splitBrains: [splitBrain({ endUs: ago(5) })] });
    const of = { snapshot: snapshot(report([ended])) };
    expect(
      draw({ ...of, state: afterKeys(['c'], of) })
        .split('\n')
        .slice(0, 8),
    ).toMatchInlineSnapshot(`
      [
        "vrrpwatch eth0   OVER  a split brain ended; 1 router           LIVE 14:07:33 UTC",
        "capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…",
        "Repair of vrid 51 on eth0",
        "10.0.0.3 does not receive the adverts of 10.0.0.2: both agree in every field, so",
        "a firewall or lost multicast stands between them",
        "It ended at 14:07:28 UTC; this keeps it from coming back.",
        "",
        "1 of 2, on 10.0.0.3  (sent to the clipboard; c: the next one)",
      ]
    `);
    expect(draw(of).split('\n').at(-1)).toContain('c command');
  });

  test('split brains that ended are counted', () => {
    const ended = (vrid: number) => splitRouter({ vrid, state: 'ok', splitBrains: [splitBrain({ endUs: ago(5) })] });
    const [one, two] = [[ended(51)], [ended(51), ended(52)]].map((routers) =>
      draw({ snapshot: snapshot(report(routers)) }),
    );
    expect(one).toContain(' OVER  a split brain ended; 1 router ');
    expect(two).toContain(' OVER  2 split brains ended; 2 routers ');
  });

  test('trouble after a split brain that ended stands in the first line', () => {
    const silent = splitRouter({ state: 'silent', master: null, splitBrains: [splitBrain({ endUs: ago(50) })] });
    expect(draw({ snapshot: snapshot(report([silent])) })).toContain(' WARNING  1 router: 1 silent; a split b');
  });

  test('what makes the exit status critical stands in the first line as that', () => {
    const silent = splitRouter({ state: 'silent', master: null, splitBrains: [] });
    const expected = { ...report([silent]), verdict: 'warning', exitStatus: 2 } as const;
    expect(draw({ snapshot: snapshot(expected) })).toContain(' CRITICAL  1 router: 1 silent ');
  });

  test('a long path gives way to the verdict', () => {
    const title = `/var/captures/${'deep/'.repeat(20)}dump.pcap`;
    expect(draw({ snapshot: snapshot(okReport(), { title }) }).split('\n')[0]).toMatchInlineSnapshot(
      `"vrrpwatch …/deep/deep/deep/deep/deep/dump.pcap   OK  2 routers LIVE 14:07:33 UTC"`,
    );
  });

  test('of a name that is too long for its place the end is seen', () => {
    const of = { columns: 60, snapshot: snapshot(splitReport(), { title: '/tmp/04-output-drop.pcap' }) };
    expect(draw(of).split('\n')[0]).toMatch(/^vrrpwatch …\S*\.pcap {3}SPLIT BRAIN /);
  });

  test('e shows the event log', () => {
    expect(draw({ state: afterKeys(['e']) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
      EVENTS  newest first, times are UTC
      14:06:55.000 ALARM  51  SPLIT BRAIN: 10.0.0.3 does not yield to 10.0.0.2
      14:06:52.000 WARN   51  contested: 10.0.0.2 and 10.0.0.3; 10.0.0.2 is rightful
      14:02:33.000 WARN   51  timed-out: 10.0.0.2 -> 10.0.0.3 after 3.689 s (expected
                              3.609 s)
      13:57:33.000 info   51  preempted: 10.0.0.3 -> 10.0.0.2 after 1.000 s
      13:52:33.000 info   51  new advertiser 10.0.0.2, priority 150
      13:52:33.000 info   51  new virtual router, addresses 10.0.0.1 10.0.0.9












      Esc back  f freeze                                              ? help  q quit"
    `);
  });

  test('? explains keys, signs and states', () => {
    expect(draw({ rows: 45, state: afterKeys(['?']) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
      KEYS
        ↑ k     up
        ↓ j     down
        PgUp    one page up
        PgDn    one page down
        Home g  to the first line
        End G   to the last line
        Enter   claimants side by side, takeovers, findings
        Esc     back; on the table: clear the filter
        c       show the repair command in full and copy it to the clipboard
        a       acknowledge the alarm: its banner shrinks to a line
        n       next alarm
        /       filter by vrid, address, VLAN, interface or state
        f       freeze the screen; capture and alarms go on
        +       timeline: less time per column
        -       timeline: more time per column
        e       the event log on the whole screen
        i       inventory of VRIDs, the free ones included
        s       inventory: next segment (interface, VLAN)
        ?       this page
        Ctrl-Z  suspend; \`fg\` brings the dashboard back
        q       quit; the summary stays on the terminal

      TIMELINE  a lane per advertiser; the line "masters" counts who is one
        █       adverts on time
        ─       between two adverts
        X       overlap: it advertises although another outranks it
        ▶       takeover
        0       resigned (priority 0)
        ▒       adverts missed
        ░       silent, still claims the addresses
        ·       quiet

      STATES
        ok           one master
        handover     a master resigned or was outranked, the next one takes over
        CONTESTED    a second master speaks; it still may yield in time
        SPLIT BRAIN  it did not yield: two masters hold the addresses
        SILENT       nobody has advertised for longer than a backup would wait
        OVER         in the first line: a split brain was seen and has ended

      Esc back                                                        ? help  q quit"
    `);
  });

  test('/ filters while it is typed', () => {
    expect(draw({ state: afterKeys(['/', '1', '0', '.', '0', '.', '5']) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
      ┏━ SPLIT BRAIN  vrid 51 on eth0 for 41s, since 14:06:52 UTC  10.0.0.1 10.0.0.…━┓
      ┃ WHO  10.0.0.2 (priority 150) is rightful; DEAF: 10.0.0.3 (priority 100)      ┃
      ┃ WHY  likely: 10.0.0.3 does not receive the adverts of 10.0.0.2: both agree   ┃
      ┃      in every field, so a firewall or lost multicast stands between them     ┃
      ┃ DO   on 10.0.0.3 (c: copy, 1 of 2): let adverts of the other node in         ┃
      ┃      iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT                          ┃
      ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
         VRID IP VLAN ADDRESSES     MASTER       PRIO V  INTV AUTH  STATE
      >    52 v4 -    10.0.52.1     10.0.52.2     120 3    1s -     ok 15m00s
      TIMELINE 2s/column  █advert Xoverlap ▶takeover ▒missed 0resigned ·quiet
       52 10.0.52.2        ███████████████████████████████████████████████████████████
                                       |14:06:00           |14:06:40               now
      EVENTS
      14:06:55 ALARM  51  SPLIT BRAIN: 10.0.0.3 does not yield to 10.0.0.2
      14:06:52 WARN   51  contested: 10.0.0.2 and 10.0.0.3; 10.0.0.2 is rightful
      14:02:33 WARN   51  timed-out: 10.0.0.2 -> 10.0.0.3 after 3.689 s (expected 3.6…
      13:57:33 info   51  preempted: 10.0.0.3 -> 10.0.0.2 after 1.000 s
      13:52:33 info   51  new advertiser 10.0.0.2, priority 150
      13:52:33 info   51  new virtual router, addresses 10.0.0.1 10.0.0.9

      filter: 10.0.5                                             Enter keep  Esc clear"
    `);
  });

  test('a filter that nothing matches says how to clear it', () => {
    const state = afterKeys(['/', 'x', 'x', 'return']);
    expect(draw({ state }).split('\n').slice(9, 12)).toMatchInlineSnapshot(`
      [
        "   VRID IP VLAN ADDRESSES     MASTER       PRIO V  INTV AUTH  STATE",
        "  Nothing matches the filter. Esc clears it.",
        "EVENTS",
      ]
    `);
  });

  test('a frozen screen says so and counts the alarms that it hides', () => {
    const of = { state: afterKeys(['f']), snapshot: snapshot(okReport()), alarmsSinceFreeze: 1 };
    expect(draw(of).split('\n')[0]).toMatchInlineSnapshot(
      `"vrrpwatch eth0   OK  2 routers                 FROZEN  1 NEW ALARM  14:07:33 UTC"`,
    );
  });

  test('a replay shows speed and place', () => {
    const replay = {
      paused: false,
      speed: 4,
      ended: false,
      startUs: ago(83),
      positionUs: ago(0),
      endUs: ago(-600),
      toggle: () => {},
      step: () => {},
      faster: () => {},
      slower: () => {},
      jumpToNextEvent: () => {},
    };
    const lines = draw({ replay }).split('\n');
    expect([lines[0], lines[1], lines.at(-1)]).toMatchInlineSnapshot(`
      [
        "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers          REPLAY 4x  14:07:33 UTC",
        "at 1m23s of 11m23s  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip pro…",
        "Enter detail  c command  a ack  Space pause  . step  > faster   ? help  q quit",
      ]
    `);
  });

  test('a selection in 255 virtual routers stays in sight', () => {
    const of = { snapshot: snapshot(fullReport()), events: [] };
    expect(draw({ ...of, state: afterKeys(['G', 'up'], of) })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   OK  255 routers                               LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p…
         VRID IP ADDRESSES       MASTER          PRIO V  INTV AUTH  STATE
          243 v4 10.0.243.1      10.0.243.2       120 3    1s -     ok 15m00s
          244 v4 10.0.244.1      10.0.244.2       120 3    1s -     ok 15m00s
          245 v4 10.0.245.1      10.0.245.2       120 3    1s -     ok 15m00s
          246 v4 10.0.246.1      10.0.246.2       120 3    1s -     ok 15m00s
          247 v4 10.0.247.1      10.0.247.2       120 3    1s -     ok 15m00s
          248 v4 10.0.248.1      10.0.248.2       120 3    1s -     ok 15m00s
          249 v4 10.0.249.1      10.0.249.2       120 3    1s -     ok 15m00s
          250 v4 10.0.250.1      10.0.250.2       120 3    1s -     ok 15m00s
          251 v4 10.0.251.1      10.0.251.2       120 3    1s -     ok 15m00s
          252 v4 10.0.252.1      10.0.252.2       120 3    1s -     ok 15m00s
          253 v4 10.0.253.1      10.0.253.2       120 3    1s -     ok 15m00s
      >   254 v4 10.0.254.1      10.0.254.2       120 3    1s -     ok 15m00s
          255 v4 10.0.255.1      10.0.255.2       120 3    1s -     ok 15m00s
      TIMELINE 2s/column  █advert Xoverlap ▶takeover ▒missed 0resigned ·quiet
      254 10.0.254.2       ███████████████████████████████████████████████████████████
                                       |14:06:00           |14:06:40               now
      EVENTS  none yet


      Enter detail  / filter  f freeze  + zoom        243-255 of 255  ? help  q quit"
    `);
  });

  test('with ascii there is no other character', () => {
    const drawn = draw({ theme: createTheme({ color: false, ascii: true }), state: INITIAL_STATE });
    expect(drawn).toMatch(/^[\x20-\x7e\n]+$/);
    expect(drawn).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip p~
      += SPLIT BRAIN  vrid 51 on eth0 for 41s, since 14:06:52 UTC  10.0.0.1 10.0.0.~=+
      | WHO  10.0.0.2 (priority 150) is rightful; DEAF: 10.0.0.3 (priority 100)      |
      | WHY  likely: 10.0.0.3 does not receive the adverts of 10.0.0.2: both agree   |
      |      in every field, so a firewall or lost multicast stands between them     |
      | DO   on 10.0.0.3 (c: copy, 1 of 2): let adverts of the other node in         |
      |      iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT                          |
      +==============================================================================+
         VRID IP VLAN ADDRESSES     MASTER       PRIO V  INTV AUTH  STATE
      >!   51 v4 -    10.0.0.1 +1   10.0.0.2      150 2    1s pass  SPLIT BRAIN 41s
       !                            10.0.0.3      100 2    1s pass  must yield, deaf
           52 v4 -    10.0.52.1     10.0.52.2     120 3    1s -     ok 15m00s
            7 v4 100  10.0.7.1      10.0.7.2      120 3    1s -     ok 15m00s
      TIMELINE 2s/column  #advert Xoverlap >takeover :missed 0resigned .quiet
       51 10.0.0.2         ###########################################################
          10.0.0.3                                               XXXXXXXXXXXXXXXXXXXXX
          masters          11111111111111111111111111111111111111222222222222222222222
                                       |14:06:00           |14:06:40               now
      EVENTS
      14:06:55 ALARM  51  SPLIT BRAIN: 10.0.0.3 does not yield to 10.0.0.2
      14:06:52 WARN   51  contested: 10.0.0.2 and 10.0.0.3; 10.0.0.2 is rightful
      Enter detail  c command  a ack  / filter  f freeze  + zoom      ? help  q quit"
    `);
  });
});

describe('nothing to show', () => {
  test('in the first seconds it only waits', () => {
    const quiet = snapshot(report([], 'unknown'), { ...waiting, startedUs: ago(4) });
    expect(draw({ snapshot: quiet, events: [] }).trimEnd()).toMatchInlineSnapshot(`
      "vrrpwatch eth0   UNKNOWN  nothing heard                        LIVE 14:07:33 UTC
      waiting (tcpdump)  0.0 adverts/s  0 heard  0 dropped  ip proto 112 or ip6 proto…

        No VRRP advertisement heard yet (4s, 12 packets).


















      f freeze  e events                                              ? help  q quit"
    `);
  });

  test('what is expected is named while nothing is heard', () => {
    const expected = router(52, { state: 'silent', stateSinceUs: null, advertisers: [], master: null, addresses: [] });
    const lines = draw({ snapshot: snapshot(report([expected], 'warning'), waiting), events: [] }).split('\n');
    expect(lines.slice(3, 5)).toEqual([
      '  No VRRP advertisement heard yet (15m37s, 12 packets).',
      '  Expected: vrid 52',
    ]);
  });

  test('an expected virtual router beside others was never heard, and silent since no time', () => {
    const expected = router(52, { state: 'silent', stateSinceUs: null, advertisers: [], master: null, addresses: [] });
    const both = snapshot(report([router(53), expected], 'warning'));
    for (const columns of [80, 140]) expect(draw({ snapshot: both, columns })).toMatch(/ 52 .* SILENT unheard$/m);
    const state = { ...INITIAL_STATE, screen: 'detail', selected: expected.key } as const;
    expect(draw({ snapshot: both, state })).toMatch(/^vrid 52\b.* SILENT {2}never heard$/m);
  });

  test('after some seconds it says what may be the reason', () => {
    const quiet = snapshot(report([], 'unknown'), { ...waiting, startedUs: ago(20) });
    expect(draw({ snapshot: quiet, events: [] })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   UNKNOWN  nothing heard                        LIVE 14:07:33 UTC
      waiting (tcpdump)  0.0 adverts/s  0 heard  0 dropped  ip proto 112 or ip6 proto…

        No VRRP advertisement heard yet (20s, 12 packets).

        Masters send one each interval, usually a second. If this stays empty:
        1. Is eth0 in the right VLAN?  other interfaces: eth1 (-i)
        2. Does the switch forward 224.0.0.18 (IPv6: ff02::12) to this port? IGMP
           snooping, SPAN
        3. Do the routers use unicast peers? Then capture on one of the routers.
        4. Does the filter let them pass?  ip proto 112 or ip6 proto 112 or (ip
           proto 51 and dst 224.0.0.18) or arp










      f freeze  e events                                              ? help  q quit"
    `);
  });

  test('a capture that cannot start says why', () => {
    const lost = snapshot(report([], 'unknown'), {
      ...waiting,
      status: 'lost',
      detail: "tcpdump: eth0: You don't have permission to perform this capture on that device",
    });
    expect(draw({ snapshot: lost, events: [] })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   UNKNOWN  nothing heard                        LIVE 14:07:33 UTC
      CAPTURE LOST (tcpdump)  0.0 adverts/s  0 heard  0 dropped  ip proto 112 or ip6 …

        CAPTURE LOST  it is tried again

        tcpdump: eth0: You don't have permission to perform this capture on that
        device















      f freeze  e events                                              ? help  q quit"
    `);
  });

  test('a capture that is lost leaves the last state on the screen and says that it is old', () => {
    const lost = snapshot(splitReport(), { status: 'lost', detail: 'eth0 went down' });
    expect(draw({ snapshot: lost }).split('\n').slice(0, 6)).toMatchInlineSnapshot(`
      [
        "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                LIVE 14:07:33 UTC",
        "CAPTURE LOST (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip…",
        "CAPTURE LOST: eth0 went down; trying again. What follows is as of 14:07:32 UTC.",
        "┏━ SPLIT BRAIN  vrid 51 on eth0 for 41s, since 14:06:52 UTC  10.0.0.1 10.0.0.…━┓",
        "┃ WHO  10.0.0.2 (priority 150) is rightful; DEAF: 10.0.0.3 (priority 100)      ┃",
        "┃ WHY  likely: 10.0.0.3 does not receive the adverts of 10.0.0.2: both agree   ┃",
      ]
    `);
  });
});

describe('other sizes', () => {
  test('140x40 shows more columns, lanes of several routers and more events', () => {
    expect(draw({ columns: 140, rows: 40 })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 routers                                                                 LIVE 2026-11-22 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s ago  0 dropped  ip proto 112 or ip6 proto 112 or (ip proto 51 and dst 224.0.0.18…
      ┏━ SPLIT BRAIN  vrid 51 on eth0 for 41s, since 14:06:52 UTC  10.0.0.1 10.0.0.9 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
      ┃ WHO  10.0.0.2 (priority 150) is rightful; DEAF: 10.0.0.3 (priority 100)                                                                  ┃
      ┃ WHY  likely: 10.0.0.3 does not receive the adverts of 10.0.0.2: both agree in every field, so a firewall or lost multicast stands        ┃
      ┃      between them                                                                                                                        ┃
      ┃ DO   on 10.0.0.3 (c: copy, 1 of 2): let adverts of the other node in                                                                     ┃
      ┃      iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT                                                                                      ┃
      ┃      on switch: IGMP snooping may keep 224.0.0.18 from the port                                                                          ┃
      ┃      show ip igmp snooping groups                                                                                                        ┃
      ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
         VRID IP VLAN    ADDRESSES       MASTER          SOURCE MAC        PRIO V   INTV AUTH   ADVERTS  LAST STATE
      >!   51 v4 -       10.0.0.1 +1     10.0.0.2        00:50:56:aa:01:02  150 2     1s simple     936    0s SPLIT BRAIN 41s since 14:06:52
       !                                 10.0.0.3        00:50:56:aa:01:03  100 2     1s simple      41    0s must yield, deaf
           52 v4 -       10.0.52.1       10.0.52.2       00:50:56:aa:01:02  120 3     1s -          936    0s ok 15m00s since 13:52:33
            7 v4 100     10.0.7.1        10.0.7.2        00:50:56:aa:01:02  120 3     1s -          936    0s ok 15m00s since 13:52:33
      TIMELINE of 3 virtual routers  2s/column  █advert Xoverlap ▶takeover ▒missed 0resigned ·quiet
       51 10.0.0.2                  ·······███████████████████████████████████████████████████████████████████████████████████████████████████████
          10.0.0.3                                                                                                           XXXXXXXXXXXXXXXXXXXXX
          masters                          1111111111111111111111111111111111111111111111111111111111111111111111111111111111222222222222222222222
       52 10.0.52.2                 ·······███████████████████████████████████████████████████████████████████████████████████████████████████████
        7 10.0.7.2                  ·······███████████████████████████████████████████████████████████████████████████████████████████████████████
                                       |14:04:00           |14:04:40           |14:05:20           |14:06:00           |14:06:40               now
      EVENTS
      14:06:55.000 ALARM  51  SPLIT BRAIN: 10.0.0.3 does not yield to 10.0.0.2
      14:06:52.000 WARN   51  contested: 10.0.0.2 and 10.0.0.3; 10.0.0.2 is rightful
      14:02:33.000 WARN   51  timed-out: 10.0.0.2 -> 10.0.0.3 after 3.689 s (expected 3.609 s)
      13:57:33.000 info   51  preempted: 10.0.0.3 -> 10.0.0.2 after 1.000 s
      13:52:33.000 info   51  new advertiser 10.0.0.2, priority 150
      13:52:33.000 info   51  new virtual router, addresses 10.0.0.1 10.0.0.9








      Enter detail  c command  a ack  / filter  f freeze  + zoom  e events  i vrids                                               ? help  q quit"
    `);
  });

  test('60x16 keeps the banner with its command, the table and the keys', () => {
    expect(draw({ columns: 60, rows: 16 })).toMatchInlineSnapshot(`
      "vrrpwatch eth0   SPLIT BRAIN  on 1 of 3 r… LIVE 14:07:33 UTC
      capture ok (tcpdump)  5.0 adverts/s  3785 heard, last 0.2s …
      ┏━ SPLIT BRAIN  vrid 51 on eth0 for 41s, since 14:06:52 U…━┓
      ┃ WHO  10.0.0.2 (priority 150) is rightful; DEAF: 10.0.0.3 ┃
      ┃      (priority 100)                                      ┃
      ┃ WHY  likely: 10.0.0.3 does not receive the adverts of    ┃
      ┃      10.0.0.2: both agree in every field, so a firewall… ┃
      ┃ DO   on 10.0.0.3 (c: copy, 1 of 2): let adverts of the … ┃
      ┃      iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT      ┃
      ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
         VRID IP VLAN ADDRESSES  MASTER    PRIO STATE
      >!   51 v4 -    10.0.0… +1 10.0.0.2   150 SPLIT BRAIN 41s
       !                         10.0.0.3   100 must yield, deaf
           52 v4 -    10.0.52.1  10.0.52.2  120 ok 15m00s
      Enter detail  c command  a ack    1-3 of 4  ? help  q quit"
    `);
  });

  test('below that it asks for more room, and a split brain is still named', () => {
    expect(draw({ columns: 50, rows: 12 })).toMatchInlineSnapshot(`
      "SPLIT BRAIN vrid 51 deaf: 10.0.0.3
      Terminal too small
      now 50x12
      needed 60x16
      q quit"
    `);
  });

  test.each([
    [80, 24],
    [140, 40],
    [60, 16],
    [61, 17],
    [200, 60],
    [20, 5],
  ])('at %ix%i no line is longer than the screen and one row stays free', (columns, rows) => {
    for (const screen of ['table', 'detail', 'command', 'events', 'inventory', 'help'] as const) {
      const lines = draw({ columns, rows, state: { ...INITIAL_STATE, screen } }).split('\n');
      expect(lines.length).toBeLessThan(rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });
});

describe('hostile and wide text', () => {
  const hostile = 'a\u001b[2J\u0007\u202eb\r\n\u0301c';

  test('control and bidirectional characters are spelled out wherever text comes from the wire', () => {
    const of = splitRouter({
      addresses: [hostile],
      master: hostile,
      advertisers: [advertiser(hostile, { password: hostile, mac: hostile, addresses: [hostile] })],
      findings: [{ code: 'malformed-advert', severity: 'warning', summary: hostile, atUs: null, count: 1 }],
    });
    for (const screen of ['table', 'detail', 'inventory'] as const) {
      const drawn = draw({
        snapshot: snapshot(report([of]), { title: hostile, filter: hostile }),
        state: { ...INITIAL_STATE, screen },
        showSecrets: true,
        columns: 140,
        rows: 50,
      });
      expect(drawn.replaceAll('\n', '')).not.toMatch(/\p{C}|\p{M}/u);
      expect(drawn).toContain('\\x1b[2J\\x07');
    }
  });

  test('double-width text takes two columns and pushes nothing out of line', () => {
    const lines = draw({ snapshot: snapshot(okReport(), { title: '日本語インターフェース' }) }).split('\n');
    expect(lines[0]).toMatchInlineSnapshot(
      `"vrrpwatch 日本語インターフェース   OK  2 routers               LIVE 14:07:33 UTC"`,
    );
  });

  test('a long list of addresses says how many it leaves out', () => {
    const addresses = Array.from({ length: 40 }, (_, i) => `10.0.0.${i + 1}`);
    const lines = draw({ snapshot: snapshot(report([router(51, { addresses })])), columns: 140, rows: 40 }).split('\n');
    expect(lines[3]).toContain('10.0.0.1 +39');
  });

  test('a password is shown only if it was asked for', () => {
    const of = splitRouter({ advertisers: [advertiser('10.0.0.2', { password: 'hunter2' })] });
    const detail = { snapshot: snapshot(report([of])), state: { ...INITIAL_STATE, screen: 'detail' as const } };
    expect(draw(detail)).not.toContain('hunter2');
    expect(draw({ ...detail, showSecrets: true })).toContain('hunter2');
  });
});

test('master and addresses are read at every width, with VLANs and several interfaces too', () => {
  const routers = [
    router(1, { addresses: ['192.168.1.99'], master: '192.168.1.2', vlan: 100 }),
    router(2, { addresses: ['192.168.2.99'], master: '192.168.2.2', interface: 'eth1' }),
  ];
  for (let columns = 80; columns <= 200; columns++) {
    const drawn = draw({ snapshot: snapshot(report(routers)), events: [], columns });
    expect(drawn, `${columns} columns`).toMatch(/MASTER/);
    if (columns >= 90) expect(drawn, `${columns} columns`).toMatch(/192\.168\.1\.99 +192\.168\.1\.2 /);
  }
});

/** A recording at its end: node 2 has got the address from which node 1 advertises, and goes on beside it. */
async function drawTwins(overrides: Partial<Scene>): Promise<string> {
  const recorded = await judgedCapture('test/pcaps/judged/same_source_after_heal.pcap');
  const nowUs = Math.max(
    ...recorded.virtualRouters.flatMap(({ advertisers }) => advertisers.map((each) => each.lastUs)),
  );
  return draw({ snapshot: { ...snapshot(recorded), nowUs }, events: [], ...overrides });
}
