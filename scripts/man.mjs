// Writes man/vrrpwatch.1 from the option table; with --stdout prints it.
import { writeFile } from 'node:fs/promises';
import { helpSection, loadOptionTable, optionsOf, root } from './option-table.mjs';

const DESCRIPTION = `
.B vrrpwatch
listens to VRRP advertisements, as keepalived, FRRouting and routers send them, and says when two nodes are master
at the same time: who should have yielded and does not, why, and the command that repairs it.
.PP
On a terminal it shows a dashboard. Without one it prints a line per event, which suits a service. With
.B \\-\\-pcap
it reads saved captures and prints a report, with
.B \\-\\-check
it is a plugin for Nagios and its kin.
.PP
Capturing needs the capability CAP_NET_RAW; reading files needs nothing.
`.trim();

const ENVIRONMENT = [
  ['NO_COLOR', 'When set to anything, no colours are used.'],
  ['VRRPWATCH_SMTP_PASSWORD', 'Password for the login of \\fB\\-\\-smtp\\fR, unless it is in a file.'],
  ['VRRPWATCH_DEBUG', 'When set, a fault of vrrpwatch itself is printed with its place in the program.'],
];

const SEE_ALSO = ['tcpdump(8)', 'keepalived(8)', 'keepalived.conf(5)', 'pcap\\-filter(7)'];

const { program, version } = await loadOptionTable();
const page = manPage();
if (process.argv.includes('--stdout')) process.stdout.write(page);
else await writeFile(`${root}man/vrrpwatch.1`, page);

function manPage() {
  return [
    `.\\" Written by scripts/man.mjs from the option table.`,
    `.TH VRRPWATCH 1 "" "vrrpwatch ${version}" "User Commands"`,
    '.SH NAME',
    `vrrpwatch \\- find VRRP split brain by watching the wire`,
    '.SH SYNOPSIS',
    ...synopsis(),
    '.SH DESCRIPTION',
    DESCRIPTION,
    '.SH OPTIONS',
    ...options(),
    '.SH EXIT STATUS',
    ...exitStatus(),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, text]) => ['.TP', `.B ${name}`, text]),
    '.SH EXAMPLES',
    ...examples(),
    '.SH SEE ALSO',
    SEE_ALSO.map((page) => page.replace(/^(.*)(\(\d\))$/, '\\fB$1\\fR$2')).join(',\n'),
    '',
  ].join('\n');
}

function synopsis() {
  const forms = [
    ['\\-i', 'IF', '[options]'],
    ['\\-i', 'IF', '\\-\\-check [options]'],
    ['\\-\\-pcap', 'FILE', '[options]'],
  ];
  return forms.map(([flag, argument, rest], i) => {
    return `${i > 0 ? '.br\n' : ''}.B vrrpwatch\n\\fB${flag}\\fR \\fI${argument}\\fR ${rest}`;
  });
}

function options() {
  let group = '';
  return optionsOf(program).flatMap((option) => {
    const heading = option.group === group ? [] : [`.SS ${roff(option.group ?? 'Help')}`];
    group = option.group;
    const flags = [option.short, option.long].filter(Boolean).map((flag) => `\\fB${roff(flag)}\\fR`);
    const argument = option.argument === null ? '' : ` ${argumentText(option)}`;
    return [...heading, '.TP', `${flags.join(', ')}${argument}`, roff(option.description) + choicesText(option)];
  });
}

function choicesText({ choices, defaultValue }) {
  if (choices === null) return '';
  const names = choices.map((choice) => `\\fB${roff(choice)}\\fR`);
  const list = `: ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return defaultValue === null ? list : `${list}; without it, ${roff(defaultValue)}`;
}

/** `<FILE>` without its brackets, in italics; brackets that say "may be left out" stay. */
function argumentText({ argument, isOptional }) {
  const name = `\\fI${roff(argument.slice(1, -1))}\\fR`;
  return isOptional ? `[${name}]` : name;
}

function exitStatus() {
  return helpSection(program, 'Exit status').flatMap((line) => {
    const [, number, word, text] = line.match(/^(\d)\s+(\w+)\s+(.*)$/);
    return ['.TP', `.BR ${number} " (${word})"`, roff(text)];
  });
}

function examples() {
  return helpSection(program, 'Examples').flatMap((line) => {
    const [command, text] = line.split(/\s{2,}/);
    return ['.TP', `\\fB${roff(command)}\\fR`, roff(text)];
  });
}

function roff(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(cq')
    .replace(/^[.']/gm, '\\&$&');
}
