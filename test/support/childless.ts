import { ChildProcess } from 'node:child_process';

/** What node returns from `spawn` when there are no file descriptors left: no streams, and the error a moment later. */
export function childless(): ChildProcess {
  const child = new ChildProcess();
  process.nextTick(() => child.emit('error', new Error('spawn EMFILE')));
  return child;
}
