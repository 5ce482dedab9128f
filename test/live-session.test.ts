import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { LiveSession } from '../src/live-session.ts';
import { parseOptions } from '../src/options.ts';
import { fakeTcpdump } from './support/fake-tcpdump.ts';
import { oneMaster } from './support/played-capture.ts';

beforeAll(() => vi.stubGlobal('VRRPWATCH_VERSION', '9.9.9'));

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('an advertisement that comes right after the clock was set forward ends no silence', async () => {
  const tcpdump = fakeTcpdump(
    'cat "$DIR/before"; until [ -e "$DIR/after" ]; do sleep 0.02; done; cat "$DIR/after"; exec sleep 60',
  );
  tcpdump.put('before', oneMaster());
  const invocation = parseOptions(['-i', 'any', '--engine', 'tcpdump'], {});
  if (invocation.kind !== 'run') throw new Error(invocation.kind);
  const events: string[] = [];
  const session = new LiveSession(invocation.options, ({ event }) => events.push(event));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  session.start();
  try {
    await vi.waitFor(() => expect(session.adverts).toBe(5), 5000);
    const now = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + 60_000);
    tcpdump.put('after', oneMaster().subarray(24));
    await vi.waitFor(() => expect(session.adverts).toBe(10), 5000);
    expect(events).toEqual(['capture-started', 'router-seen', 'advertiser-seen']);
  } finally {
    await session.stop();
    tcpdump.remove();
  }
});
