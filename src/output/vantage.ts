import type { Report } from '../analyzer/report.ts';
import { routerNameIn } from './router-name.ts';

/** Virtual routers that the text names one by one. */
const NAMED_MAX = 3;

/** What a capture cannot show, so that nobody reads more out of the verdict than is in it. */
export function vantageText(report: Report): string {
  const lone = report.virtualRouters.filter(
    ({ advertisers, splitBrains }) => advertisers.length === 1 && splitBrains.length === 0,
  );
  const sentences = [
    "Not shown: what a host's own firewall does behind the point of capture; an advertisement heard here may be dropped there.",
  ];
  if (lone.length > 0) {
    const names = lone.slice(0, NAMED_MAX).map((router) => routerNameIn(report, router));
    const more = lone.length > NAMED_MAX ? ` and ${lone.length - NAMED_MAX} more` : '';
    sentences.push(
      `Only one node was heard for ${names.join(', ')}${more}: no proof that no other is master beyond a broken path.`,
    );
  }
  if (report.captures.some(({ dropped }) => dropped !== null && dropped > 0)) {
    sentences.push('The capture lost frames, so an advertisement that seems to be missing may have been sent.');
  }
  return sentences.join(' ');
}
