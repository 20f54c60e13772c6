// Redirects: files are the host's, never this machine's.
import { CommandFailure } from "../host-command.ts";
import type { Expander } from "./expand.ts";
import type { ShellState } from "./state.ts";
import { Input, NOWHERE, type Output, type Streams } from "./streams.ts";
import type { Redirect } from "./syntax.ts";

/** The descriptors with the redirects applied; undefined (and a message on stderr) when one cannot be opened. */
export async function openRedirects(
  state: ShellState,
  expander: Expander,
  redirects: readonly Redirect[],
  streams: Streams,
): Promise<Streams | undefined> {
  if (redirects.length === 0) return streams;
  const opened = new Map(streams);
  for (const redirect of redirects) {
    try {
      opened.set(redirect.fd, open(state, redirect.operator, await expander.text(redirect.target), opened));
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      const stderr = streams.get(2);
      if (stderr !== undefined && !(stderr instanceof Input)) stderr.write(`sh: ${error.message}\n`);
      return undefined;
    }
  }
  return opened;
}

function open(state: ShellState, operator: Redirect["operator"], target: string, streams: Streams): Input | Output {
  if (operator === "<<") return new Input(target);
  if (operator === ">&" || operator === "<&") {
    if (target === "-") return operator === "<&" ? new Input() : NOWHERE;
    const source = streams.get(Number(target));
    if (source === undefined) throw new CommandFailure(`${target}: Bad file descriptor`, 2);
    return source;
  }
  const path = state.path(target);
  if (operator === "<") return openForReading(state, path, target);
  if (path === "/dev/null") return NOWHERE;
  const { files } = state.host;
  const directory = path.slice(0, path.lastIndexOf("/")) || "/";
  if (files.isDirectory(path)) throw new CommandFailure(`cannot create ${target}: Is a directory`, 2);
  if (!files.isDirectory(directory)) throw new CommandFailure(`cannot create ${target}: Directory nonexistent`, 2);
  files.write(path, operator === ">>" ? (files.read(path) ?? "") : "");
  return { write: (text) => files.write(path, `${files.read(path) ?? ""}${text}`) };
}

function openForReading(state: ShellState, path: string, target: string): Input {
  if (path === "/dev/null") return new Input();
  const content = state.host.files.read(path);
  if (content === undefined) throw new CommandFailure(`cannot open ${target}: No such file`, 2);
  return new Input(content);
}
