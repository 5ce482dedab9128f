import { existsSync } from 'node:fs';
import { chown, mkdir, rm } from 'node:fs/promises';
import { run, until } from './command.ts';
import { NODE_INTERFACE, withPrefix } from './keepalived-config.ts';
import type { LabNode } from './lab-node.ts';

const DAEMONS = '/usr/lib/frr';
/** Interface that carries the virtual router's hardware address and addresses, as FRR's manual has it set up. */
const MACVLAN = 'vrrp4';

/** FRR's vrrpd in place of keepalived on a node, for its first virtual router. */
export class FrrRouter {
  readonly #node: LabNode;
  readonly #pathspace: string;

  private constructor(node: LabNode) {
    this.#node = node;
    this.#pathspace = node.namespace;
  }

  static async on(node: LabNode): Promise<FrrRouter> {
    const frr = new FrrRouter(node);
    await frr.#start();
    return frr;
  }

  /** `Master`, `Backup` or `Initialize`: vrrpd's own word. */
  async state(): Promise<string> {
    const [router] = JSON.parse(await run('vtysh', '-N', this.#pathspace, '-c', 'show vrrp json'));
    return router.v4.status;
  }

  async becomes(state: string): Promise<void> {
    await until(`${this.#node.name} is ${state}`, async () => (await this.state()) === state);
  }

  async #start(): Promise<void> {
    const [settings] = this.#node.settings;
    if (settings === undefined) throw new Error('no virtual router');
    const { vrid, version, priority, intervalUs, addresses } = settings;
    const runtime = `/var/run/frr/${this.#pathspace}`;
    await mkdir(runtime, { recursive: true });
    const [user, group] = (await run('sh', '-c', 'id -u frr; id -g frr')).split('\n').map(Number);
    await chown(runtime, user ?? 0, group ?? 0);
    this.#node.atEnd(() => rm(runtime, { recursive: true, force: true }));

    const mac = `00:00:5e:00:01:${vrid.toString(16).padStart(2, '0')}`;
    await this.#ip('link', 'add', MACVLAN, 'link', NODE_INTERFACE, 'type', 'macvlan', 'mode', 'bridge');
    await this.#ip('link', 'set', MACVLAN, 'address', mac);
    for (const address of addresses) await this.#ip('address', 'add', withPrefix(address), 'dev', MACVLAN);
    await this.#ip('link', 'set', MACVLAN, 'up');

    const lines = [`version ${version}`, `priority ${priority}`, `advertisement-interval ${intervalUs / 1000}`];
    lines.push(...addresses.map((address) => `ip ${address}`));
    const config = [`interface ${NODE_INTERFACE}`, ...lines.map((line) => ` vrrp ${vrid} ${line}`)].join('\n');
    const file = await this.#node.file('frr.conf', `${config}\n`);
    await this.#daemon('zebra', await this.#node.file('zebra.conf', ''), `${runtime}/zserv.api`);
    await this.#daemon('vrrpd', file, `${runtime}/vrrpd.vty`);
  }

  /** Starts a daemon and waits for the socket that shows that it is ready. */
  async #daemon(name: string, config: string, socket: string): Promise<void> {
    const pidFile = `/var/run/frr/${this.#pathspace}/${name}.pid`;
    this.#node.spawn(`${DAEMONS}/${name}`, '-N', this.#pathspace, '-P', '0', '-f', config, '-i', pidFile);
    await until(`${name} is ready`, async () => existsSync(socket));
  }

  #ip(...parameters: string[]): Promise<string> {
    return run('ip', '-n', this.#node.namespace, ...parameters);
  }
}
