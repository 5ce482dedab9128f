// Builds vrrpwatch_VERSION_all.deb from dist/, bin/, man/, completions/ and contrib/ with dpkg-deb alone.
// Usage: node scripts/deb.mjs [DIRECTORY]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
const directory = resolve(process.argv[2] ?? '.');
const target = join(directory, `vrrpwatch_${manifest.version}_all.deb`);

const stage = await mkdtemp(join(tmpdir(), 'vrrpwatch-deb-'));
try {
  await chmod(stage, 0o755);
  await putProgram();
  await putDocuments();
  await putControl();
  await mkdir(directory, { recursive: true });
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', '-Zxz', stage, target], { stdio: 'inherit' });
} finally {
  await rm(stage, { recursive: true });
}

async function putProgram() {
  await copy('dist', 'usr/lib/vrrpwatch/dist');
  // Good for the node of this build alone.
  await rm(`${stage}/usr/lib/vrrpwatch/dist/cli.cache`, { force: true });
  await copy('bin', 'usr/lib/vrrpwatch/bin');
  await chmod(`${stage}/usr/lib/vrrpwatch/bin/vrrpwatch.js`, 0o755);
  await write(
    'usr/lib/vrrpwatch/package.json',
    `${JSON.stringify({ name: 'vrrpwatch', version: manifest.version, type: 'module' })}\n`,
  );
  await mkdir(`${stage}/usr/bin`, { recursive: true });
  await symlink('../lib/vrrpwatch/bin/vrrpwatch.js', `${stage}/usr/bin/vrrpwatch`);
}

async function putDocuments() {
  await write('usr/share/man/man1/vrrpwatch.1.gz', packed(await readFile(`${root}man/vrrpwatch.1`)));
  await copy('completions/vrrpwatch', 'usr/share/bash-completion/completions/vrrpwatch');
  await copy('completions/_vrrpwatch', 'usr/share/zsh/vendor-completions/_vrrpwatch');
  await copy('completions/vrrpwatch.fish', 'usr/share/fish/vendor_completions.d/vrrpwatch.fish');
  await copy('contrib/systemd/vrrpwatch@.service', 'usr/lib/systemd/system/vrrpwatch@.service');
  for (const name of ['prometheus', 'grafana', 'nagios', 'cron']) {
    await copy(`contrib/${name}`, `usr/share/doc/vrrpwatch/examples/${name}`);
  }
  const license = await readFile(`${root}LICENSE`, 'utf8');
  await write(
    'usr/share/doc/vrrpwatch/copyright',
    `${license}\nLicences of what is bundled: /usr/lib/vrrpwatch/dist/LICENSES.txt\n`,
  );
  const entry = `vrrpwatch (${manifest.version}) unstable; urgency=medium\n\n  * Release ${manifest.version}.\n\n -- vrrpwatch <vrrpwatch@localhost>  ${await buildDate()}\n`;
  await write('usr/share/doc/vrrpwatch/changelog.gz', packed(Buffer.from(entry)));
}

async function putControl() {
  const files = await filesIn(stage);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const installedKib = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
  const control = [
    'Package: vrrpwatch',
    `Version: ${manifest.version}`,
    'Architecture: all',
    'Maintainer: vrrpwatch <vrrpwatch@localhost>',
    `Installed-Size: ${installedKib}`,
    'Depends: nodejs (>= 20.19)',
    'Recommends: tcpdump',
    'Suggests: keepalived, default-mta | mail-transport-agent, prometheus-node-exporter',
    'Section: net',
    'Priority: optional',
    'Description: find VRRP split brain by watching the wire',
    ' vrrpwatch listens to the advertisements of VRRP routers such as keepalived,',
    ' and says when two of them are master at the same time: who should have',
    ' yielded and does not, why, and the command that repairs it.',
    '',
  ].join('\n');
  await write('DEBIAN/control', control);
  const sums = await Promise.all(
    files.map(
      async (file) =>
        `${createHash('md5')
          .update(await readFile(file))
          .digest('hex')}  ${relative(stage, file)}`,
    ),
  );
  await write('DEBIAN/md5sums', `${sums.sort().join('\n')}\n`);
  // systemd need not be there; where it is, it must read the unit.
  const reload = '#!/bin/sh\nset -e\nif [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi\n';
  await write('DEBIAN/postinst', reload, 0o755);
  await write('DEBIAN/postrm', reload, 0o755);
}

/** Of the last commit, so that the same source makes the same package. */
async function buildDate() {
  const seconds =
    process.env.SOURCE_DATE_EPOCH ??
    execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return new Date(Number(seconds) * 1000).toUTCString().replace('GMT', '+0000');
}

async function copy(from, to) {
  const path = `${stage}/${to}`;
  await mkdir(join(path, '..'), { recursive: true });
  await cp(`${root}${from}`, path, { recursive: true });
}

async function write(to, contents, mode = 0o644) {
  const path = `${stage}/${to}`;
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, contents, { mode });
}

async function filesIn(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function packed(contents) {
  return gzipSync(contents, { level: 9 });
}
