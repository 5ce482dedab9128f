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

/** Narrower than this, tables and timelines would say nothing. */
export const WIDTH_MIN = 40;

/** ANSI colours of text output. They repeat what the words say and never say more. */
const SGR = { alarm: '1;31', warning: '33', ok: '32', strong: '1', faint: '2' } as const;

export type Role = keyof typeof SGR;

/** `text` in a colour, where colours are wanted. */
export function paint(text: string, role: Role, { color }: Pick<ReportStyle, 'color'>): string {
  return color && text !== '' ? `\x1b[${SGR[role]}m${text}\x1b[0m` : text;
}
