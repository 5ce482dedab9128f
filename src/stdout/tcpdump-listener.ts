import { interfaceNameOf } from '../capture/link-state.ts';
import type { Options } from '../options.ts';
import { tcpdumpLine } from '../output/tcpdump.ts';
import type { FrameListener } from '../watch/watch.ts';
import type { LineWriter } from './line-writer.ts';

/** A capture may name any number of them. */
const INTERFACES_MAX = 1024;

/** Prints each advertisement where that is asked for. */
export function advertPrinter({ format }: Options, lines: LineWriter): FrameListener | null {
  return format === 'tcpdump' ? tcpdumpListener((line) => lines.line(line)) : null;
}

/**
 * Makes a line in tcpdump's wording of each advertisement. Like tcpdump, it gives an interface of a cooked capture the
 * name that this machine has for its index, wherever the capture was made.
 */
export function tcpdumpListener(print: (line: string) => void): FrameListener {
  const names = new Map<number, string | null>();
  return (decoder, kind, offset, originalLength, linkType) => {
    const { advertisement } = decoder;
    const interfaceIndex = decoder.tunnels.interfaceOf(advertisement.interfaceIndex);
    if (!names.has(interfaceIndex) && names.size < INTERFACES_MAX)
      names.set(interfaceIndex, interfaceNameOf(interfaceIndex));
    const interfaceName = names.get(interfaceIndex) ?? null;
    print(tcpdumpLine(advertisement, { kind, offset, originalLength, linkType, interfaceName }));
  };
}
