import { wrap } from '../output/grid-text.ts';
import type { LineContent } from './paint.ts';
import type { Scene } from './scene.ts';
import { formatAge } from './time.ts';

/** Three adverts and the skew of the slowest usual setting (3 s) have passed by then. */
const PATIENCE_US = 12_000_000;

/** What stands in place of the table while no virtual router is known: waiting, or why nothing can be heard. */
export function quietPage(scene: Scene): readonly LineContent[] {
  const { capture, nowUs } = scene.snapshot;
  if (capture.status === 'lost') return lostPage(scene);
  if (scene.replay !== null) {
    return [
      '',
      scene.replay.ended
        ? '  No VRRP advertisement in this capture.'
        : '  No VRRP advertisement so far in this capture.',
    ];
  }
  const ageUs = nowUs - capture.startedUs;
  const expected = scene.snapshot.report.virtualRouters.map(({ vrid }) => `vrid ${vrid}`).join(', ');
  const expectation = expected === '' ? [] : indented(`Expected: ${expected}`, scene.columns);
  const heard: LineContent = [
    { text: `  No VRRP advertisement heard yet (${formatAge(ageUs)}, ${capture.packets} packets).`, role: 'strong' },
  ];
  if (ageUs < PATIENCE_US) return ['', heard, ...expectation];
  const others = scene.interfaces.filter((name) => !capture.title.split(/[\s,]+/).includes(name));
  const list = others.length > 0 ? `other interfaces: ${others.join(', ')} (-i)` : '-D lists the interfaces';
  return [
    '',
    heard,
    ...expectation,
    '',
    ...indented('Masters send one each interval, usually a second. If this stays empty:', scene.columns),
    ...indented(`1. Is ${capture.title} in the right VLAN?  ${list}`, scene.columns),
    ...indented(
      '2. Does the switch forward 224.0.0.18 (IPv6: ff02::12) to this port? IGMP snooping, SPAN',
      scene.columns,
    ),
    ...indented('3. Do the routers use unicast peers? Then capture on one of the routers.', scene.columns),
    ...indented(`4. Does the filter let them pass?  ${capture.filter}`, scene.columns),
  ];
}

function lostPage({ snapshot, columns }: Scene): readonly LineContent[] {
  const { detail } = snapshot.capture;
  const lines: LineContent[] = ['', [{ text: '  CAPTURE LOST ', role: 'alarm' }, { text: ' it is tried again' }], ''];
  lines.push(...indented(detail ?? 'no reason given', columns));
  return lines;
}

function indented(text: string, width: number): readonly LineContent[] {
  // Numbered lines go on under their text.
  const hang = /^\d\. /.test(text) ? '   ' : '';
  return wrap(text, width - 7).map((line, index) => `  ${index === 0 ? '' : hang}${line}`);
}
