import type { RouterSettings } from '../support/simulate/settings.ts';

/** Interface of every node in its namespace. */
export const NODE_INTERFACE = 'eth0';

/** keepalived.conf of all virtual routers of one node. */
export function keepalivedConfig(routers: readonly RouterSettings[]): string {
  const strict = routers.some((settings) => settings.strict) ? ['  vrrp_strict'] : [];
  const lines = ['global_defs {', '  router_id lab', ...strict, '}'];
  routers.forEach((settings, i) => {
    lines.push(...instance(settings, `VI_${i + 1}`));
  });
  return `${lines.join('\n')}\n`;
}

function instance(settings: RouterSettings, name: string): string[] {
  const lines = [
    `vrrp_instance ${name} {`,
    `  state ${settings.priority === 255 ? 'MASTER' : 'BACKUP'}`,
    `  interface ${NODE_INTERFACE}`,
    `  version ${settings.version}`,
    `  virtual_router_id ${settings.vrid}`,
    `  priority ${settings.priority}`,
    `  advert_int ${settings.intervalUs / 1_000_000}`,
  ];
  if (!settings.preempt) lines.push('  nopreempt');
  if (settings.preemptDelayUs > 0) lines.push(`  preempt_delay ${settings.preemptDelayUs / 1_000_000}`);
  if (settings.lowerPrioNoAdvert) lines.push('  lower_prio_no_advert true');
  if (settings.higherPrioSendAdvert) lines.push('  higher_prio_send_advert true');
  if (settings.source !== settings.address) lines.push(`  mcast_src_ip ${settings.source}`);
  if (settings.auth !== 'none') {
    const type = settings.auth === 'ah' ? 'AH' : 'PASS';
    lines.push('  authentication {', `    auth_type ${type}`, `    auth_pass ${settings.password}`, '  }');
  }
  if (settings.unicastPeers !== null) {
    lines.push('  unicast_peer {', ...settings.unicastPeers.map((peer) => `    ${peer}`), '  }');
  }
  const addresses = settings.addresses.map((address) => `    ${address}/24 dev ${NODE_INTERFACE}`);
  lines.push('  virtual_ipaddress {', ...addresses, '  }', '}');
  return lines;
}
