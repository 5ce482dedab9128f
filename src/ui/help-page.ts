import { BINDINGS } from './keys.ts';
import type { LaneMark } from './lanes.ts';
import { glyphOf } from './lanes.ts';
import type { LineContent } from './paint.ts';
import type { Glyphs } from './theme.ts';

const MARKS: readonly (readonly [LaneMark, string])[] = [
  ['advert', 'adverts on time'],
  ['held', 'between two adverts'],
  ['overlap', 'overlap: it advertises although another outranks it'],
  ['takeover', 'takeover'],
  ['resigned', 'resigned (priority 0)'],
  ['missed', 'adverts missed'],
  ['claims', 'silent, still claims the addresses'],
  ['silent', 'quiet'],
];

/** The keys and the signs of the timeline. */
export function helpPage(hasReplay: boolean, ascii: boolean, glyphs: Glyphs): readonly LineContent[] {
  const keys = BINDINGS.filter((binding) => hasReplay || !binding.replayOnly).map(
    ({ shown, help }): LineContent => [
      { text: `  ${ascii ? shown.replace('↑', 'Up').replace('↓', 'Down') : shown}`, width: 10, role: 'key' },
      { text: help },
    ],
  );
  const marks = MARKS.map(
    ([mark, text]): LineContent => [{ text: `  ${glyphOf(mark, glyphs)}`, width: 10, role: 'strong' }, { text }],
  );
  return [
    [{ text: 'KEYS', role: 'strong' }],
    ...keys,
    '',
    [{ text: 'TIMELINE', role: 'strong' }, { text: '  a lane per advertiser; the line "masters" counts who is one' }],
    ...marks,
    '',
    [{ text: 'STATES', role: 'strong' }],
    '  ok           one master',
    '  handover     a master resigned or was outranked, the next one takes over',
    '  CONTESTED    a second master speaks; it still may yield in time',
    '  SPLIT BRAIN  it did not yield: two masters hold the addresses',
    '  SILENT       nobody has advertised for longer than a backup would wait',
    '  OVER         in the first line: a split brain was seen and has ended',
  ];
}
