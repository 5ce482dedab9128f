/** How text output is to look. */
export interface ReportStyle {
  readonly color: boolean;
  /** 7-bit characters only. */
  readonly ascii: boolean;
  /** Columns of the terminal, at least `WIDTH_MIN`; only commands may be longer. */
  readonly width: number;
  /** Adds the inventory of the VRIDs of each segment. */
  readonly vrids: boolean;
}

/** Narrower than this, an IPv6 address and its hardware address do not fit on a line. */
export const WIDTH_MIN = 60;

/** ANSI colours of text output. They repeat what the words say and never say more. */
const SGR = { alarm: '1;31', warning: '33', ok: '32', strong: '1', faint: '2' } as const;

export type Role = keyof typeof SGR;

/** `text` in a colour, where colours are wanted. */
export function paint(text: string, role: Role, { color }: Pick<ReportStyle, 'color'>): string {
  return color && text !== '' ? `\x1b[${SGR[role]}m${text}\x1b[0m` : text;
}

/** The line with its beginning in a colour; for lines that are laid out already, since escape sequences take no columns. */
export function paintStart(line: string, start: string, role: Role, style: Pick<ReportStyle, 'color'>): string {
  return line.startsWith(start) ? paint(start, role, style) + line.slice(start.length) : line;
}
