import { readFile } from 'node:fs/promises';

/** For esbuild: pcap-parser predates Buffer.alloc; outside of node_modules Node would print a warning for it. */
export const modernBuffers = {
  name: 'modern-buffers',
  setup: ({ onLoad }) =>
    onLoad({ filter: /pcap-parser\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll('new Buffer(', 'Buffer.alloc('),
    })),
};
