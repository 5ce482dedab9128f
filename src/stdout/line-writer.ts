/** Lines for standard output, written in large pieces where many come at once and without delay where few do. */
export class LineWriter {
  #pending = '';
  #scheduled = false;

  line(text: string): void {
    this.#pending += `${text}\n`;
    if (this.#pending.length > 65_536) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.flush());
    }
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#pending === '') return;
    process.stdout.write(this.#pending);
    this.#pending = '';
  }
}
