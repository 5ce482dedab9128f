/** What a piece of text is, from which the theme chooses how it looks. Words and glyphs carry the meaning; colour repeats it. */
export type Role = 'plain' | 'strong' | 'faint' | 'ok' | 'warning' | 'alarm' | 'alarm-badge' | 'badge' | 'key';

/** Pairs of SGR codes that switch an attribute on and off again. */
type Style = readonly (readonly [on: number, off: number])[];

const BOLD = [1, 22] as const;
const FAINT = [2, 22] as const;
const INVERSE = [7, 27] as const;
const RED = [31, 39] as const;
const GREEN = [32, 39] as const;
const MAGENTA = [35, 39] as const;
const CYAN = [36, 39] as const;

/** Only the terminal's own foreground, background and palette, so that dark and light backgrounds both work. */
const COLOR_STYLES: Readonly<Record<Role, Style>> = {
  plain: [],
  strong: [BOLD],
  faint: [FAINT],
  ok: [GREEN],
  warning: [BOLD, MAGENTA],
  alarm: [BOLD, RED],
  'alarm-badge': [BOLD, INVERSE, RED],
  badge: [INVERSE],
  key: [CYAN],
};

const PLAIN_STYLES: Readonly<Record<Role, Style>> = {
  plain: [],
  strong: [BOLD],
  faint: [],
  ok: [],
  warning: [BOLD],
  alarm: [BOLD],
  'alarm-badge': [BOLD, INVERSE],
  badge: [INVERSE],
  key: [BOLD],
};

const UNICODE_GLYPHS = {
  advert: '█',
  held: '─',
  missed: '▒',
  overlap: 'X',
  takeover: '▶',
  resigned: '0',
  claims: '░',
  silent: '·',
  ellipsis: '…',
  rule: '━',
  side: '┃',
  topLeft: '┏',
  topRight: '┓',
  bottomLeft: '┗',
  bottomRight: '┛',
  differs: '≠',
};

export type Glyphs = Readonly<Record<keyof typeof UNICODE_GLYPHS, string>>;

const ASCII_GLYPHS: Glyphs = {
  advert: '#',
  held: '-',
  missed: ':',
  overlap: 'X',
  takeover: '>',
  resigned: '0',
  claims: '~',
  silent: '.',
  ellipsis: '~',
  rule: '=',
  side: '|',
  topLeft: '+',
  topRight: '+',
  bottomLeft: '+',
  bottomRight: '+',
  differs: '!',
};

export interface Theme {
  readonly ascii: boolean;
  readonly glyphs: Glyphs;
  readonly styles: Readonly<Record<Role, Style>>;
}

export function createTheme(options: { readonly color: boolean; readonly ascii: boolean }): Theme {
  return {
    ascii: options.ascii,
    glyphs: options.ascii ? ASCII_GLYPHS : UNICODE_GLYPHS,
    styles: options.color ? COLOR_STYLES : PLAIN_STYLES,
  };
}

/** Ink parses each code by itself, so they are written one by one. */
export function applyRole(theme: Theme, role: Role, text: string): string {
  const style = theme.styles[role];
  if (style.length === 0 || text === '') return text;
  const on = style.map(([code]) => `\u001b[${code}m`).join('');
  const off = style.map(([, code]) => `\u001b[${code}m`).join('');
  return on + text + off;
}
