/**
 * Resolves on the first signal that asks vrrpwatch to end. Further ones change nothing: `timeout` sends two, one to the
 * process and one to its group, and the second must not cut the summary off.
 */
export function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}
