import type { WatchEvent } from '../analyzer/event.ts';
import type { Report } from '../analyzer/report.ts';
import { subjectOf } from '../analyzer/subject.ts';
import { forgetOldest } from '../limits/forget-oldest.ts';
import { metricsText } from './exposition.ts';
import type { ListenAddress } from './listen-address.ts';
import { Problem } from './problem.ts';
import { MetricsServer } from './server.ts';
import { writeTextfile } from './textfile.ts';

/** How often the file is written; node_exporter is scraped every 15 s by most. */
const WRITE_MS = 10_000;

const NONE = { transitions: 0, splitBrains: 0 } as const;

export interface MetricsOptions {
  readonly address: ListenAddress | null;
  readonly textfile: string | null;
  readonly report: () => Report;
  readonly complain: (message: string) => void;
}

/** Keeps the metrics of a live watch: served, in a file, or both. */
export class MetricsTeller {
  readonly #options: MetricsOptions;
  readonly #server: MetricsServer | null;
  readonly #counts = new Map<string, { transitions: number; splitBrains: number }>();
  readonly #problem: Problem;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: MetricsOptions, server: MetricsServer | null) {
    this.#options = options;
    this.#server = server;
    this.#problem = new Problem(options.complain);
  }

  /** @throws UserError when the port cannot be listened on */
  static async start(options: MetricsOptions): Promise<MetricsTeller> {
    const { address, complain } = options;
    let teller: MetricsTeller | null = null;
    const text = () => teller?.text() ?? Promise.resolve('');
    const server = address && (await MetricsServer.listen(address, text, complain));
    teller = new MetricsTeller(options, server);
    if (options.textfile !== null) teller.#timer = setInterval(() => void teller.#write(), WRITE_MS);
    return teller;
  }

  /** Where the metrics are served, null when they are not. */
  get url(): string | null {
    return this.#server?.url ?? null;
  }

  /** The report remembers the last takeovers and split brains only; a counter must not forget. */
  event(event: WatchEvent): void {
    if (event.event !== 'takeover' && event.event !== 'split-brain-confirmed') return;
    if (event.event === 'split-brain-confirmed' && event.isCorrection) return;
    const key = subjectOf(event);
    const counts = this.#counts.get(key) ?? { ...NONE };
    if (event.event === 'takeover') counts.transitions++;
    else counts.splitBrains++;
    // To the end: of a flood of invented virtual routers those are forgotten that nothing happens to any more.
    this.#counts.delete(key);
    this.#counts.set(key, counts);
    forgetOldest(this.#counts);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#options.textfile !== null) await this.#write();
    await this.#server?.stop();
  }

  text(): Promise<string> {
    return metricsText(this.#options.report(), (router) => this.#counts.get(router.key) ?? NONE);
  }

  async #write(): Promise<void> {
    const { textfile } = this.#options;
    if (textfile === null) return;
    try {
      await writeTextfile(textfile, await this.text());
      this.#problem.over();
    } catch (error) {
      this.#problem.say(error);
    }
  }
}
