import { readdir, readFile } from 'node:fs/promises';

/**
 * The licences of all packages that a build has bundled, which most of them ask for.
 *
 * @param inputs files that went into the build, from the root of the repository
 */
export async function licensesOf(root, inputs) {
  const folders = new Set(inputs.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));
  const texts = await Promise.all([...folders].sort().map((folder) => licenseOf(`${root}${folder}`)));
  return `vrrpwatch contains these packages.\n\n${texts.join(`\n${'-'.repeat(78)}\n\n`)}`;
}

async function licenseOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? '' : `\n${(await readFile(`${folder}/${file}`, 'utf8')).trim()}\n`;
  return `${name} ${version}, ${license}\n${text}`;
}
