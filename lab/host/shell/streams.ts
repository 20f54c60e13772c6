// What a command reads from and writes to.

/** Text that commands take turns to read: `while read -r line` and the commands in its body share one. */
export class Input {
  private rest: string;

  constructor(text = "") {
    this.rest = text;
  }

  readAll(): string {
    const text = this.rest;
    this.rest = "";
    return text;
  }

  /** The next line without its end; undefined when nothing is left. */
  readLine(): string | undefined {
    if (this.rest === "") return undefined;
    const end = this.rest.indexOf("\n");
    const line = end < 0 ? this.rest : this.rest.slice(0, end);
    this.rest = end < 0 ? "" : this.rest.slice(end + 1);
    return line;
  }
}

/** Where text goes: collected, shown, written to a file, or dropped. */
export interface Output {
  write(text: string): void;
}

/** Keeps what is written. */
export class Collector implements Output {
  text = "";
  write(text: string): void {
    this.text += text;
  }
}

/** `/dev/null`. */
export const NOWHERE: Output = { write: () => undefined };

/** Open descriptors: 0, 1 and 2, and whatever a script opens beside them. */
export type Streams = ReadonlyMap<number, Input | Output>;
