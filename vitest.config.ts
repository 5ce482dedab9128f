import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/lab/**'],
    globalSetup: ['test/support/build-program.ts'],
    testTimeout: 60_000,
  },
});
