interface Entry {
  readonly atUs: number;
  readonly order: number;
  readonly action: () => void;
}

/** Actions in simulated time, a binary heap; equal times run in the order in which they were scheduled. */
export class EventQueue {
  nowUs = 0;
  readonly #heap: Entry[] = [];
  #scheduled = 0;

  /** A time in the past means now. */
  schedule(atUs: number, action: () => void): void {
    const entry = { atUs: Math.max(this.nowUs, Math.round(atUs)), order: this.#scheduled++, action };
    let i = this.#heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || !before(entry, above)) break;
      this.#heap[i] = above;
      i = parent;
    }
    this.#heap[i] = entry;
  }

  runUntil(endUs: number): void {
    for (let first = this.#heap[0]; first !== undefined && first.atUs <= endUs; first = this.#heap[0]) {
      this.#removeFirst();
      this.nowUs = first.atUs;
      first.action();
    }
    this.nowUs = endUs;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    let i = 0;
    for (;;) {
      const leftIndex = 2 * i + 1;
      const left = this.#heap[leftIndex];
      if (left === undefined) break;
      const right = this.#heap[leftIndex + 1];
      const [child, childIndex] =
        right !== undefined && before(right, left) ? [right, leftIndex + 1] : [left, leftIndex];
      if (!before(child, last)) break;
      this.#heap[i] = child;
      i = childIndex;
    }
    this.#heap[i] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
