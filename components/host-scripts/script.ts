// The frame of every script that runs on a host: POSIX sh, stops at the first error, says on stderr what it does, and leaves stdout to
// results. Files of the host are read and written by commands only, so that a rehearsal needs nothing but those commands.

/** What a script says about itself in every line it prints. */
export interface ScriptFrame {
  readonly host: string;
  /** A few words, e.g. `management network`. */
  readonly step: string;
}

/** One word for the shell, whatever is in it. */
export function quote(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Wraps the body of a script.
 *
 * - `say words`: a line on stderr; a broken connection is no reason to stop half-way.
 * - `fail words`: the same, and the end.
 * - `wait_for what tries pause command…`: runs the command until it succeeds, `pause` seconds apart, and gives up with its last answer.
 * - `bounded seconds command…`: runs the command and ends it when it takes longer. A session waits for its command without end, whatever
 *   Pulumi is told of timeouts, so nothing that may hang is run without a bound.
 *
 * Uses: cat, grep, printf, sleep, tail, timeout.
 */
export function renderScript(frame: ScriptFrame, body: string): string {
  const usesWait = /\bwait_for\b/.test(body);
  const usesBound = /\bbounded\b/.test(body);
  const usesFail = usesWait || usesBound || /\bfail\b/.test(body);
  return [
    "set -eu",
    `say() { printf '%s: %s\\n' ${quote(`${frame.host}, ${frame.step}`)} "$*" >&2 || :; }`,
    ...(usesFail ? [`fail() { say "$*"; exit 1; }`] : []),
    ...(usesWait ? [waitFor] : []),
    ...(usesBound ? [bounded] : []),
    body.trim(),
    "",
  ].join("\n");
}

const waitFor = `wait_for() {
  what=$1 tries=$2 pause=$3
  shift 3
  until answer=$("$@" 2>&1); do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "gave up waiting for $what; last answer: \${answer:-none}"
    sleep "$pause"
  done
}`;

/** 124 is what `timeout` says of a command that it ended. */
const bounded = `bounded() {
  limit=$1
  shift
  timeout "$limit" "$@" && return 0
  status=$?
  [ "$status" -ne 124 ] || fail "gave up on '$1 $2' after $limit seconds; see the host's task log"
  return "$status"
}`;
