import { readFile } from 'node:fs/promises';

/** For esbuild: yoga-layout fetches its own data URL, for which Node loads an HTTP client; decoding it at once does, too. */
export const localYoga = {
  name: 'local-yoga',
  setup: ({ onLoad }) =>
    onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll('"function"!=typeof fetch', 'true'),
    })),
};
