/** Starts of files that people hand over by mistake. `.gz` is not among them, it is read as it is. */
const COMPRESSED = [
  { name: 'zstd', command: 'zstd -dc', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'xz', command: 'xz -dc', magic: [0xfd, 0x37, 0x7a, 0x58] },
  { name: 'bzip2', command: 'bzip2 -dc', magic: [0x42, 0x5a, 0x68] },
  { name: 'lz4', command: 'lz4 -dc', magic: [0x04, 0x22, 0x4d, 0x18] },
  { name: 'zip', command: 'unzip -p', magic: [0x50, 0x4b, 0x03, 0x04] },
] as const;

/** A line that `tcpdump` prints, with any of its time formats in front. */
const TCPDUMP_LINE = /^(\S+ )?(\d\d:\d\d:\d\d|\d+)\.\d+ .*(IP6? |ARP|ethertype|VRRP)|^IP6? \S+ > |^tcpdump: /m;

/** Enough to see a few lines of a listing. */
const SAMPLE_LENGTH = 1024;

/** Advice for a file that is no capture, from its first bytes; null where they tell nothing. */
export function hintForForeignFile(block: Uint8Array, start: number, end: number): string | null {
  const sample = block.subarray(start, Math.min(end, start + SAMPLE_LENGTH));
  for (const { name, command, magic } of COMPRESSED) {
    if (magic.every((byte, i) => sample[i] === byte)) {
      return `it is compressed with ${name}: ${command} FILE | vrrpwatch --pcap -`;
    }
  }
  if (!isText(sample)) return null;
  const text = new TextDecoder('latin1').decode(sample);
  if (TCPDUMP_LINE.test(text)) return 'it is what tcpdump prints; record the packets themselves with: tcpdump -w FILE';
  return 'it is text; record packets with: tcpdump -w FILE';
}

function isText(sample: Uint8Array): boolean {
  return (
    sample.length > 0 &&
    sample.every((byte) => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d)
  );
}
