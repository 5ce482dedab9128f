import { fitEnd, fitLeft, fitMiddle, fitRight, safeText, widthOf } from '../output/grid-text.ts';
import type { Role, Theme } from './theme.ts';
import { applyRole } from './theme.ts';

/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly role?: Role | undefined;
  /** Exactly so many columns; without it as many as the text takes. */
  readonly width?: number | undefined;
  /** Where the text stands in its width; `middle` and `end` stand left, and are cut in the middle and before the end. */
  readonly align?: 'left' | 'right' | 'middle' | 'end' | undefined;
}

/** What a line shows: plain text, or pieces one after another. */
export type LineContent = string | readonly Span[];

/**
 * At most `width` columns of harmless text with its styles. All text passes here, so nothing from the wire moves the cursor,
 * and a line is never longer than the screen, so it never wraps.
 */
export function paint(content: LineContent, width: number, theme: Theme): string {
  const spans: readonly Span[] = typeof content === 'string' ? [{ text: content }] : content;
  const { ellipsis } = theme.glyphs;
  let painted = '';
  let left = width;
  for (const span of spans) {
    const text = theme.ascii ? span.text.replaceAll('…', ellipsis) : span.text;
    const own = fitted(span, safeText(text, theme.ascii), ellipsis);
    const ownWidth = widthOf(own);
    painted += applyRole(theme, span.role ?? 'plain', ownWidth > left ? fitLeft(own, left, ellipsis) : own);
    left -= ownWidth;
    if (left <= 0) break;
  }
  return painted;
}

/** Columns that the content takes before it is cut. */
export function contentWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + (span.width ?? widthOf(safeText(span.text))), 0);
}

/** The spans up to `width` columns, the last one cut. */
export function clip(spans: readonly Span[], width: number): readonly Span[] {
  const kept: Span[] = [];
  let left = width;
  for (const span of spans) {
    if (left <= 0) break;
    const own = contentWidth([span]);
    kept.push(own > left ? { ...span, width: left } : span);
    left -= own;
  }
  return kept;
}

/** The spans cut or padded to `width` columns. */
export function exactly(spans: readonly Span[], width: number): readonly Span[] {
  const kept = clip(spans, width);
  return [...kept, { text: '', width: width - contentWidth(kept) }];
}

/** `left` at the left edge and `right` at the right edge of `width` columns; `left` is cut where they meet. */
export function spread(left: readonly Span[], right: readonly Span[], width: number): readonly Span[] {
  return [...exactly(left, Math.max(0, width - contentWidth(right) - 1)), { text: ' ' }, ...right];
}

function fitted(span: Span, text: string, ellipsis: string): string {
  if (span.width === undefined) return text;
  switch (span.align) {
    case 'right':
      return fitRight(text, span.width, ellipsis);
    case 'middle':
      return fitMiddle(text, span.width, ellipsis);
    case 'end':
      return fitEnd(text, span.width, ellipsis);
    default:
      return fitLeft(text, span.width, ellipsis);
  }
}
