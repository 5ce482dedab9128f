import type { RouterIdentity } from '../analyzer/event.ts';
import type { Report } from '../analyzer/report.ts';
import { printable } from './escape.ts';

type Named = Pick<RouterIdentity, 'capture' | 'interface' | 'vlan' | 'family' | 'vrid'>;

/** `vrid 51`, `vrid 51 IPv6 VLAN 100 on eth0`: what goes without saying is left out. */
export function routerName(router: Named): string {
  const words = [`vrid ${router.vrid}`];
  if (router.family === 6) words.push('IPv6');
  if (router.vlan !== null) words.push(`VLAN ${router.vlan}`);
  if (router.interface !== null) words.push(`on ${printable(router.interface)}`);
  return words.join(' ');
}

/** As `routerName`, with the capture where the report has several and its name is not the interface's. */
export function routerNameIn(report: Report, router: Named): string {
  const isClear = report.captures.length < 2 || router.capture === '' || router.capture === router.interface;
  return isClear ? routerName(router) : `${routerName(router)} in ${printable(router.capture)}`;
}
