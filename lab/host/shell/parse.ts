// From the text of a script to its commands.
import { Reader } from "./reader.ts";
import type { AndOr, Command, List, Pipeline, Redirect, Word } from "./syntax.ts";

const CLOSING = new Set(["then", "else", "elif", "fi", "do", "done", "esac", "}"]);

/** Parses a whole script; throws a `ShellSyntaxError`. */
export function parseScript(text: string): List {
  const reader = new Reader(text, parseList);
  const list = parseList(reader, "");
  if (!reader.atEnd) reader.unexpected();
  return list;
}

/** Commands up to the end of the text, a closing word or the operator `end`; what closes them is left to the caller. */
function parseList(reader: Reader, end: string): List {
  const list: AndOr[] = [];
  for (;;) {
    reader.skipNewlines();
    const operator = reader.peekOperator();
    if (reader.atEnd || (operator !== undefined && (operator === end || operator === ";;"))) return list;
    if (CLOSING.has(reader.peekReserved() ?? "")) return list;
    list.push(parseAndOr(reader));
    reader.skipBlanks();
    if (reader.peekOperator() === "&")
      reader.fail('"&" is not known to the simulated shell; run one thing after the other');
    if (reader.takeOperator(";") || reader.atEnd || reader.text[reader.position] === "\n") continue;
    const next = reader.peekOperator();
    if (next !== undefined && (next === end || next === ";;")) return list;
    reader.unexpected();
  }
}

function parseAndOr(reader: Reader): AndOr {
  const steps: { operator?: "&&" | "||"; pipeline: Pipeline }[] = [{ pipeline: parsePipeline(reader) }];
  for (;;) {
    reader.skipBlanks();
    const operator = reader.peekOperator();
    if (operator !== "&&" && operator !== "||") return { steps };
    reader.takeOperator(operator);
    reader.skipNewlines();
    steps.push({ operator, pipeline: parsePipeline(reader) });
  }
}

function parsePipeline(reader: Reader): Pipeline {
  reader.skipBlanks();
  const negated = reader.takeReserved("!");
  const commands = [parseCommand(reader)];
  for (;;) {
    reader.skipBlanks();
    if (!reader.takeOperator("|")) return { negated, commands };
    reader.skipNewlines();
    commands.push(parseCommand(reader));
  }
}

function parseCommand(reader: Reader): Command {
  reader.skipBlanks();
  if (reader.takeOperator("(")) {
    const body = parseList(reader, ")");
    if (!reader.takeOperator(")")) reader.unexpected();
    return { kind: "subshell", body, redirects: parseRedirects(reader) };
  }
  switch (reader.peekReserved()) {
    case "{":
      return parseGroup(reader);
    case "if":
      return parseIf(reader);
    case "while":
      return parseLoop(reader, "while");
    case "until":
      return parseLoop(reader, "until");
    case "for":
      return parseFor(reader);
    case "case":
      return parseCase(reader);
  }
  const name = reader.match(/[A-Za-z_][A-Za-z0-9_-]*(?=[ \t]*\([ \t]*\))/y);
  if (name !== undefined) {
    reader.match(/[ \t]*\([ \t]*\)/y);
    reader.skipNewlines();
    return { kind: "function", name, body: parseCommand(reader) };
  }
  return parseSimple(reader);
}

function expect(reader: Reader, word: string): void {
  if (!reader.takeReserved(word)) reader.unexpected();
}

/** A list that must hold a command, up to a closing word. */
function parseBody(reader: Reader): List {
  const list = parseList(reader, "");
  if (list.length === 0) reader.unexpected();
  return list;
}

function parseGroup(reader: Reader): Command {
  expect(reader, "{");
  const body = parseBody(reader);
  expect(reader, "}");
  return { kind: "group", body, redirects: parseRedirects(reader) };
}

function parseIf(reader: Reader): Command {
  const branches: { condition: List; body: List }[] = [];
  expect(reader, "if");
  do {
    const condition = parseBody(reader);
    expect(reader, "then");
    branches.push({ condition, body: parseBody(reader) });
  } while (reader.takeReserved("elif"));
  const otherwise = reader.takeReserved("else") ? parseBody(reader) : undefined;
  expect(reader, "fi");
  return { kind: "if", branches, ...(otherwise ? { otherwise } : {}), redirects: parseRedirects(reader) };
}

function parseLoop(reader: Reader, kind: "while" | "until"): Command {
  expect(reader, kind);
  const condition = parseBody(reader);
  expect(reader, "do");
  const body = parseBody(reader);
  expect(reader, "done");
  return { kind, condition, body, redirects: parseRedirects(reader) };
}

function parseFor(reader: Reader): Command {
  expect(reader, "for");
  const name = reader.match(/[A-Za-z_][A-Za-z0-9_]*/y) ?? reader.fail("Bad for loop variable");
  reader.skipNewlines();
  let words: Word[] | undefined;
  if (reader.takeReserved("in")) {
    words = [];
    for (;;) {
      reader.skipBlanks();
      const word = reader.readWord();
      if (!word) break;
      words.push(word);
    }
  }
  reader.takeOperator(";");
  reader.skipNewlines();
  expect(reader, "do");
  const body = parseBody(reader);
  expect(reader, "done");
  return { kind: "for", name, ...(words ? { words } : {}), body, redirects: parseRedirects(reader) };
}

function parseCase(reader: Reader): Command {
  expect(reader, "case");
  const word = reader.readWord() ?? reader.unexpected();
  reader.skipNewlines();
  expect(reader, "in");
  const arms: { patterns: Word[]; body: List }[] = [];
  for (;;) {
    reader.skipNewlines();
    if (reader.takeReserved("esac")) return { kind: "case", word, arms, redirects: parseRedirects(reader) };
    reader.takeOperator("(");
    const patterns: Word[] = [];
    do {
      reader.skipBlanks();
      patterns.push(reader.readWord() ?? reader.unexpected());
      reader.skipBlanks();
    } while (reader.takeOperator("|"));
    if (!reader.takeOperator(")")) reader.unexpected();
    arms.push({ patterns, body: parseList(reader, ";;") });
    reader.takeOperator(";;");
  }
}

function parseRedirect(reader: Reader): Redirect | undefined {
  const start = reader.position;
  const descriptor = reader.match(/[0-9]+(?=[<>])/y);
  const operator = reader.peekOperator();
  if (operator === undefined || !/[<>]/.test(operator)) {
    reader.position = start;
    return undefined;
  }
  reader.takeOperator(operator);
  const fd = descriptor === undefined ? (operator.startsWith("<") ? 0 : 1) : Number(descriptor);
  if (operator === "<<" || operator === "<<-") {
    const redirect: Redirect = { fd, operator: "<<", target: [] };
    reader.announceHereDocument(redirect, operator === "<<-");
    return redirect;
  }
  return { fd, operator: operator as Redirect["operator"], target: reader.readWord() ?? reader.unexpected() };
}

function parseRedirects(reader: Reader): Redirect[] {
  const redirects: Redirect[] = [];
  for (;;) {
    reader.skipBlanks();
    const redirect = parseRedirect(reader);
    if (!redirect) return redirects;
    redirects.push(redirect);
  }
}

function parseSimple(reader: Reader): Command {
  const assignments: { name: string; value: Word }[] = [];
  const words: Word[] = [];
  const redirects: Redirect[] = [];
  for (;;) {
    reader.skipBlanks();
    const redirect = parseRedirect(reader);
    if (redirect) {
      redirects.push(redirect);
      continue;
    }
    const assignment = words.length === 0 ? reader.match(/[A-Za-z_][A-Za-z0-9_]*=/y) : undefined;
    if (assignment !== undefined) {
      assignments.push({ name: assignment.slice(0, -1), value: reader.readWord() ?? [] });
      continue;
    }
    const word = reader.readWord();
    if (!word) break;
    words.push(word);
  }
  if (assignments.length + words.length + redirects.length === 0) reader.unexpected();
  return { kind: "simple", assignments, words, redirects };
}
