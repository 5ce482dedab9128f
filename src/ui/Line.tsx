import { Transform } from 'ink';
import type { ReactNode } from 'react';
import type { LineContent } from './paint.ts';
import { paint } from './paint.ts';
import type { Theme } from './theme.ts';

const blanks = new Map<number, string>();

/**
 * One line of the screen.
 *
 * Ink up to 7 keeps every string that it ever measured, so a clock alone would fill the memory in days. Here it measures a
 * blank of the line's width, of which there are as many as terminal widths, and the content takes its place as the frame is
 * written.
 */
export function Line(props: {
  readonly content: LineContent;
  readonly width: number;
  readonly theme: Theme;
}): ReactNode {
  return <Transform transform={() => paint(props.content, props.width, props.theme)}>{blank(props.width)}</Transform>;
}

/** Lines from top to bottom. */
export function Lines(props: {
  readonly contents: readonly LineContent[];
  readonly width: number;
  readonly theme: Theme;
}): ReactNode {
  return props.contents.map((content, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
    <Line key={index} content={content} width={props.width} theme={props.theme} />
  ));
}

function blank(width: number): string {
  const known = blanks.get(width);
  if (known !== undefined) return known;
  const made = ' '.repeat(width);
  blanks.set(width, made);
  return made;
}
