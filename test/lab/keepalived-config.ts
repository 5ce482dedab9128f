import type { RouterSettings } from '../support/simulate/settings.ts';

/** Interface of every node in its namespace. */
export const NODE_INTERFACE = 'eth0';

/** A `vrrp_script` of a node, run every second. */
export interface TrackScript {
  readonly path: string;
  /** Added to the priority of every virtual router while the script fails; 0 resigns. */
  readonly weight: number;
}

/** keepalived.conf of all virtual routers of one node. */
export function keepalivedConfig(routers: readonly RouterSettings[], script: TrackScript | null = null): string {
  const strict = routers.some((settings) => settings.strict) ? ['  vrrp_strict'] : [];
  const lines = ['global_defs {', '  router_id lab', '  script_user root', ...strict, '}'];
  if (script !== null) {
    const limits = ['  interval 1', '  fall 1', '  rise 1', `  weight ${script.weight}`];
    lines.push('vrrp_script check {', `  script "${script.path}"`, ...limits, '}');
  }
  routers.forEach((settings, i) => {
    lines.push(...instance(settings, `VI_${i + 1}`, script));
  });
  return `${lines.join('\n')}\n`;
}

/** An address with the length of its network: what `ip address add` and keepalived are given. */
export function withPrefix(address: string): string {
  return `${address}/${address.includes(':') ? 64 : 24}`;
}

function instance(settings: RouterSettings, name: string, script: TrackScript | null): string[] {
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
  if (script !== null) lines.push('  track_script {', '    check', '  }');
  const addresses = settings.addresses.map((address) => `    ${withPrefix(address)} dev ${NODE_INTERFACE}`);
  lines.push('  virtual_ipaddress {', ...addresses, '  }', '}');
  return lines;
}
