// Writes completions/ for bash, zsh and fish from the option table; with --stdout SHELL prints one.
import { mkdir, writeFile } from 'node:fs/promises';
import { loadOptionTable, optionsOf, root } from './option-table.mjs';

/** The name that each shell looks for. */
const FILES = { bash: 'vrrpwatch', zsh: '_vrrpwatch', fish: 'vrrpwatch.fish' };

const HEADING = '# Written by scripts/completions.mjs from the option table.';

/** What completes an argument, by its name in the help. */
const KINDS = { '<IF>': 'interface', '<FILE>': 'file', '<CMD>': 'command', '<EVENTS>': 'event' };

const { program, eventNames } = await loadOptionTable();
const options = optionsOf(program).map((option) => ({
  ...option,
  flags: [option.short, option.long].filter(Boolean),
  kind: option.choices ? 'choice' : (KINDS[option.argument] ?? (option.argument === null ? 'none' : 'free')),
}));
const written = { bash: bash(), zsh: zsh(), fish: fish() };

const shell = process.argv[process.argv.indexOf('--stdout') + 1];
if (process.argv.includes('--stdout')) process.stdout.write(written[shell]);
else {
  await mkdir(`${root}completions`, { recursive: true });
  for (const [name, file] of Object.entries(FILES)) await writeFile(`${root}completions/${file}`, written[name]);
}

function bash() {
  const words = {
    interface: '_vrrpwatch_words "any $(ls /sys/class/net 2>/dev/null)"',
    file: 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur")',
    command: 'mapfile -t COMPREPLY < <(compgen -c -f -- "$cur")',
    event: `_vrrpwatch_words "all ${eventNames.join(' ')}"`,
    free: 'COMPREPLY=()',
  };
  const cases = options
    // An argument that may be left out can be followed by another option.
    .filter(({ kind, isOptional }) => kind !== 'none' && !isOptional)
    .map(({ flags, kind, choices }) => {
      const action = kind === 'choice' ? `_vrrpwatch_words "${choices.join(' ')}"` : words[kind];
      return `    ${flags.join('|')})\n      ${action}\n      return\n      ;;`;
    });
  return `${HEADING}

_vrrpwatch_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_vrrpwatch() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  # Readline parts --engine=tcp into three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $prev in
${cases.join('\n')}
  esac
  _vrrpwatch_words "${options.flatMap(({ flags }) => flags).join(' ')}"
}

complete -F _vrrpwatch vrrpwatch
`;
}

function zsh() {
  const actions = {
    interface: ':interface:_net_interfaces',
    file: ':file:_files',
    command: ':command:_command_names -e',
    event: `:events:_sequence compadd - all ${eventNames.join(' ')}`,
  };
  const specs = options.map(({ flags, kind, choices, argument, isRepeatable, isOptional, description }) => {
    const text = `[${description.replace(/[[\]\\]/g, '\\$&')}]`;
    // An argument that may be left out is attached with "=", or not there.
    const argumentName = argument?.slice(1, -1).replace(/[:[\]\\]/g, '\\$&');
    const plain = kind === 'free' ? `:${argumentName}: ` : '';
    const action = kind === 'choice' ? `:${argumentName}:(${choices.join(' ')})` : (actions[kind] ?? plain);
    const names = flags.length > 1 ? `{${flags.join(',')}}` : flags[0];
    const prefix = isRepeatable ? "'*'" : flags.length > 1 ? `'(${flags.join(' ')})'` : '';
    return `  ${prefix}${names}${quoted(`${text}${isOptional ? `:${action}` : action}`)}`;
  });
  return `#compdef vrrpwatch\n${HEADING}\n\n_arguments -s \\\n${specs.join(' \\\n')}\n`;
}

function fish() {
  const kinds = {
    interface: `-x -a '(ls /sys/class/net) any'`,
    file: '-r -F',
    command: `-x -a '(__fish_complete_command)'`,
    event: `-x -a 'all ${eventNames.join(' ')}'`,
    free: '-x',
    none: '',
  };
  const lines = options.map(({ short, long, kind, choices, isOptional, description }) => {
    const argument = kind === 'choice' ? `-x -a '${choices.join(' ')}'` : isOptional ? '' : kinds[kind];
    const name = short ? `-s ${short.slice(1)} ` : '';
    return `complete -c vrrpwatch ${name}-l ${long.slice(2)} ${argument} -d ${quoted(description)}`.replace(
      / {2,}/g,
      ' ',
    );
  });
  return `${HEADING}\ncomplete -c vrrpwatch -f\n${lines.join('\n')}\n`;
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
