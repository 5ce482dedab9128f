import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/** A terminal that reports no size, as some serial consoles do, is taken for the classic one. */
const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

const ESC = '\u001b';
/** What Ink 6 sends when a frame is as tall as the terminal: it would empty the user's scrollback. */
const CLEAR_WITH_SCROLLBACK = `${ESC}[2J${ESC}[3J${ESC}[H`;
const HOME_AND_CLEAR = `${ESC}[H${ESC}[J`;
const ENTER = `${ESC}[?1049h${ESC}[2J${ESC}[H${ESC}[?25l`;
/** Also ends a synchronised update that a crash left open, and a style. */
const LEAVE = `${ESC}[?2026l${ESC}[0m${ESC}[?25h${ESC}[?1049l`;

/** OSC 52 payloads beyond this are dropped by common terminals. */
const CLIPBOARD_BYTES_MAX = 74_994;

/** The screen of the dashboard: the alternate screen of the user's terminal, entered and left as a whole. */
export interface DashboardTerminal {
  /** For Ink: the terminal's stream, silent while the screen is left. */
  readonly stdout: NodeJS.WriteStream;
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly enter: () => void;
  readonly leave: () => void;
  readonly bell: () => void;
  readonly copy: (text: string) => void;
}

export function createTerminal(stdout: NodeJS.WriteStream): DashboardTerminal {
  let isEntered = false;
  const guarded = (data: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (!isEntered) return true;
    const harmless = typeof data === 'string' ? data.replaceAll(CLEAR_WITH_SCROLLBACK, HOME_AND_CLEAR) : data;
    return Reflect.apply(stdout.write, stdout, [harmless, ...rest]) as boolean;
  };
  const size = () => ({ columns: stdout.columns || COLUMNS_DEFAULT, rows: stdout.rows || ROWS_DEFAULT });
  const proxy = new Proxy(stdout, {
    get(target, property) {
      if (property === 'write') return guarded;
      if (property === 'columns' || property === 'rows') return size()[property];
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return {
    stdout: proxy,
    size,
    enter: () => {
      if (isEntered) return;
      isEntered = true;
      stdout.write(ENTER);
    },
    leave: () => {
      if (!isEntered) return;
      isEntered = false;
      stdout.write(LEAVE);
    },
    bell: () => {
      if (isEntered) stdout.write('\u0007');
    },
    copy: (text) => {
      const encoded = Buffer.from(text).toString('base64');
      if (isEntered && encoded.length <= CLIPBOARD_BYTES_MAX) stdout.write(`${ESC}]52;c;${encoded}\u0007`);
    },
  };
}

/** Where keys come from: stdin, or the controlling terminal while stdin carries packets; null where there is none. */
export function openKeyboard(stdin: NodeJS.ReadStream): NodeJS.ReadStream | null {
  if (stdin.isTTY) return stdin;
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    return null;
  }
}
