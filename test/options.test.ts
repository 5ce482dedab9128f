import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Options, parseOptions } from '../src/options.ts';

beforeAll(() => vi.stubGlobal('VRRPWATCH_VERSION', '9.9.9'));

function read(...args: string[]): Options {
  const invocation = parseOptions(args, {});
  if (invocation.kind !== 'run') throw new Error(invocation.text);
  return invocation.options;
}

describe('--buffer-size', () => {
  // libpcap counts the bytes in a signed 32-bit number.
  test.each([
    ['1', 1],
    ['32768', 32_768],
    ['2097151', 2_097_151],
  ])('%s is taken', (text, bufferSizeKib) => {
    expect(read('-i', 'eth0', '--buffer-size', text)).toMatchObject({ bufferSizeKib });
  });

  test.each(['0', '-1', '1.5', '2097152', '64M', ''])('%j is refused, and the range is said', (text) => {
    expect(() => read('-i', 'eth0', '--buffer-size', text)).toThrow('It is a number of KiB from 1 to 2097151.');
  });
});

describe('--replay', () => {
  test.each([
    ['0.1', 0.1],
    ['10', 10],
    ['8x', 8],
    ['1000', 1000],
  ])('%s is taken', (text, replaySpeed) => {
    expect(read('--pcap', 'dump.pcap', '--replay', text)).toMatchObject({ replaySpeed });
  });

  test('without a number is as fast as it was', () => {
    expect(read('--pcap', 'dump.pcap', '--replay')).toMatchObject({ replaySpeed: 1 });
  });

  test.each(['0', '-2', '1001', 'Infinity', 'fast', ''])('%j is refused, and the range is said', (text) => {
    expect(() => read('--pcap', 'dump.pcap', `--replay=${text}`)).toThrow('It is a number above 0, at most 1000.');
  });
});
