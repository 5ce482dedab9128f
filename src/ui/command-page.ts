import type { LineContent } from './paint.ts';
import type { Alarm } from './routers.ts';
import { routerName } from './routers.ts';
import { wrap } from './text.ts';

/** The repair commands in full, without a frame, so that a terminal's own selection copies them clean. */
export function commandPage(alarm: Alarm | null, copied: number, width: number): readonly LineContent[] {
  if (alarm === null) return ['No split brain at the moment, so there is nothing to repair.'];
  const { splitBrain, router } = alarm;
  const { remedies, summary } = splitBrain.cause;
  const lines: LineContent[] = [[{ text: `Repair of ${routerName(router)}`, role: 'strong' }], ...wrap(summary, width)];
  if (remedies.length === 0) lines.push('', 'No command is known for this cause.');
  remedies.forEach((remedy, index) => {
    const mark = index === copied % remedies.length ? '  (sent to the clipboard; c: the next one)' : '';
    lines.push('', [
      { text: `${index + 1}. on ${remedy.on}`, role: 'key' },
      { text: mark, role: 'faint' },
    ]);
    lines.push(...wrap(remedy.why, width));
    lines.push(...wrap(remedy.command, width).map((text): LineContent => [{ text, role: 'strong' }]));
  });
  lines.push(
    '',
    ...wrap(
      'The clipboard is reached by OSC 52, which some terminals, and tmux with set-clipboard off, ignore.',
      width,
    ),
  );
  return lines;
}
