import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { parseOptions } from '../../src/options.ts';
import { LiveSession } from '../../src/watch/live-session.ts';
import { type FakeTcpdump, fakeTcpdump } from '../support/fake-tcpdump.ts';
import { oneMaster } from '../support/played-capture.ts';

beforeAll(() => vi.stubGlobal('VRRPWATCH_VERSION', '9.9.9'));

let running: { tcpdump: FakeTcpdump; session: LiveSession } | undefined;

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await running?.session.stop();
  running?.tcpdump.remove();
  running = undefined;
});

/** Both clocks go on from `byMs` later. */
function leap(byMs: number): void {
  const [wall, monotonic] = [Date.now, performance.now];
  vi.spyOn(Date, 'now').mockImplementation(() => wall() + byMs);
  vi.spyOn(performance, 'now').mockImplementation(() => monotonic.call(performance) + byMs);
}

/** A session on whatever a tcpdump says that runs `script`, its events, and ticks that come only when they are called for. */
function sessionOn(
  script: string,
  ...parameters: string[]
): { tcpdump: FakeTcpdump; session: LiveSession; events: string[] } {
  const tcpdump = fakeTcpdump(script);
  tcpdump.put('before', oneMaster());
  const invocation = parseOptions(['-i', 'any', '--engine', 'tcpdump', ...parameters], {});
  if (invocation.kind !== 'run') throw new Error(invocation.kind);
  const events: string[] = [];
  const session = new LiveSession(invocation.options, ({ event }) => events.push(event));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  session.start();
  running = { tcpdump, session };
  return { tcpdump, session, events };
}

test('a program that was stopped for a while does not call anybody silent before it has read what came meanwhile', async () => {
  const { session, events } = sessionOn('cat "$DIR/before"; exec sleep 60');
  await vi.waitFor(() => expect(session.adverts).toBe(5), 5000);
  // One advertisement a second, ten ticks a second: nothing new came for some ticks.
  vi.advanceTimersByTime(500);
  leap(8000);
  vi.advanceTimersByTime(100);
  expect(events).not.toContain('silent');
  vi.advanceTimersByTime(1000);
  expect(events).toContain('silent');
});

test('who is expected and never heard is told as silent once, after some seconds', async () => {
  const { session, events } = sessionOn('cat "$DIR/before"; exec sleep 60', '--expect', '51', '--expect', '52');
  await vi.waitFor(() => expect(session.adverts).toBe(5), 5000);
  vi.advanceTimersByTime(100);
  expect(events).not.toContain('silent');
  leap(13_000);
  vi.advanceTimersByTime(100);
  expect(events.filter((event) => event === 'silent')).toHaveLength(1);
  expect(session.report().virtualRouters.map(({ key }) => key)).toContain('expected/4/52');
  vi.advanceTimersByTime(200);
  expect(events.filter((event) => event === 'silent')).toHaveLength(1);
});

test('an advertisement that comes right after the clock was set forward ends no silence', async () => {
  const { tcpdump, session, events } = sessionOn(
    'cat "$DIR/before"; until [ -e "$DIR/after" ]; do sleep 0.02; done; cat "$DIR/after"; exec sleep 60',
  );
  await vi.waitFor(() => expect(session.adverts).toBe(5), 5000);
  const now = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 60_000);
  tcpdump.put('after', oneMaster().subarray(24));
  await vi.waitFor(() => expect(session.adverts).toBe(10), 5000);
  expect(events).toEqual(['capture-started', 'router-seen', 'advertiser-seen']);
});

test('who is told that an interface is down at the start is told when it is up', async () => {
  const { session, events } = sessionOn(`
    if [ $RUN -eq 1 ]; then echo 'tcpdump: any: That device is not up' >&2; exit 1; fi
    cat $DIR/before; exec sleep 60`);
  await vi.waitFor(() => expect(session.adverts).toBe(5), 5000);
  expect(events.slice(0, 3)).toEqual(['capture-lost', 'capture-started', 'capture-resumed']);
});
