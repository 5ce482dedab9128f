import { wrap, wrapCommand } from '../output/grid-text.ts';
import { routerName } from '../output/router-name.ts';
import type { LineContent } from './paint.ts';
import type { Alarm } from './routers.ts';
import { clockOf } from './time.ts';

/** The repair commands in full, without a frame, so that a terminal's own selection copies them clean. */
export function commandPage(alarm: Alarm | null, copied: number, width: number): readonly LineContent[] {
  if (alarm === null) return ['No split brain was seen, so there is nothing to repair.'];
  const { splitBrain, router } = alarm;
  const { remedies, summary } = splitBrain.cause;
  const lines: LineContent[] = [[{ text: `Repair of ${routerName(router)}`, role: 'strong' }], ...wrap(summary, width)];
  if (splitBrain.endUs !== null) {
    lines.push(...wrap(`It ended at ${clockOf(splitBrain.endUs)} UTC; this keeps it from coming back.`, width));
  }
  if (remedies.length === 0) lines.push('', 'No command is known for this cause.');
  // The one that was copied stands first, so that it is seen without scrolling.
  const first = copied % Math.max(1, remedies.length);
  const order = remedies.map((_, index) => (first + index) % remedies.length);
  for (const index of order) {
    const remedy = remedies[index];
    if (remedy === undefined) continue;
    const mark = index === first ? '  (sent to the clipboard; c: the next one)' : '';
    lines.push('', [
      { text: `${index + 1} of ${remedies.length}, on ${remedy.on}`, role: 'key' },
      { text: mark, role: 'faint' },
    ]);
    lines.push(...wrap(remedy.why, width));
    lines.push(...wrapCommand(remedy.command, width).map((text): LineContent => [{ text, role: 'strong' }]));
  }
  lines.push(
    '',
    ...wrap(
      'The clipboard is reached by OSC 52, which some terminals, and tmux with set-clipboard off, ignore.',
      width,
    ),
  );
  return lines;
}
