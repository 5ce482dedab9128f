import type { ChildProcess } from 'node:child_process';
import { end } from './command.ts';
import type { LabNode } from './lab-node.ts';

/** nginx on a node, answering every request with the node's name, so that a client sees who has the address. */
export class WebServer {
  readonly #node: LabNode;
  readonly #config: string;
  #nginx: ChildProcess;

  private constructor(node: LabNode, config: string) {
    this.#node = node;
    this.#config = config;
    this.#nginx = this.#run();
  }

  static async on(node: LabNode): Promise<WebServer> {
    const pidFile = await node.file('nginx.pid', '');
    const config = await node.file(
      'nginx.conf',
      `daemon off; master_process off; pid ${pidFile}; error_log stderr crit;
events {}
http {
  access_log off; client_body_temp_path /tmp; proxy_temp_path /tmp; fastcgi_temp_path /tmp; uwsgi_temp_path /tmp; scgi_temp_path /tmp;
  server { listen 80; location / { return 200 '${node.name}'; } }
}
`,
    );
    return new WebServer(node, config);
  }

  stop(): Promise<void> {
    return end(this.#nginx, 'SIGTERM');
  }

  start(): void {
    this.#nginx = this.#run();
  }

  #run(): ChildProcess {
    return this.#node.spawn('nginx', '-c', this.#config);
  }
}

/** Path of a `vrrp_script` that fails when nginx is gone: by the port, since all namespaces share their processes. */
export function checkScript(node: LabNode, otherwise = 'exit 1'): Promise<string> {
  const connects = 'timeout 1 bash -c "</dev/tcp/127.0.0.1/80"';
  return node.file('check.sh', `#!/bin/sh\n${connects} || { ${otherwise}; }\n`);
}

const FETCH = 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=3).read().decode(), end="")';

/** Name of the node that answers for an address, as a client on the segment gets it. */
export function whoServes(client: LabNode, address: string): Promise<string> {
  return client.run('python3', '-c', FETCH, `http://${address}/`);
}
