import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Vitest leaves one core to itself, which on two cores leaves one idle.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts', 'test/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.services.test.ts', '**/*.integration.test.ts'],
          testTimeout: 30_000,
          // Unit tests leave nothing behind in their process, so that modules are loaded once for all files, not for each.
          isolate: false,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['packages/**/*.integration.test.ts', 'bench/**/*.integration.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'services',
          // The tests of the domains, too: what they prove on SQLite has to hold on PostgreSQL.
          include: [
            'packages/**/*.services.test.ts',
            'packages/server/src/domains/**/*.test.ts',
            'test/services/*.test.ts',
          ],
          env: { MILLRACE_TEST_DATABASE: 'postgres' },
          testTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // By itself: it has both cores at work for a minute or two.
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
        },
      },
    ],
  },
})
