// Draws the screen of a terminal program as SVG, from a real run:
//   node scripts/screenshot.mjs --out docs/dashboard.svg --until 'SPLIT BRAIN' [--size 100x32] [--settle SECONDS] -- COMMAND...
// The pseudo terminal is made by `script` of util-linux. When the text has appeared and the screen has settled, the
// picture is taken and `q` is typed.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import xterm from '@xterm/headless';

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 18;
const PADDING = 12;
const FOREGROUND = '#d7dae0';
const BACKGROUND = '#1b1e24';
/** The palette colours that the dashboard uses: red, green, magenta, cyan. */
const PALETTE = { 1: '#ff6b68', 2: '#7ec07e', 5: '#d58fd6', 6: '#62b6c8' };
const PATIENCE_MS = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'dashboard.svg' },
    until: { type: 'string', default: ' ' },
    size: { type: 'string', default: '100x32' },
    settle: { type: 'string', default: '1' },
  },
});
const [columns, rows] = values.size.split('x').map(Number);
const quoted = positionals.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
const child = spawn('script', ['-qefc', `stty rows ${rows} cols ${columns}; exec ${quoted}`, '/dev/null'], {
  env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh', NO_COLOR: undefined },
  stdio: ['pipe', 'pipe', 'inherit'],
});
child.stdout.setEncoding('utf8').on('data', (data) => terminal.write(data));

await untilShown(values.until);
await new Promise((resolve) => setTimeout(resolve, Number(values.settle) * 1000));
writeFileSync(values.out, svg());
child.stdin.end('q');

function untilShown(text) {
  const deadline = Date.now() + PATIENCE_MS;
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      const isShown = screenRows().some((row) =>
        row
          .map(({ text: own }) => own)
          .join('')
          .includes(text),
      );
      if (!isShown && Date.now() < deadline) return;
      clearInterval(timer);
      if (isShown) resolve();
      else reject(new Error(`'${text}' did not appear within ${PATIENCE_MS / 1000} s`));
    }, 50);
  });
}

/** Each row as runs of cells that look the same. */
function screenRows() {
  const { active } = terminal.buffer;
  return Array.from({ length: rows }, (_, y) => {
    const line = active.getLine(active.baseY + y);
    const runs = [];
    for (let x = 0; x < columns; x++) {
      const cell = line?.getCell(x);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const color = cell.isFgPalette() ? (PALETTE[cell.getFgColor()] ?? FOREGROUND) : FOREGROUND;
      const style = {
        color,
        bold: cell.isBold(),
        faint: cell.isDim(),
        inverse: cell.isInverse(),
        underline: cell.isUnderline(),
      };
      const key = Object.values(style).join();
      const last = runs.at(-1);
      if (last?.key === key) {
        last.text += cell.getChars() || ' ';
        last.width += cell.getWidth();
      } else runs.push({ x, key, ...style, text: cell.getChars() || ' ', width: cell.getWidth() });
    }
    return runs;
  });
}

function svg() {
  const width = Math.ceil(columns * CELL_WIDTH + 2 * PADDING);
  const height = rows * CELL_HEIGHT + 2 * PADDING;
  const body = screenRows().flatMap((runs, y) => runs.filter(isVisible).map((run) => drawRun(run, y)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function isVisible({ text, inverse, underline }) {
  return inverse || underline || text.trim() !== '';
}

function drawRun({ x, text, width, color, bold, faint, inverse, underline }, y) {
  const left = (PADDING + x * CELL_WIDTH).toFixed(1);
  const top = PADDING + y * CELL_HEIGHT;
  const length = (width * CELL_WIDTH).toFixed(1);
  const box = inverse ? `<rect x="${left}" y="${top}" width="${length}" height="${CELL_HEIGHT}" fill="${color}"/>` : '';
  const attributes = [
    `x="${left}" y="${top + 13.5}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`,
    `fill="${inverse ? BACKGROUND : color}"`,
    bold ? 'font-weight="bold"' : '',
    faint ? 'opacity="0.65"' : '',
    underline ? 'text-decoration="underline"' : '',
  ];
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${box}<text ${attributes.filter(Boolean).join(' ')}>${escaped}</text>`;
}
