// Writes what V8 has compiled of dist/cli.cjs after a run of it; `node scripts/compile-ahead.cjs DIRECTORY`.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { compiledFile, load } = require('../bin/load.js');

const directory = process.argv[2];
const capture = join(__dirname, '..', 'test/pcaps/02_drop_in_backup_oneway_heal.pcap');
process.argv = [process.execPath, 'vrrpwatch', '--pcap', capture];
process.stdout.write = () => true;
const script = load(directory);
process.on('exit', () => {
  writeFileSync(join(directory, 'cli.cache'), compiledFile(script));
  process.exitCode = 0;
});
