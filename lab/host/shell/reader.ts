// Walks through the text of a script: blanks, comments, operators, here-documents and words. Which commands they form is parse.ts.
import { type List, type Part, type Redirect, ShellSyntaxError, type Word } from "./syntax.ts";

const OPERATORS = ["&&", "||", ";;", "<<-", "<<", "<&", ">>", ">&", ">|", ";", "&", "|", "(", ")", "<", ">"] as const;
const DELIMITER = /[\s;&|()<>]/;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

interface PendingHereDocument {
  readonly redirect: Redirect;
  readonly delimiter: string;
  readonly isLiteral: boolean;
  readonly stripsTabs: boolean;
}

/** Where the parser is in a script. `parseList` is handed in because a word can hold a whole script: `$(…)`. */
export class Reader {
  readonly text: string;
  position = 0;
  private readonly parseList: (reader: Reader, end: string) => List;
  private pending: PendingHereDocument[] = [];

  constructor(text: string, parseList: (reader: Reader, end: string) => List) {
    this.text = text;
    this.parseList = parseList;
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  fail(what: string): never {
    throw new ShellSyntaxError(this.text.slice(0, this.position).split("\n").length, what);
  }

  unexpected(): never {
    if (this.atEnd) this.fail("end of file unexpected");
    const token = this.peekOperator() ?? /\S+/y.exec(this.text.slice(this.position))?.[0] ?? "newline";
    this.fail(`"${token}" unexpected`);
  }

  /** Blanks, comments and continued lines; not the end of a line. */
  skipBlanks(): void {
    for (;;) {
      const rest = this.text[this.position];
      if (rest === " " || rest === "\t") this.position += 1;
      else if (this.text.startsWith("\\\n", this.position)) this.position += 2;
      else if (rest === "#") this.position = this.indexOf("\n");
      else return;
    }
  }

  skipNewlines(): void {
    this.skipBlanks();
    while (this.text[this.position] === "\n") {
      this.endLine();
      this.skipBlanks();
    }
  }

  /** Steps over the end of a line and reads the here-documents that were announced on it. */
  endLine(): void {
    this.position += 1;
    const pending = this.pending;
    this.pending = [];
    for (const document of pending) this.readHereDocument(document);
  }

  peekOperator(): (typeof OPERATORS)[number] | undefined {
    return OPERATORS.find((operator) => this.text.startsWith(operator, this.position));
  }

  takeOperator(operator: string): boolean {
    if (this.peekOperator() !== operator) return false;
    this.position += operator.length;
    this.skipBlanks();
    return true;
  }

  /** An unquoted word of letters, braces or `!` at the place where a command starts. */
  peekReserved(): string | undefined {
    const match = /(?:[a-z]+|[{}!])(?=[\s;&|()<>]|$)/y;
    match.lastIndex = this.position;
    return match.exec(this.text)?.[0];
  }

  takeReserved(word: string): boolean {
    if (this.peekReserved() !== word) return false;
    this.position += word.length;
    this.skipBlanks();
    return true;
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  announceHereDocument(redirect: Redirect, stripsTabs: boolean): void {
    const start = this.position;
    const word = this.readWord();
    if (!word) this.unexpected();
    const raw = this.text.slice(start, this.position);
    const delimiter = word.map((part) => (part.kind === "text" ? part.text : "")).join("");
    this.pending.push({ redirect, delimiter, isLiteral: /["'\\]/.test(raw), stripsTabs });
  }

  private readHereDocument({ redirect, delimiter, isLiteral, stripsTabs }: PendingHereDocument): void {
    const lines: string[] = [];
    while (!this.atEnd) {
      const end = this.indexOf("\n");
      const line = this.text.slice(this.position, end);
      this.position = Math.min(end + 1, this.text.length);
      const bare = stripsTabs ? line.replace(/^\t+/, "") : line;
      if (bare === delimiter) break;
      lines.push(`${bare}\n`);
    }
    const body = lines.join("");
    redirect.target = isLiteral
      ? [{ kind: "text", text: body, quoted: true }]
      : new Reader(body, this.parseList).readQuoted((reader) => reader.atEnd, false);
  }

  private indexOf(text: string): number {
    const index = this.text.indexOf(text, this.position);
    return index < 0 ? this.text.length : index;
  }

  /** The word that starts here; undefined when none does. `isEnd` ends it early: the `}` of `${name:-word}`. */
  readWord(isEnd: (character: string) => boolean = (character) => DELIMITER.test(character)): Word | undefined {
    const parts: Part[] = [];
    while (!this.atEnd) {
      const character = this.text[this.position] ?? "";
      if (isEnd(character)) break;
      this.readPart(parts, character);
    }
    return parts.length === 0 ? undefined : parts;
  }

  private readPart(parts: Part[], character: string): void {
    if (character === "'") {
      const end = this.text.indexOf("'", this.position + 1);
      if (end < 0) this.fail("Unterminated quoted string");
      parts.push({ kind: "text", text: this.text.slice(this.position + 1, end), quoted: true });
      this.position = end + 1;
    } else if (character === '"') {
      this.position += 1;
      const inside = this.readQuoted((reader) => reader.text[reader.position] === '"', true);
      // Empty quotes are an argument, an empty "$@" is none.
      parts.push(...(inside.length === 0 ? [{ kind: "text", text: "", quoted: true } as const] : inside));
      this.position += 1;
    } else if (character === "\\") {
      const next = this.text[this.position + 1];
      if (next !== "\n") parts.push({ kind: "text", text: next ?? "\\", quoted: true });
      this.position += 2;
    } else if (character === "$" || character === "`") {
      parts.push(this.readExpansion(false));
    } else {
      const last = parts.at(-1);
      if (last?.kind === "text" && !last.quoted) parts[parts.length - 1] = { ...last, text: last.text + character };
      else parts.push({ kind: "text", text: character, quoted: false });
      this.position += 1;
    }
  }

  /** The inside of double quotes or of a here-document, up to where `isEnd` says. */
  private readQuoted(isEnd: (reader: Reader) => boolean, escapesQuote: boolean): Word {
    const parts: Part[] = [];
    let text = "";
    while (!isEnd(this)) {
      if (this.atEnd) this.fail("Unterminated quoted string");
      const character = this.text[this.position] ?? "";
      const next = this.text[this.position + 1] ?? "";
      if (character === "\\" && (escapesQuote ? '$`"\\\n' : "$`\\\n").includes(next) && next !== "") {
        if (next !== "\n") text += next;
        this.position += 2;
      } else if (character === "$" || character === "`") {
        if (text !== "") parts.push({ kind: "text", text, quoted: true });
        text = "";
        parts.push(this.readExpansion(true));
      } else {
        text += character;
        this.position += 1;
      }
    }
    if (text !== "") parts.push({ kind: "text", text, quoted: true });
    return parts;
  }

  private readExpansion(quoted: boolean): Part {
    if (this.text[this.position] === "`") return this.readBackquoted(quoted);
    const next = this.text[this.position + 1] ?? "";
    if (this.text.startsWith("$((", this.position)) return this.readArithmetic(quoted);
    if (next === "(") {
      this.position += 2;
      const script = this.parseList(this, ")");
      if (this.text[this.position] !== ")") this.unexpected();
      this.position += 1;
      return { kind: "substitution", script, quoted };
    }
    if (next === "{") {
      this.position += 2;
      return this.readBraced(quoted);
    }
    this.position += 1;
    const name = this.match(NAME) ?? this.match(/[0-9?#@*!$-]/y);
    return name === undefined ? { kind: "text", text: "$", quoted } : { kind: "parameter", name, quoted };
  }

  private readBackquoted(quoted: boolean): Part {
    let inner = "";
    this.position += 1;
    while (this.text[this.position] !== "`") {
      if (this.atEnd) this.fail("EOF in backquote substitution");
      const isEscape = this.text[this.position] === "\\" && "$`\\".includes(this.text[this.position + 1] ?? " ");
      if (isEscape) this.position += 1;
      inner += this.text[this.position];
      this.position += 1;
    }
    this.position += 1;
    return { kind: "substitution", script: this.parseList(new Reader(inner, this.parseList), ""), quoted };
  }

  private readArithmetic(quoted: boolean): Part {
    this.position += 3;
    let depth = 0;
    const expression = this.readQuoted((reader) => {
      const character = reader.text[reader.position];
      if (character === "(") depth += 1;
      if (character === ")") depth -= 1;
      return depth < 0;
    }, false);
    if (!this.text.startsWith("))", this.position)) this.fail("missing '))'");
    this.position += 2;
    return { kind: "arithmetic", expression, quoted };
  }

  private readBraced(quoted: boolean): Part {
    const isLength = /#[A-Za-z_@*0-9]/y;
    isLength.lastIndex = this.position;
    if (isLength.test(this.text)) {
      this.position += 1;
      const name = this.match(NAME) ?? this.match(/[0-9]+|[@*]/y) ?? this.fail("Bad substitution");
      if (this.text[this.position] !== "}") this.fail("Bad substitution");
      this.position += 1;
      return { kind: "parameter", name, operator: "length", quoted };
    }
    const name = this.match(NAME) ?? this.match(/[0-9]+|[?#@*!$-]/y) ?? this.fail("Bad substitution");
    const operator = this.match(/:?[-=?+]|%%?|##?/y);
    const argument = operator === undefined ? undefined : this.readArgument(quoted && !/[%#]/.test(operator));
    if (this.text[this.position] !== "}") this.fail("Bad substitution");
    this.position += 1;
    return {
      kind: "parameter",
      name,
      quoted,
      ...(operator === undefined ? {} : { operator, argument: argument ?? [] }),
    };
  }

  private readArgument(quoted: boolean): Word {
    if (quoted) return this.readQuoted((reader) => reader.text[reader.position] === "}", true);
    return this.readWord((character) => character === "}") ?? [];
  }
}
