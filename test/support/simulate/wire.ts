import { arp, arpReply, ethernet, frame, garp } from '../build.ts';
import { addressBytes } from '../wire-bytes.ts';
import { CLIENT, type Message } from './message.ts';

/** The Ethernet frame of a message. */
export function frameOf(message: Message): Uint8Array {
  switch (message.kind) {
    case 'advert': {
      const { mac, source, destination, ttl, ipId, version, vrid, priority, addresses, password } = message;
      return frame({
        from: source,
        ...(destination === null ? {} : { to: destination }),
        mac,
        ttl,
        id: ipId,
        version,
        vrid,
        priority,
        addresses,
        intervalS: message.intervalUs / 1_000_000,
        ...(message.auth === 'simple' ? { password } : {}),
        ...(message.auth === 'ah' ? { ah: { spi: spiOf(source), sequence: message.ahSequence } } : {}),
        ...(message.hmacKey === null ? {} : { hmac: true }),
        checksum: version === 3 && message.checksum === 'plain' && !source.includes(':') ? 'plain' : 'good',
      });
    }
    case 'gratuitous':
      return garp({ address: message.address, mac: message.mac });
    case 'reply':
      return arpReply({ address: message.address, mac: message.mac, to: CLIENT.address, toMac: CLIENT.mac });
    case 'request': {
      const payload = arp({ sender: CLIENT.address, senderMac: message.mac, target: message.address });
      return ethernet({ src: message.mac, dst: 'ff:ff:ff:ff:ff:ff', type: 0x0806, payload });
    }
  }
}

/** keepalived uses its source address as SPI. */
function spiOf(source: string): number {
  return addressBytes(source).reduce((sum, byte) => sum * 256 + byte, 0);
}
