// What a script is made of once it is parsed: the subset of the POSIX shell language (IEEE 1003.1, chapter 2) that host scripts use.

/** A piece of a word. Quoted pieces are neither split nor matched against file names. */
export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: "parameter";
      readonly name: string;
      /** `-`, `:-`, `=`, `:=`, `?`, `:?`, `+`, `:+`, `%`, `%%`, `#`, `##`; `length` for `${#name}`. */
      readonly operator?: string;
      readonly argument?: Word;
      readonly quoted: boolean;
    }
  | { readonly kind: "substitution"; readonly script: List; readonly quoted: boolean }
  | { readonly kind: "arithmetic"; readonly expression: Word; readonly quoted: boolean };

export type Word = readonly Part[];

export interface Redirect {
  readonly fd: number;
  readonly operator: "<" | ">" | ">>" | ">|" | "<&" | ">&" | "<<";
  /** The file, the other descriptor, or the text of a here-document; filled in when its lines have been read. */
  target: Word;
}

export type Command =
  | {
      readonly kind: "simple";
      readonly assignments: readonly { readonly name: string; readonly value: Word }[];
      readonly words: readonly Word[];
      readonly redirects: readonly Redirect[];
    }
  | { readonly kind: "group" | "subshell"; readonly body: List; readonly redirects: readonly Redirect[] }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly condition: List; readonly body: List }[];
      readonly otherwise?: List;
      readonly redirects: readonly Redirect[];
    }
  | {
      readonly kind: "while" | "until";
      readonly condition: List;
      readonly body: List;
      readonly redirects: readonly Redirect[];
    }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly words?: readonly Word[];
      readonly body: List;
      readonly redirects: readonly Redirect[];
    }
  | {
      readonly kind: "case";
      readonly word: Word;
      readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: List }[];
      readonly redirects: readonly Redirect[];
    }
  | { readonly kind: "function"; readonly name: string; readonly body: Command };

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

/** Pipelines joined by `&&` and `||`; the operator stands before the pipeline it guards. */
export interface AndOr {
  readonly steps: readonly { readonly operator?: "&&" | "||"; readonly pipeline: Pipeline }[];
}

export type List = readonly AndOr[];

/** The script is not in the language: the position is a line of the script, counted from 1. */
export class ShellSyntaxError extends Error {
  constructor(line: number, what: string) {
    super(`sh: ${line}: Syntax error: ${what}`);
    this.name = "ShellSyntaxError";
  }
}
