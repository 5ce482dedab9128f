import { createSocket, type Socket, type SocketType } from 'node:dgram';
import { networkInterfaces } from 'node:os';

/** Where VRRP goes by multicast (RFC 9568 §5.1.1.2 and §5.1.2.2). */
const GROUP4 = '224.0.0.18';
const GROUP6 = 'ff02::12';

/**
 * Membership of VRRP's groups on one interface, as a backup has it. A switch that snoops MLD forwards ff02::12 to those
 * ports alone that reported membership, and a capture reports none. Needs no privileges. Where the switch forwards
 * everything nothing is missed without it, so whatever keeps it from a group is no error.
 */
export class GroupMembership {
  readonly #interfaceName: string;
  #sockets: readonly Socket[] = [];

  constructor(interfaceName: string) {
    this.#interfaceName = interfaceName;
  }

  /** Joins what the interface can join now; to be called again when it comes back, as it may be another one then. */
  join(): void {
    this.leave();
    // Not an interface; the kernel would choose one.
    if (this.#interfaceName === 'any') return;
    const zone = `%${this.#interfaceName}`;
    const own = networkInterfaces()[this.#interfaceName]?.find(({ family }) => family === 'IPv4');
    const sockets = [member('udp6', `${GROUP6}${zone}`, GROUP6, `::${zone}`)];
    if (own !== undefined) sockets.push(member('udp4', GROUP4, GROUP4, own.address));
    this.#sockets = sockets;
  }

  leave(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }
}

/**
 * @param bound what the socket is bound to: the group, so that nothing that is sent to this host gets into it
 * @param at the interface, by its address or zone
 */
function member(type: SocketType, bound: string, group: string, at: string): Socket {
  const socket = createSocket({ type, lookup: (address, { family }, done) => done(null, address, Number(family)) });
  socket.on('error', () => undefined);
  socket.on('listening', () => {
    try {
      socket.addMembership(group, at);
    } catch {}
  });
  socket.bind({ address: bound, port: 0 });
  return socket.unref();
}
