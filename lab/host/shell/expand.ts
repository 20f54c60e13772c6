// From the words of a script to the arguments of a command: parameters, substitutions, splitting, file names.
import { evaluateArithmetic } from "./arithmetic.ts";
import { isPattern, type Piece, patternSource, trimPattern } from "./pattern.ts";
import { ShellExit, type ShellState, type Substitute } from "./state.ts";
import type { Part, Word } from "./syntax.ts";

/** A field on its way to become an argument. */
interface Field {
  pieces: Piece[];
  /** A quoted part keeps a field alive even when it is empty. */
  isKept: boolean;
}

type ParameterPart = Extract<Part, { kind: "parameter" }>;

function lookUp(state: ShellState, name: string): string | undefined {
  if (/^[1-9]\d*$/.test(name)) return state.positional[Number(name) - 1];
  switch (name) {
    case "0":
      return "sh";
    case "?":
      return String(state.status);
    case "#":
      return String(state.positional.length);
    case "$":
      return "4711";
    case "!":
      return "";
    case "-":
      return "";
    case "@":
    case "*":
      return state.positional.length === 0 ? undefined : state.positional.join(" ");
    default:
      return state.variables.get(name);
  }
}

/** Expands words for one shell. */
export class Expander {
  private readonly state: ShellState;
  private readonly substitute: Substitute;

  constructor(state: ShellState, substitute: Substitute) {
    this.state = state;
    this.substitute = substitute;
  }

  /** A word as one text, neither split nor matched: assignments, redirects, `case`. */
  async text(word: Word): Promise<string> {
    return (await this.pieces(word)).map((piece) => piece.text).join("");
  }

  /** A word as one pattern. */
  async pieces(word: Word): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for (const part of word) pieces.push({ text: await this.partText(part), quoted: part.quoted });
    return pieces;
  }

  /** Words as arguments. */
  async fields(words: readonly Word[]): Promise<string[]> {
    const result: string[] = [];
    for (const word of words) {
      for (const field of await this.splitWord(word)) result.push(...this.fileNames(field.pieces));
    }
    return result;
  }

  private async splitWord(word: Word): Promise<Field[]> {
    const fields: Field[] = [{ pieces: [], isKept: false }];
    const last = () => fields[fields.length - 1] as Field;
    for (const part of word) {
      if (part.kind === "text") {
        last().pieces.push({ text: part.text, quoted: part.quoted });
        last().isKept = true;
      } else if (part.kind === "parameter" && part.name === "@" && part.quoted && part.operator === undefined) {
        this.state.positional.forEach((argument, index) => {
          if (index > 0) fields.push({ pieces: [], isKept: true });
          last().pieces.push({ text: argument, quoted: true });
          last().isKept = true;
        });
      } else if (part.quoted) {
        last().pieces.push({ text: await this.partText(part), quoted: true });
        last().isKept = true;
      } else {
        this.split(await this.partText(part), fields);
      }
    }
    return fields.filter((field) => field.isKept);
  }

  /** Runs of blanks in IFS are one separator, every other character of it is one by itself. */
  private split(text: string, fields: Field[]): void {
    const separators = this.state.variables.get("IFS") ?? " \t\n";
    const isBlank = (character: string) => /\s/.test(character);
    let current = fields[fields.length - 1] as Field;
    const end = () => {
      current = { pieces: [], isKept: false };
      fields.push(current);
    };
    let ended: string | undefined;
    for (const character of text) {
      if (!separators.includes(character)) {
        if (ended !== undefined && current.isKept) end();
        ended = undefined;
        current.pieces.push({ text: character, quoted: false });
        current.isKept = true;
      } else if (isBlank(character)) {
        ended ??= character;
      } else {
        if (current.isKept && ended !== undefined && !isBlank(ended)) end();
        current.isKept = true;
        ended = character;
      }
    }
    if (ended !== undefined && current.isKept) end();
  }

  private fileNames(pieces: readonly Piece[]): string[] {
    const literal = pieces.map((piece) => piece.text).join("");
    if (!isPattern(pieces)) return [literal];
    const isAbsolute = literal.startsWith("/");
    const pattern = new RegExp(`^${patternSource(pieces, "[^/]")}$`);
    const base = `${this.state.path(".").replace(/\/$/, "")}/`;
    const names = this.state.host.files
      .paths()
      .map((path) => (isAbsolute || !path.startsWith(base) ? path : path.slice(base.length)));
    const found = names.filter((name) => pattern.test(name) && name.startsWith("/") === isAbsolute);
    return found.length > 0 ? found.sort() : [literal];
  }

  private async partText(part: Part): Promise<string> {
    switch (part.kind) {
      case "text":
        return part.text;
      case "substitution":
        return (await this.substitute(this.state, part.script)).replace(/\n+$/, "");
      case "arithmetic": {
        const expression = await this.text(part.expression);
        try {
          return String(evaluateArithmetic(expression, (name) => this.state.variables.get(name)));
        } catch (error) {
          throw new ShellExit(2, `sh: ${(error as Error).message}\n`);
        }
      }
      case "parameter":
        return this.parameterText(part);
    }
  }

  private async parameterText(part: ParameterPart): Promise<string> {
    const value = lookUp(this.state, part.name);
    const operator = part.operator;
    if (operator === undefined || operator === "length" || /^[%#]/.test(operator)) {
      if (value === undefined && this.state.options.refuseUnset && !"@*".includes(part.name)) {
        throw new ShellExit(2, `sh: ${part.name}: parameter not set\n`);
      }
      if (operator === undefined) return value ?? "";
      if (operator === "length") return String([...(value ?? "")].length);
      return trimPattern(value ?? "", operator, await this.pieces(part.argument ?? []));
    }
    const isMissing = value === undefined || (operator.startsWith(":") && value === "");
    const argument = () => this.text(part.argument ?? []);
    switch (operator.at(-1)) {
      case "-":
        return isMissing ? argument() : value;
      case "+":
        return isMissing ? "" : argument();
      case "=": {
        if (!isMissing) return value;
        const assigned = await argument();
        this.state.variables.set(part.name, assigned);
        return assigned;
      }
      default:
        if (!isMissing) return value;
        throw new ShellExit(2, `sh: ${part.name}: ${(await argument()) || "parameter not set"}\n`);
    }
  }
}
