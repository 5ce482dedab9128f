import { MAX_VIRTUAL_ROUTERS } from '../analyzer/analyzer.ts';

/** Keeps a collection from growing: of more virtual routers than the analyzer knows, the one put in first goes. */
export function forgetOldest(kept: Map<string, unknown> | Set<string>): void {
  const [oldest] = kept.keys();
  if (kept.size > MAX_VIRTUAL_ROUTERS && oldest !== undefined) kept.delete(oldest);
}
