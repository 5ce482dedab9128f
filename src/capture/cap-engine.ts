import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CaptureRequest, Engine } from './engine.ts';

/** Exit status of the cap process when the addon is not installed, not built, or built for another Node. */
export const CAP_UNAVAILABLE_STATUS = 69;

/** 1024 slots, what 255 virtual routers with two masters each send at 0.01 s in 20 ms: cap's fixed snapshot length makes libpcap spend 64 KiB of ring on each frame. */
const DEFAULT_BUFFER_SIZE_KIB = 65536;

/**
 * The `cap` addon in a process of its own: it aborts its process when the interface goes down. The shell in between
 * keeps that from writing a core file each time.
 */
export const CAP_ENGINE: Engine = {
  name: 'cap',
  defaultBufferSizeKib: DEFAULT_BUFFER_SIZE_KIB,
  command(request) {
    const args = capArguments(request);
    if (!existsSync('/bin/sh')) return { file: process.execPath, args };
    return { file: '/bin/sh', args: ['-c', 'ulimit -c 0; exec "$0" "$@"', process.execPath, ...args] };
  },
  // The addon does not hand out libpcap's statistics.
  droppedIn: () => null,
  statisticsSignal: null,
};

function capArguments(request: CaptureRequest): string[] {
  const sizes = [String(request.bufferSizeKib), String(request.snapLength)];
  return [capProcessPath(), request.interface, request.filter, ...sizes];
}

/** The child is always the bundled one: Node runs no TypeScript, so sources use what `npm run build` left. */
function capProcessPath(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? '../../dist/cap-process.js' : './cap-process.js', import.meta.url));
}
