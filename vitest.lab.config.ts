import { defineConfig } from 'vitest/config';

/** Tests with real keepalived in network namespaces: as root, `npx vitest run --config vitest.lab.config.ts`. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    globalSetup: ['test/support/build-program.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    // Nodes mostly wait for each other, but twelve segments at once are too much for two cores.
    maxConcurrency: 6,
  },
});
