import type { ChildProcess } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RouterSettings } from '../support/simulate/settings.ts';
import { AddressMonitor, type HeldAddress } from './address-monitor.ts';
import { end, run, spawnIn, until } from './command.ts';
import { keepalivedConfig, NODE_INTERFACE, type TrackScript, withPrefix } from './keepalived-config.ts';

/** A real keepalived in a network namespace of its own. */
export class LabNode {
  readonly name: string;
  readonly namespace: string;
  settings: readonly RouterSettings[];
  /** Watched by keepalived from its next start on. */
  script: TrackScript | null = null;
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  readonly #directory: string;
  #keepalived: ChildProcess | null = null;
  #monitor: AddressMonitor | null = null;
  #log = '';

  constructor(name: string, namespace: string, settings: readonly RouterSettings[], directory: string) {
    this.name = name;
    this.namespace = namespace;
    this.settings = settings;
    this.#directory = directory;
  }

  /** Plugs the node into the bridge of the switch's namespace. */
  async plugIn(switchNamespace: string, bridge: string): Promise<void> {
    const [first] = this.settings;
    if (first === undefined) throw new Error(`node ${this.name} has no virtual router`);
    const port = `port${this.name}`;
    await run('ip', 'netns', 'add', this.namespace);
    const peer = ['peer', 'name', NODE_INTERFACE, 'address', first.mac, 'netns', this.namespace];
    await run('ip', '-n', switchNamespace, 'link', 'add', port, 'type', 'veth', ...peer);
    await run('ip', '-n', switchNamespace, 'link', 'set', port, 'master', bridge, 'up');
    await run('ip', '-n', this.namespace, 'link', 'set', 'lo', 'up');
    // Without `nodad` an IPv6 address could not be used for a second.
    const flags = first.address.includes(':') ? ['nodad'] : [];
    const address = withPrefix(first.address);
    await run('ip', '-n', this.namespace, 'address', 'add', address, 'dev', NODE_INTERFACE, ...flags);
    await run('ip', '-n', this.namespace, 'link', 'set', NODE_INTERFACE, 'up');
    const addresses = new Set(this.settings.flatMap((settings) => settings.addresses));
    this.#monitor = new AddressMonitor(this.name, this.namespace, addresses);
  }

  async start(): Promise<void> {
    await this.#writeConfig();
    const pidFiles = ['--pid', this.#path('pid'), '--vrrp_pid', this.#path('vrrp.pid')];
    const options = ['--vrrp', '--dont-fork', '--log-console', '--log-detail', '--use-file', this.#path('conf')];
    const keepalived = spawnIn(this.namespace, 'keepalived', ...options, ...pidFiles);
    const remember = (chunk: Buffer) => {
      this.#log += chunk.toString();
    };
    keepalived.stdout?.on('data', remember);
    keepalived.stderr?.on('data', remember);
    this.#keepalived = keepalived;
  }

  /** SIGTERM: a master resigns. SIGKILL: see `kill`. Resolves when the process has gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (signal === 'SIGKILL') return this.kill();
    if (this.#keepalived !== null) await end(this.#keepalived, 'SIGTERM');
    this.#keepalived = null;
  }

  /** Death without a word; the virtual addresses stay configured. */
  async kill(): Promise<void> {
    if (this.#keepalived === null) return;
    // The parent would restart its child, and the child would resign on its parent's death.
    this.#keepalived.kill('SIGSTOP');
    const child = await this.#vrrpProcess();
    if (child !== null) process.kill(child, 'SIGKILL');
    await end(this.#keepalived, 'SIGKILL');
    this.#keepalived = null;
  }

  /** SIGHUP with other settings. */
  async reload(changes: Partial<RouterSettings>): Promise<void> {
    this.settings = this.settings.map((settings) => ({ ...settings, ...changes }));
    await this.#writeConfig();
    this.#keepalived?.kill('SIGHUP');
  }

  /** Stops keepalived in its tracks, or lets it go on. */
  async freeze(): Promise<void> {
    await this.#signalVrrpProcess('SIGSTOP');
  }

  async thaw(): Promise<void> {
    await this.#signalVrrpProcess('SIGCONT');
  }

  /** A packet filter of the node itself that drops VRRP coming in or going out. */
  async drop(direction: 'in' | 'out'): Promise<void> {
    const hook = direction === 'in' ? 'input' : 'output';
    const chain = `chain ${hook} { type filter hook ${hook} priority 0; meta l4proto { 112, 51 } drop; };`;
    await this.run('nft', `table inet lab_${direction} { ${chain} }`);
  }

  async restore(direction: 'in' | 'out'): Promise<void> {
    await this.run('nft', `delete table inet lab_${direction}`);
  }

  /** Starts a program that lives until it ends, or as long as the node. */
  spawn(command: string, ...parameters: string[]): ChildProcess {
    const child = spawnIn(this.namespace, command, ...parameters);
    // Nobody reads it, and a full pipe would stop the program.
    child.stdout?.resume();
    child.stderr?.resume();
    this.atEnd(() => end(child, 'SIGKILL'));
    return child;
  }

  /** Has something undone when the node is removed, the latest first. */
  atEnd(action: () => Promise<unknown>): void {
    this.#cleanups.unshift(action);
  }

  /** A file of the node's own, for everybody to read and its owner to run; returns its path. */
  async file(name: string, content: string): Promise<string> {
    const path = this.#path(name);
    await writeFile(path, content);
    await chmod(path, 0o755);
    return path;
  }

  /** keepalived's own record of its process id: what a script on the node has to end it by. */
  get pidFile(): string {
    return this.#path('pid');
  }

  /** Runs a command on the node and gives its standard output. */
  run(command: string, ...parameters: string[]): Promise<string> {
    return run('ip', 'netns', 'exec', this.namespace, command, ...parameters);
  }

  /** When the node had its virtual addresses, by its kernel. */
  masterIntervals(): HeldAddress[] {
    return this.#monitor?.intervals() ?? [];
  }

  /** Waits until keepalived's log holds `text`. */
  async says(text: string): Promise<void> {
    await until(`${this.name} logged "${text}"`, () => this.#log.includes(text));
  }

  /** What keepalived has logged. */
  log(): string {
    return this.#log;
  }

  /** Ends whatever runs and removes the namespace; never rejects half way. */
  async remove(): Promise<void> {
    for (const action of this.#cleanups) await action().catch(() => undefined);
    await this.kill();
    await this.#monitor?.stop();
    await run('ip', 'netns', 'delete', this.namespace).catch(() => undefined);
  }

  async #signalVrrpProcess(signal: NodeJS.Signals): Promise<void> {
    const child = await this.#vrrpProcess();
    if (child !== null) process.kill(child, signal);
  }

  async #vrrpProcess(): Promise<number | null> {
    const text = await readFile(this.#path('vrrp.pid'), 'utf8').catch(() => '');
    const pid = Number.parseInt(text, 10);
    return Number.isInteger(pid) && (await this.#isOurs(pid)) ? pid : null;
  }

  /** A stale pid file must not cost a stranger its life. */
  async #isOurs(pid: number): Promise<boolean> {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return Number(status.slice(status.lastIndexOf(')') + 4).split(' ')[0]) === this.#keepalived?.pid;
  }

  #writeConfig(): Promise<void> {
    return writeFile(this.#path('conf'), keepalivedConfig(this.settings, this.script));
  }

  #path(extension: string): string {
    return join(this.#directory, `${this.name}.${extension}`);
  }
}
