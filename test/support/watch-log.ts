import { EventEmitter, once } from 'node:events';
import type { WatchListener } from '../../src/capture/live.ts';

/** A listener that writes down what it hears, one line each, and lets a test wait for a line. */
export interface WatchLog extends WatchListener {
  readonly lines: string[];
  /** Waits until a line not waited for before begins with `start`, and returns it. */
  next(start: string): Promise<string>;
}

export function watchLog(): WatchLog {
  const lines: string[] = [];
  const news = new EventEmitter();
  let read = 0;
  function add(line: string): void {
    lines.push(line);
    news.emit('line');
  }
  return {
    lines,
    async next(start) {
      for (;;) {
        const line = lines[read];
        if (line === undefined) await once(news, 'line');
        else {
          read++;
          if (line.startsWith(start)) return line;
          // Nothing follows a failure: waiting on would only hide it.
          if (line.startsWith('failed')) throw new Error(line);
        }
      }
    },
    started: ({ engine, linkType }) => add(`started ${engine}, link type ${linkType}`),
    lost: (reason) => add(`lost: ${reason}`),
    resumed: () => add('resumed'),
    failed: ({ kind, message }) => add(`failed (${kind}): ${message}`),
  };
}
